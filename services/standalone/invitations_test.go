package standalone_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// send sends a document and returns how it was answered.
func (a api) sendJSON(t *testing.T, path string, document map[string]string) (int, string) {
	t.Helper()
	body, err := json.Marshal(document)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

// invitedBy imports a list and has it end only after change has made of its accounts
// what a list without passwords makes.
func (a api) invitedBy(t *testing.T, db *bun.DB, list string, change string) string {
	t.Helper()
	status, text := a.sendJSON(t, "/v1/stages/notify/pause", map[string]string{"for": "1h"})
	require.Equal(t, http.StatusOK, status, text)
	id := a.uploadList(t, list)
	a.awaitTask(t, id, func(task contracts.Task) bool { return task.WaitingFor == contracts.Notify })
	_, err := db.NewRaw(change, id).Exec(t.Context())
	require.NoError(t, err)
	status, text = a.sendJSON(t, "/v1/stages/notify/resume", nil)
	require.Equal(t, http.StatusOK, status, text)
	return id
}

func openDatabase(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// withoutPassword makes accounts of an import as a list makes them that has no passwords.
const withoutPassword = "UPDATE people.users SET password_hash = NULL, invitation = 1 WHERE import_id = ?"

var invitationLink = regexp.MustCompile(`(http://[^/\s]+)(/invitation)#([A-Za-z0-9_-]+)`)

// invitations are the links that were mailed to an address, each under its Message-ID.
func (c *catcher) invitations(t *testing.T, recipient string) map[string][]string {
	t.Helper()
	links := make(map[string][]string)
	for _, m := range c.caught(t) {
		id := m.Header.Get("Message-ID")
		if !strings.HasPrefix(id, "<invitation.") || !strings.Contains(m.Header.Get("To"), recipient) {
			continue
		}
		text, html := parts(t, m)
		link := invitationLink.FindStringSubmatch(text)
		require.Len(t, link, 4, text)
		require.Contains(t, html, `<a href="`+link[0]+`">`)
		links[id] = link
	}
	return links
}

// busyAfter has the server take so many mails and then answer to none until it is released:
// so whoever sends is in the middle, however slow it is.
func (c *catcher) busyAfter(t *testing.T, mails int64) (release func()) {
	t.Helper()
	var taken atomic.Int64
	released := make(chan struct{})
	release = sync.OnceFunc(func() { close(released) })
	t.Cleanup(release)
	c.answers(func() error {
		if taken.Add(1) > mails {
			<-released
		}
		return nil
	})
	return release
}

func TestInvitationThatIsMailedMakesItsReaderSignInOnce(t *testing.T) {
	t.Parallel()
	folder, smtp, database := dataFolder(t), newCatcher(t), postgrestest.URL(t)
	p := up(t, folder, "USHER_SMTP_URL=smtp://"+smtp.address, "USHER_DATABASE_URL="+database)
	admin, nobody, db := as(t, p, folder, "operator@admins.example", true), api{url: p.url}, openDatabase(t, database)
	id := admin.invitedBy(t, db, historic+
		"ada,Ada,Berg,ada@crew.example,41,Oslo,the horse of ada,\r\nbob,Bob,Dahl,bob@crew.example,7,Oslo,the horse of bob,\r\n", withoutPassword)
	admin.succeeded(t, id)

	var first []string
	require.Eventually(t, func() bool {
		for _, link := range smtp.invitations(t, "ada@crew.example") {
			first = link
		}
		return first != nil
	}, patience, glance)
	require.Equal(t, p.url, first[1], "the link leads to this Usher")
	page := nobody.answer(t, first[2])
	require.Equal(t, http.StatusOK, page.StatusCode)
	require.NoError(t, page.Body.Close())

	// Nobody signs in before, and a mail that got lost is no end of it.
	status, text := nobody.sendJSON(t, "/v1/auth/session", map[string]string{"login": "ada", "password": "the horse of ada"})
	require.Equal(t, http.StatusUnauthorized, status, text)
	var users struct{ Data []resource }
	admin.get(t, "/v1/users?filter[search]=ada", &users)
	require.Equal(t, true, users.Data[0].Attributes["invited"])
	status, text = admin.sendJSON(t, "/v1/invitations", map[string]string{"user": users.Data[0].ID})
	require.Equal(t, http.StatusAccepted, status, text)
	var second []string
	require.Eventually(t, func() bool {
		for _, link := range smtp.invitations(t, "ada@crew.example") {
			if link[3] != first[3] {
				second = link
			}
		}
		return second != nil
	}, patience, glance)

	const chosen = "Quittengelee of ada"
	accept := func(token string) (int, string) {
		return nobody.sendJSON(t, "/v1/invitations/accept", map[string]string{"token": token, "password": chosen})
	}
	status, text = accept(first[3])
	require.Equal(t, http.StatusGone, status, text)
	status, text = accept(second[3])
	require.Equal(t, http.StatusOK, status, text)
	status, text = accept(second[3])
	require.Equal(t, http.StatusGone, status, text)
	ada := signedIn(t, p.url, "ada", chosen)
	ownsWhatItImports(t, ada, as(t, p, folder, "paul@organizers.example", false))
	require.Len(t, smtp.invitations(t, "ada@crew.example"), 2)
	require.Len(t, smtp.invitations(t, "bob@crew.example"), 1)

	// A discard takes the account along, and with it what its link could open.
	var ofBob []string
	for _, link := range smtp.invitations(t, "bob@crew.example") {
		ofBob = link
	}
	admin.command(t, http.MethodDelete, id, http.StatusAccepted)
	require.Eventually(t, func() bool {
		status, _ := accept(ofBob[3])
		return status == http.StatusGone
	}, patience, 100*time.Millisecond)

	mails := nobody
	mails.token = admin.token
	answer := mails.answer(t, "/v1/mails")
	shown, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	for where, text := range map[string]string{
		"the database": everyTable(t, database), "the broker": everyMessage(t, p), "the log": p.log.String(), "the mails that are shown": string(shown),
	} {
		for _, token := range []string{first[3], second[3], ofBob[3]} {
			require.NotContains(t, text, token, where)
		}
	}
}

func TestKillInTheMiddleOfManyInvitationsLeavesOneForEach(t *testing.T) {
	t.Parallel()
	folder, smtp, database := dataFolder(t), newCatcher(t), postgrestest.URL(t)
	settings := []string{"USHER_SMTP_URL=smtp://" + smtp.address, "USHER_DATABASE_URL=" + database}
	p := up(t, folder, settings...)
	admin, db := as(t, p, folder, "operator@admins.example", true), openDatabase(t, database)
	const many, connections = 2000, 4
	release := smtp.busyAfter(t, many/4)
	id := admin.invitedBy(t, db, historic+"ada,Ada,Berg,ada@crew.example,41,Oslo,the horse of ada,\r\n",
		`INSERT INTO people.users (import_id, attempt, origin, nick, email, nick_key, email_key, invitation)
		SELECT ?, 1, 'n' || n, 'crew' || n, n || '@crew.example', 'crew' || n, n || '@crew.example', 1 FROM generate_series(1, 2000) AS n`)
	require.Eventually(t, func() bool { return len(smtp.caught(t)) >= many/4+connections }, patience, glance)
	p.kill(t)
	release()

	p = up(t, folder, settings...)
	admin.url = p.url
	// The leases of the process that was killed end, as they would by themselves.
	_, err := db.NewRaw("UPDATE notify.mails SET next_try = now() WHERE state = 'pending'").Exec(t.Context())
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var left int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM notify.mails WHERE state <> 'sent'").Scan(t.Context(), &left))
		return left == 0
	}, patience, 50*time.Millisecond)
	admin.succeeded(t, id)

	recipients := make(map[string]string)
	for _, m := range smtp.caught(t) {
		id, to := m.Header.Get("Message-ID"), m.Header.Get("To")
		if !strings.HasPrefix(id, "<invitation.") {
			continue
		}
		if known, ok := recipients[to]; ok {
			require.Equal(t, known, id, "who gets a mail again gets the same")
		}
		recipients[to] = id
	}
	require.Len(t, recipients, many)
	require.Len(t, smtp.distinctIDs(t), many+1, "and one mail of the import")
	require.LessOrEqual(t, len(smtp.caught(t)), many+1+connections, "only what was on its way comes again")
}
