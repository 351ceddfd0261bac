package standalone_test

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// What nobody may find anywhere but where it was set.
const (
	jwtSecret        = "Quittengelee-signs-all-of-the-tokens-here"
	databasePassword = "Dachgaube/opens:the@database"
	smtpPassword     = "Kaltmamsell%sends&the=mails"
	listPassword     = "Zinnober+of the list"
	wrongPassword    = "Grünspan is not the password"
	typedAsLogin     = "Ultramarin-typed-where-the-login-belongs"
	basicPassword    = "Bernstein-of-another-scheme"
)

// hoard collects the secrets of a run.
type hoard map[string]string

// add notes a secret and returns it.
func (h hoard) add(what, secret string) string {
	h[what] = secret
	return secret
}

// spellings are the ways in which a secret may be written down.
func spellings(secret string) []string {
	all := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:],
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		hex.EncodeToString([]byte(secret)),
	}
	quoted, err := json.Marshal(secret)
	if err == nil {
		all = append(all, strings.Trim(string(quoted), `"`))
	}
	if parts := strings.Split(secret, "."); len(parts) == 3 {
		all = append(all, parts[1], parts[2]) // of a token
	}
	return all
}

// notIn looks for the secrets in some text.
func (h hoard) notIn(t *testing.T, where, text string) {
	t.Helper()
	require.NotEmpty(t, text, where)
	for what, secret := range h {
		for _, spelling := range spellings(secret) {
			if at := strings.Index(text, spelling); at >= 0 {
				require.Fail(t, "a secret got out", "%s is in %s: …%s…", what, where, text[max(0, at-300):min(len(text), at+300)])
			}
		}
	}
}

func TestNoSecretIsFoundAnywhereAfterAllThatCanHappen(t *testing.T) {
	t.Parallel()
	h := hoard{
		"the JWT secret": jwtSecret, "the password of the database": databasePassword, "the password of the mail server": smtpPassword,
		"a password of a list": listPassword, "a wrong password": wrongPassword, "what was typed as a login": typedAsLogin,
		"a password of another scheme": basicPassword, "SMTP's credentials": "\x00mailer\x00" + smtpPassword,
	}
	folder, blobs, database := dataFolder(t), t.TempDir(), postgrestest.URL(t)
	withPassword, err := url.Parse(database)
	require.NoError(t, err)
	withPassword.User = url.UserPassword(withPassword.User.Username(), databasePassword)
	smtp := &url.URL{Scheme: "smtp", User: url.UserPassword("mailer", smtpPassword), Host: newGossip(t, smtpPassword)}
	p := up(t, folder, "USHER_JWT_SECRET="+jwtSecret, "USHER_DATABASE_URL="+withPassword.String(),
		"USHER_BUCKET_URL=file://"+blobs, "USHER_SMTP_URL="+smtp.String())
	env := []string{"USHER_JWT_SECRET=" + jwtSecret}
	as := func(email string, more ...string) api {
		args := append([]string{"token", "--email", email}, more...)
		return api{url: p.url, token: h.add("the token of "+email, output(t, env, args...))}
	}
	olga, admin := as("olga@organizers.example"), as("operator@admins.example", "--admin")
	var answers strings.Builder
	send := func(method, path, body string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
		require.NoError(t, err)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := (&http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}).Do(req)
		require.NoError(t, err)
		defer func() { require.NoError(t, res.Body.Close()) }()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(text) + res.Header.Get("Location")
	}
	// refused is send for what must fail; its answer repeats no secret.
	refused := func(method, path, body string, header ...string) {
		t.Helper()
		status, text := send(method, path, body, header...)
		require.GreaterOrEqual(t, status, 400, text)
		require.Less(t, status, 500, text)
		answers.WriteString(text)
	}

	// Imports, good and bad, of archives and of lists.
	good := olga.upload(t, made(t, 12, 6, 7))
	olga.succeeded(t, good)
	ids := []string{good, olga.upload(t, zipped(t, map[string]string{"event": `{"name": 1,`}))}
	rows := "ada,Ada,Berg,ada@crew.example,41,Oslo," + listPassword + ",\r\n"
	for _, list := range []string{
		historic + rows,
		historic + rows + "cy,Cy,Dahl,cy-at-crew,,Oslo," + listPassword + ",\r\n",
		historic + "cy,Cy,Dahl," + listPassword + ",12,Oslo,cy@crew.example,\r\n",
		listPassword + ",of,cy,in,the,wrong,place\r\n",
		historic + "cy,Cy,Dahl,cy@crew.example,12,Oslo,\"" + listPassword + "\" of cy,\r\n",
	} {
		ids = append(ids, admin.uploadList(t, list))
	}
	for _, id := range ids {
		require.True(t, admin.ended(t, id).State.Final())
	}
	refused("POST", "/v1/users/import/csv", "x", "Authorization", "Bearer "+olga.token)
	refused("POST", "/v1/events/import/json", "x", "Authorization", "Bearer "+olga.token, "Content-Type", "multipart/form-data; boundary=x")

	// Signing in, right and wrong, by all ways.
	ada := signedIn(t, p.url, "ada", listPassword)
	h.add("the token of a session", ada.token)
	session := func(login, password string) string {
		body, err := json.Marshal(map[string]string{"login": login, "password": password})
		require.NoError(t, err)
		return string(body)
	}
	refused("POST", "/v1/auth/session", session("ada", wrongPassword), "Content-Type", "application/json")
	refused("POST", "/v1/auth/session", session(typedAsLogin, wrongPassword), "Content-Type", "application/json")
	refused("POST", "/v1/auth/session", `{"login": "ada", "password": "`+wrongPassword, "Content-Type", "application/json")
	status, text := send("POST", "/v1/auth/session", url.Values{"login": {"ada"}, "password": {wrongPassword}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusSeeOther, status, text)
	require.Contains(t, text, "/signin?", "the form is shown again")
	answers.WriteString(text)
	refused("POST", "/v1/users", `{"nick": "x", "email": "y", "password": "`+wrongPassword+`"}`, "Content-Type", "application/json", "Authorization", "Bearer "+admin.token)
	link, err := url.Parse(output(t, env, "signin", "--server", p.url))
	require.NoError(t, err)
	h.add("a code to sign in", strings.TrimPrefix(link.Path, "/signin/"))
	status, text = send("GET", link.Path, "")
	require.Equal(t, http.StatusSeeOther, status, text)
	refused("GET", link.Path, "")
	refused("GET", link.Path+"x", "")
	refused("GET", "/v1/imports", "", "Authorization", "Bearer "+h.add("a token that is damaged", olga.token[:len(olga.token)-8]+"AAAAAAAA"))
	refused("GET", "/v1/imports", "", "Authorization", "Basic "+h.add("another scheme", base64.StdEncoding.EncodeToString([]byte("ada:"+basicPassword))))

	// An invitation: mailed to a server that refuses, followed too briefly, and followed.
	inviter, err := auth.NewInviter(auth.Config{Secret: jwtSecret})
	require.NoError(t, err)
	db, err := postgres.Open(t.Context(), withPassword.String())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var account uuid.UUID
	require.NoError(t, db.NewRaw("UPDATE people.users SET password_hash = NULL, invitation = 2 WHERE nick = 'ada' RETURNING subject").Scan(t.Context(), &account))
	var written time.Time
	require.Eventually(t, func() bool {
		return db.NewRaw("SELECT created_at FROM notify.mails WHERE invitee = ?", account).Scan(t.Context(), &written) == nil
	}, patience, glance)
	invitation := h.add("the token of an invitation", inviter.Token(auth.Invitation{Account: account, Number: 2, Expires: written.Add(14 * 24 * time.Hour)}))
	following := func(password string) string { return `{"token": "` + invitation + `", "password": "` + password + `"}` }
	refused("POST", "/v1/invitations/accept", following("brief"), "Content-Type", "application/json")
	status, text = send("POST", "/v1/invitations/accept", url.Values{"token": {invitation}, "password": {"brief"}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusSeeOther, status, text)
	answers.WriteString(text)
	status, text = send("POST", "/v1/invitations/accept", following(listPassword), "Content-Type", "application/json")
	require.Equal(t, http.StatusOK, status, text)
	refused("POST", "/v1/invitations/accept", following(listPassword), "Content-Type", "application/json")

	// Tickets, used, used again, and for another import.
	status, text = send("POST", "/v1/tasks/"+good+"/ticket", "", "Authorization", "Bearer "+olga.token)
	require.Equal(t, http.StatusCreated, status, text)
	var ticket struct{ Ticket string }
	require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&ticket))
	h.add("a ticket", ticket.Ticket)
	refused("GET", "/v1/tasks/"+ids[1]+"/stream?ticket="+ticket.Ticket, "")
	status, text = send("GET", "/v1/tasks/"+good+"/stream?ticket="+ticket.Ticket, "")
	require.Equal(t, http.StatusOK, status, text)
	refused("GET", "/v1/tasks/"+good+"/stream?ticket="+ticket.Ticket, "")

	// The mail server refuses, and repeats what it was told.
	require.Eventually(t, func() bool {
		_, mails := send("GET", "/v1/mails", "", "Authorization", "Bearer "+admin.token)
		return strings.Contains(mails, "mailer") || strings.Contains(p.log.String(), "535")
	}, patience, glance, "the mail server's answer is told")

	// The database goes away in the middle of an import, and comes back.
	outage := olga.upload(t, made(t, 300, 100, 8))
	reachable := func(allowed bool) {
		server := *withPassword
		server.Path = "/postgres"
		db, err := postgres.Open(t.Context(), server.String())
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		name := strings.TrimPrefix(withPassword.Path, "/")
		_, err = db.NewRaw(fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", name, allowed)).Exec(t.Context())
		require.NoError(t, err)
		if !allowed {
			_, err = db.NewRaw("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?", name).Exec(t.Context())
			require.NoError(t, err)
		}
	}
	logged := len(p.log.String())
	reachable(false)
	status, text = send("GET", "/v1/imports", "", "Authorization", "Bearer "+olga.token)
	require.GreaterOrEqual(t, status, 500, text)
	answers.WriteString(text)
	require.Eventually(t, func() bool { return len(p.log.String()) > logged }, patience, glance, "the outage is told")
	reachable(true)
	olga.succeeded(t, outage)

	for _, id := range append(ids, outage) {
		for _, path := range []string{"/v1/tasks/", "/v1/imports/"} {
			_, text := send("GET", path+id, "", "Authorization", "Bearer "+admin.token)
			answers.WriteString(text)
		}
		for _, list := range []string{"/issues", "/history"} {
			_, text := send("GET", "/v1/imports/"+id+list, "", "Authorization", "Bearer "+admin.token)
			answers.WriteString(text)
		}
	}
	for _, path := range []string{"/v1/mails", "/v1/notifications", "/v1/users", "/metrics"} {
		_, text := send("GET", path, "", "Authorization", "Bearer "+admin.token)
		answers.WriteString(text)
	}
	for _, id := range ids[2:] { // a list that has failed stays for a day, or until this
		admin.discarded(t, id)
	}
	messages := everyMessage(t, p)
	require.Contains(t, messages, good, "what is looked through holds the imports")
	for where, text := range map[string]string{
		"the log": p.log.String(), "the answers": answers.String(), "the broker": messages,
		"the database": everyTable(t, database), "the bucket": everyFile(t, blobs),
	} {
		h.notIn(t, where, text)
	}
}

// newGossip starts a mail server that lets nobody in and tells everybody the
// password that it was given; it returns its address.
func newGossip(t *testing.T, password string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			go func() {
				defer conn.Close() //nolint:errcheck // nothing is kept
				_, _ = fmt.Fprint(conn, "220 gossip.example\r\n")
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					answer := "250 well"
					switch verb, _, _ := strings.Cut(lines.Text(), " "); verb {
					case "EHLO":
						answer = "250-gossip.example\r\n250 AUTH CRAM-MD5"
					case "AUTH":
						answer = fmt.Sprintf("535 5.7.8 mailer may not come in with %s, %s", password,
							base64.StdEncoding.EncodeToString([]byte("\x00mailer\x00"+password)))
					}
					if _, err := fmt.Fprint(conn, answer+"\r\n"); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}
