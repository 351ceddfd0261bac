package notify

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/notify/internal/invitation"
)

// inviting is the last stage of lists of users, and accounts as the people stage leaves them.
type inviting struct {
	stagetest.World
	stage stage.Stage
	cfg   service.Config
}

func newInviting(t *testing.T, smtpURL string) inviting {
	t.Helper()
	i := inviting{World: stagetest.NewWorld(t, tables()...), cfg: service.Config{
		Auth:    auth.Config{Secret: "a secret for tests that is long enough", Issuer: "usher", Audience: "usher"},
		SMTPURL: smtpURL, MailFrom: "usher@conf.example", PublicURL: "https://usher.example",
	}}
	for _, s := range stages(&service.Resources{Config: i.cfg}) {
		if s.Kind == contracts.UserList {
			i.stage = s
		}
	}
	return i
}

// account makes an account of an import; a hash is that of its password.
func (i inviting) account(t *testing.T, importID, nick string, hash any, number any) {
	t.Helper()
	_, err := i.DB.NewRaw(`INSERT INTO people.users (import_id, attempt, origin, nick, email, nick_key, email_key, password_hash, invitation)
		VALUES (?0, 1, ?1, ?1, ?1 || '@crew.example', ?1, ?1 || '@crew.example', ?2, ?3)`, importID, nick, hash, number).Exec(t.Context())
	require.NoError(t, err)
}

// ends runs the stage, with what is done at each of its steps.
func (i inviting) ends(t *testing.T, env contracts.Envelope, at func(stage.Step)) {
	t.Helper()
	data, err := contracts.Encode(env, contracts.CompletionOf(contracts.People, contracts.Completed{Carried: contracts.Carried{
		Blob: "archives/a", Totals: map[contracts.EntityType]int{contracts.Users: 3},
	}}))
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	res := i.Resources
	res.Reached = at
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- stage.NewRunner(i.stage, res).Handle(msg)
	}()
	require.NoError(t, <-ended)
}

// invitations are the mails of an import's invitations: Message-ID, recipient and state.
func (i inviting) invitations(t *testing.T, importID string) []string {
	t.Helper()
	all := []string{}
	require.NoError(t, i.DB.NewRaw(`SELECT m.recipient || ' ' || regexp_replace(m.message_id, u.subject::text, u.nick) || ' ' || m.state
		FROM notify.mails m JOIN people.users u ON u.subject = m.invitee WHERE m.import_id = ? ORDER BY m.id`, importID).Scan(t.Context(), &all))
	return all
}

func (i inviting) again() invitation.Again {
	return invitation.Again{DB: i.DB, Config: invitations(i.cfg), Log: slog.New(slog.DiscardHandler)}
}

func (i inviting) inviteAgain(t *testing.T, nick string) {
	t.Helper()
	_, err := i.DB.NewRaw("UPDATE people.users SET invitation = invitation + 1 WHERE nick = ?", nick).Exec(t.Context())
	require.NoError(t, err)
}

func TestWhoHasNoPasswordIsInvitedOnceWhereverTheProcessDies(t *testing.T) {
	t.Parallel()
	i := newInviting(t, "smtp://mail.example:25")
	passed := 0
	for n, step := range stage.Steps() {
		env := stagetest.NewEnvelope(contracts.UserList)
		nick := func(who string) string { return fmt.Sprintf("%s%d", who, n) }
		i.account(t, env.Import, nick("bob"), nil, 1)
		i.account(t, env.Import, nick("ada"), nil, 1)
		i.account(t, env.Import, nick("cy"), "$argon2id$", nil)
		i.account(t, env.Import, nick("di"), nil, nil)
		i.account(t, uuid.NewString(), nick("eve"), nil, 1)
		died := false
		i.ends(t, env, func(s stage.Step) {
			if s == step {
				died = true
				runtime.Goexit()
			}
		})
		if died {
			passed++
		}
		i.ends(t, env, nil)
		require.Equal(t, []string{
			nick("bob") + "@crew.example invitation." + nick("bob") + ".1@conf.example pending",
			nick("ada") + "@crew.example invitation." + nick("ada") + ".1@conf.example pending",
		}, i.invitations(t, env.Import), step)

		// Another attempt makes nothing anew: these have been told.
		env.Attempt = 2
		i.ends(t, env, nil)
		require.Len(t, i.invitations(t, env.Import), 2)
	}
	require.Greater(t, passed, 5, "the stage passes most of the steps")
}

func TestNobodyIsInvitedBeforeTheEndStandsNorAfterItWasTakenBack(t *testing.T) {
	t.Parallel()
	i := newInviting(t, "smtp://mail.example:25")
	env := stagetest.NewEnvelope(contracts.UserList)
	i.account(t, env.Import, "ada", nil, 1)
	dies := func(s stage.Step) {
		if s == stage.AfterCommit {
			runtime.Goexit()
		}
	}
	i.ends(t, env, dies)
	require.Equal(t, []string{"ada@crew.example invitation.ada.1@conf.example held"}, i.invitations(t, env.Import))
	require.NoError(t, stage.NewRunner(i.stage, i.Resources).Clear(t.Context(), env.Import, contracts.Canceled))
	require.Empty(t, i.invitations(t, env.Import))

	// The people service may be slower: its accounts are there a while longer.
	i.inviteAgain(t, "ada")
	require.NoError(t, i.again().Look(t.Context()))
	require.Empty(t, i.invitations(t, env.Import))
}

func TestFailedImportInvitesNobody(t *testing.T) {
	t.Parallel()
	i := newInviting(t, "smtp://mail.example:25")
	env := stagetest.NewEnvelope(contracts.UserList)
	i.account(t, env.Import, "ada", nil, 1) // of an attempt before
	data, err := contracts.Encode(env, &contracts.StageFailed{
		Carried: contracts.Carried{Blob: "archives/a"}, Stage: contracts.People, Code: "tries_exhausted", Reason: "It did not succeed.", Tries: 8,
	})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, stage.NewRunner(i.stage, i.Resources).Handle(msg))
	require.Empty(t, i.invitations(t, env.Import))
}

func TestWhoIsInvitedAgainGetsOneMoreMailAndTheOldOneIsGivenUp(t *testing.T) {
	t.Parallel()
	i := newInviting(t, "smtp://mail.example:25")
	env := stagetest.NewEnvelope(contracts.UserList)
	for _, nick := range []string{"ada", "bob", "cy"} {
		i.account(t, env.Import, nick, nil, 1)
	}
	i.inviteAgain(t, "ada")
	require.NoError(t, i.again().Look(t.Context()))
	require.Empty(t, i.invitations(t, env.Import), "the import has not ended")
	i.ends(t, env, nil)
	_, err := i.DB.NewRaw("UPDATE notify.mails SET state = 'sent' WHERE recipient = 'cy@crew.example'").Exec(t.Context())
	require.NoError(t, err)

	i.inviteAgain(t, "bob")
	i.inviteAgain(t, "cy")
	var group sync.WaitGroup
	for range 4 { // of any number of replicas
		group.Go(func() { require.NoError(t, i.again().Look(context.WithoutCancel(t.Context()))) })
	}
	group.Wait()
	require.ElementsMatch(t, []string{
		"ada@crew.example invitation.ada.2@conf.example pending",
		"bob@crew.example invitation.bob.1@conf.example failed",
		"cy@crew.example invitation.cy.1@conf.example sent",
		"bob@crew.example invitation.bob.2@conf.example pending",
		"cy@crew.example invitation.cy.2@conf.example pending",
	}, i.invitations(t, env.Import))

	// Another domain of the sender is no reason to write to everybody again.
	i.cfg.MailFrom = "usher@elsewhere.example"
	require.NoError(t, i.again().Look(t.Context()))
	require.Len(t, i.invitations(t, env.Import), 5)

	// Who has chosen a password is invited no more.
	_, err = i.DB.NewRaw("UPDATE people.users SET password_hash = '$argon2id$', invitation = 3 WHERE nick = 'bob'").Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, i.again().Look(t.Context()))
	require.Len(t, i.invitations(t, env.Import), 5)

	require.NoError(t, stage.NewRunner(i.stage, i.Resources).Clear(t.Context(), env.Import, contracts.Discarded))
	require.Empty(t, i.invitations(t, env.Import))
}

// mails are what an administrator reads of all mails, newest first.
func (i inviting) mails(t *testing.T) string {
	t.Helper()
	verifier, err := auth.NewVerifier(i.cfg.Auth)
	require.NoError(t, err)
	signer, err := auth.NewSigner(i.cfg.Auth)
	require.NoError(t, err)
	token, err := signer.Issue(auth.Identity{Subject: "ada", Admin: true}, time.Hour)
	require.NoError(t, err)
	handler := routes(&service.Resources{DB: i.DB, Auth: verifier, Log: i.Log, Config: i.cfg})["GET /v1/mails"]
	request := httptest.NewRequest(http.MethodGet, "/v1/mails", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return answer.Body.String()
}

var linkOfMail = regexp.MustCompile(`https://usher\.example/invitation#([A-Za-z0-9_-]+)`)

func TestLinkOfAMailThatIsKeptIsForTheAdministrator(t *testing.T) {
	t.Parallel()
	i := newInviting(t, "")
	env := stagetest.NewEnvelope(contracts.UserList)
	i.account(t, env.Import, "ada", nil, 1)
	i.ends(t, env, nil)
	mails := i.mails(t)
	require.Contains(t, mails, "Your account at usher.example")
	require.Contains(t, mails, "The link works once, until ")
	link := linkOfMail.FindStringSubmatch(mails)
	require.Len(t, link, 2, mails)
	inviter, err := auth.NewInviter(i.cfg.Auth)
	require.NoError(t, err)
	read, err := inviter.Read(link[1])
	require.NoError(t, err)
	var subject uuid.UUID
	require.NoError(t, i.DB.NewRaw("SELECT subject FROM people.users WHERE nick = 'ada'").Scan(t.Context(), &subject))
	require.Equal(t, subject, read.Account)
	require.Equal(t, 1, read.Number)
	require.WithinDuration(t, time.Now().Add(14*24*time.Hour), read.Expires, time.Minute)
	require.NotContains(t, everyRow(t, i.DB), link[1])
}

func TestLinkOfAMailThatIsSentIsForNobodyElse(t *testing.T) {
	t.Parallel()
	i := newInviting(t, "smtp://mail.example:25")
	env := stagetest.NewEnvelope(contracts.UserList)
	i.account(t, env.Import, "ada", nil, 1)
	i.ends(t, env, nil)
	mails := i.mails(t)
	require.Contains(t, mails, "The link stands only in the mail itself.")
	require.NotContains(t, mails, "/invitation#")
}

// everyRow is all that the outbox keeps.
func everyRow(t *testing.T, db *bun.DB) string {
	t.Helper()
	var rows []string
	require.NoError(t, db.NewRaw("SELECT m::text FROM notify.mails m").Scan(t.Context(), &rows))
	require.NotEmpty(t, rows)
	return strings.Join(rows, "\n")
}
