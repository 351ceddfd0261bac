package query_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

// requirePage holds what is true of every page: it is nobody else's, nothing
// keeps it, and what is in it can be neither script nor style.
func requirePage(t *testing.T, a answer, status int) {
	t.Helper()
	require.Equal(t, status, a.status, a.text)
	require.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	require.Equal(t, "private, no-store", a.header.Get("Cache-Control"))
	require.Equal(t, "no-referrer", a.header.Get("Referrer-Policy"))
	require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	require.Equal(t, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'", a.header.Get("Content-Security-Policy"))
	for _, inline := range []string{"<style", " style=", " onclick=", "javascript:", "ZgotmplZ"} {
		require.NotContains(t, a.text, inline)
	}
	require.Equal(t, strings.Count(a.text, "<script"), strings.Count(a.text, `<script src="/static/`))
}

func (b *bench) requireLedTo(t *testing.T, a answer, path string) {
	t.Helper()
	require.Equal(t, http.StatusSeeOther, a.status, a.text)
	require.Equal(t, path, a.header.Get("Location"))
	require.Equal(t, "private, no-store", a.header.Get("Cache-Control"))
}

// session is the cookie of an answer.
func session(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	require.Len(t, cookies, 1)
	return cookies[0]
}

func TestLinkSignsInOnceAndNoSecondTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/"), "/signin")
	code, err := b.signer.IssueCode(olga, time.Minute)
	require.NoError(t, err)

	looked := b.ask(t, nobody, http.MethodHead, "/signin/"+code)
	require.Empty(t, looked.header.Get("Set-Cookie"), "who only looks does not use it up")
	signedIn := b.ask(t, nobody, http.MethodGet, "/signin/"+code)
	b.requireLedTo(t, signedIn, "/")
	require.Equal(t, "no-referrer", signedIn.header.Get("Referrer-Policy"))
	cookie := session(t, signedIn)
	require.True(t, cookie.HttpOnly)
	require.True(t, cookie.Secure, "the public address is https")
	require.WithinDuration(t, time.Now().Add(12*time.Hour), cookie.Expires, time.Hour)
	who, err := b.res.Auth.Verify(cookie.Value)
	require.NoError(t, err)
	require.WithinDuration(t, cookie.Expires, who.Until, time.Minute)
	who.Until = time.Time{}
	require.Equal(t, olga, who)
	requirePage(t, b.ask(t, nobody, http.MethodGet, "/", "Cookie", cookie.Name+"="+cookie.Value), http.StatusOK)

	again := b.ask(t, nobody, http.MethodGet, "/signin/"+code)
	requirePage(t, again, http.StatusGone)
	require.Contains(t, again.text, "This link has been used")
	require.Empty(t, again.header.Get("Set-Cookie"))
}

func TestLinkThatManyOpenAtOnceSignsInOneOfThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	code, err := b.signer.IssueCode(olga, time.Minute)
	require.NoError(t, err)
	answers := make([]answer, 8)
	var group sync.WaitGroup
	for n := range answers {
		group.Go(func() { answers[n] = b.ask(t, nobody, http.MethodGet, "/signin/"+code) })
	}
	group.Wait()
	in := 0
	for _, a := range answers {
		if a.status == http.StatusSeeOther {
			in++
			continue
		}
		requirePage(t, a, http.StatusGone)
	}
	require.Equal(t, 1, in)
}

func TestWhatIsNoCodeSignsNobodyIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	token, err := b.signer.Issue(olga, time.Hour)
	require.NoError(t, err)
	expired, err := b.signer.IssueCode(olga, -time.Hour)
	require.NoError(t, err)
	for _, bad := range []string{token, expired, "nonsense", "a.b.c"} {
		a := b.ask(t, nobody, http.MethodGet, "/signin/"+bad)
		requirePage(t, a, http.StatusGone)
		require.Empty(t, a.header.Get("Set-Cookie"))
	}
	code, err := b.signer.IssueCode(olga, time.Minute)
	require.NoError(t, err)
	b.requireProblem(t, b.ask(t, nobody, http.MethodGet, "/v1/imports", "Authorization", "Bearer "+code), http.StatusUnauthorized, "token_invalid")
}

func TestUsedCodesAreForgottenOnceTheyHaveLongExpired(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO query.signins VALUES ('old', now() - interval '1 day'), ('young', now() - interval '1 minute')`)
	require.NoError(t, err)
	code, err := b.signer.IssueCode(olga, time.Minute)
	require.NoError(t, err)
	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/signin/"+code), "/")
	var left []string
	require.NoError(t, b.res.DB.NewSelect().TableExpr("query.signins").Column("jti").Order("expires_at").Scan(t.Context(), &left))
	require.Len(t, left, 2)
	require.Equal(t, "young", left[0])
}

func TestSigningOutEndsTheSessionAndOnlyFromAPageOfOurs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := b.ask(t, nobody, http.MethodPost, "/signout", "Sec-Fetch-Site", "same-origin")
	b.requireLedTo(t, out, "/signin")
	require.Empty(t, session(t, out).Value)
	require.True(t, session(t, out).Expires.Before(time.Now()))
	refused := b.ask(t, nobody, http.MethodPost, "/signout", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	b.requireProblem(t, refused, http.StatusForbidden, "cross_origin")
	require.Empty(t, refused.header.Get("Set-Cookie"))
}

func TestSignInPageSaysThatItWasRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.ask(t, nobody, http.MethodGet, "/signin")
	requirePage(t, page, http.StatusOK)
	require.Contains(t, page.text, `action="/v1/auth/session"`)
	require.NotContains(t, page.text, "This did not work")
	require.Contains(t, b.ask(t, nobody, http.MethodGet, "/signin?refused=1").text, "This did not work")
	for seconds, words := range map[string]string{
		"1": "in a second.", "42": "in 42 seconds.", "99": "in 99 seconds.", "100": "in 2 minutes.", "900": "in 15 minutes.",
		"": "in a while.", "-4": "in a while.", "99999999999": "in a while.", "<b>": "in a while.",
	} {
		page = b.ask(t, nobody, http.MethodGet, "/signin?later="+url.QueryEscape(seconds))
		requirePage(t, page, http.StatusOK)
		require.Contains(t, page.text, "Signing in has failed too often, so your password was not looked at. Try again "+words)
		require.NotContains(t, page.text, "This did not work")
	}
}

func TestPageOfAnInvitationTakesThePasswordAndSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.ask(t, nobody, http.MethodGet, "/invitation")
	requirePage(t, page, http.StatusOK)
	require.Contains(t, page.text, `method="post" action="/v1/invitations/accept"`)
	require.Contains(t, page.text, `minlength="10"`)
	require.Contains(t, page.text, "At least 10 characters.", "the setting says so")
	require.NotContains(t, page.text, `role="alert"`)
	for query, words := range map[string]string{
		"gone=1": "This link has been used", "long=1": "too long", "short=12": "at least 12 characters", "short=9": "at least 10 characters", "later=90": "Try again in 90 seconds.",
	} {
		page := b.ask(t, nobody, http.MethodGet, "/invitation?"+query)
		requirePage(t, page, http.StatusOK)
		require.Contains(t, page.text, words)
		require.Contains(t, page.text, `role="alert"`)
	}
	// Anybody can write an address.
	for _, query := range []string{"short=3", "short=<b>", "short=99999999999", "short="} {
		page := b.ask(t, nobody, http.MethodGet, "/invitation?"+url.PathEscape(query))
		requirePage(t, page, http.StatusOK)
		require.NotContains(t, page.text, `role="alert"`, query)
	}
}

func TestFirstPageListsOnesOwnImports(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.carried.FileName = `<script>alert("lakeside")</script>.zip`
	c.request()
	var own answer
	require.Eventually(t, func() bool {
		own = b.ask(t, olga, http.MethodGet, "/")
		return strings.Contains(own.text, c.id)
	}, soon, 10*time.Millisecond)
	requirePage(t, own, http.StatusOK)
	require.Contains(t, own.text, "/imports/"+c.id)
	require.Contains(t, own.text, "&lt;script&gt;")
	require.Contains(t, own.text, "Waiting for its turn")
	require.NotContains(t, own.text, ".csv", "lists of users are for administrators")
	others := b.ask(t, paul, http.MethodGet, "/")
	requirePage(t, others, http.StatusOK)
	require.NotContains(t, others.text, c.id)
	all := b.ask(t, admin, http.MethodGet, "/")
	require.Contains(t, all.text, c.id)
	require.Contains(t, all.text, ".csv,.xlsx")
}

func TestPageOfAnImportIsForItsOwnerAndSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.complete(contracts.Event, nil)
	c.waits(contracts.Started, "Waiting for people") // progress is of another stream, and may overtake
	c.progress(contracts.Progress{Stage: contracts.People, Type: contracts.Speakers, Done: 3, Total: 12})
	c.waits(contracts.Started, "Importing speakers (3/12)")
	path := "/imports/" + c.id

	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, path), "/signin")
	requirePage(t, b.ask(t, paul, http.MethodGet, path), http.StatusNotFound)
	requirePage(t, b.ask(t, olga, http.MethodGet, "/imports/"+uuid.NewString()), http.StatusNotFound)
	requirePage(t, b.ask(t, olga, http.MethodGet, "/imports/nonsense"), http.StatusNotFound)
	for _, who := range []auth.Identity{olga, admin} {
		page := b.ask(t, who, http.MethodGet, path)
		requirePage(t, page, http.StatusOK)
		for _, text := range []string{
			"lakeside.zip", "Bringing in speakers and sponsors", "3 of 12", "Rooms", `data-final="false"`,
			`data-stage="event" data-mark="done"><span class="name">Check</span> <span class="mark">done</span> <span class="time">`,
			`data-stage="people" data-mark="running"><span class="name">People</span> <span class="mark">running</span> <span class="time">since `,
			`data-stage="schedule" data-mark="waiting"><span class="name">Schedule</span> <span class="mark">waiting</span></li>`,
			`data-ask="ask-cancel"`, `data-path="/v1/imports/` + c.id + `/cancel"`, "Attempt 1", "by <bdi>olga@organizers.example</bdi>",
		} {
			require.Contains(t, page.text, text)
		}
		require.NotContains(t, page.text, ">microlocations<")
		require.NotContains(t, page.text, "ask-discard", "what has not ended is canceled")
		require.NotContains(t, page.text, "Waiting for schedule")
	}

	c.makeEvent("c4f1a9e2")
	c.succeed()
	c.waits(contracts.Success, "Imported Lakeside Open Days")
	done := b.ask(t, olga, http.MethodGet, path)
	requirePage(t, done, http.StatusOK)
	require.Contains(t, done.text, `href="https://usher.example/e/c4f1a9e2"`)
	require.Contains(t, done.text, `href="/imports/01c29f11-5d3a-7b08-8a55-91c07be3d240"`)
	require.NotContains(t, done.text, `data-mark="waiting"`)
	for _, text := range []string{`data-ask="ask-discard"`, `data-method="DELETE" data-path="/v1/imports/` + c.id + `"`, `data-body="{&#34;force&#34;:true}"`} {
		require.Contains(t, done.text, text)
	}
	require.NotContains(t, done.text, "ask-cancel")
	require.Contains(t, b.ask(t, olga, http.MethodGet, "/").text, "Lakeside Open Days")
}

func TestPageOfAFailedImportShowsWhatWasFoundAndWhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	hostile := contracts.Issue{
		Severity: contracts.Error, Code: "required_field_missing", File: "sessions", Line: 12, Message: `Field <img src=x onerror=alert(1)> is missing`, Hint: "Add a title.",
	}
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO event.issues (import_id, stage, attempt, n, severity, code, file, pointer, line, col, source_id, message, value, hint)
		SELECT ?, 'event', 1, n, 'error', 'required', 'sessions', '', 11 + n, CASE n WHEN 2 THEN 7 ELSE 0 END, '', ?, '<b>found', 'Add a title.' FROM generate_series(1, 120) AS n`, c.id, hostile.Message)
	require.NoError(t, err)
	_, err = b.res.DB.ExecContext(t.Context(), `INSERT INTO event.issues (import_id, stage, attempt, n, severity, code, message)
		VALUES (?0, 'event', 1, -1, 'info', 'x', 'The last'), (?0, 'event', 1, 0, 'warning', 'x', 'After the errors')`, c.id)
	require.NoError(t, err)
	c.fail(contracts.Event, contracts.IssueCounts{Error: 120, Warning: 1, Info: 1}, hostile)
	c.waits(contracts.Failure, contracts.Summary([]contracts.Issue{hostile}, contracts.IssueCounts{Error: 120}))
	page := b.ask(t, olga, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		"Failed", "Try again", `<td class="file">sessions</td><td class="line">12</td>`, `<td class="line">13, column 7</td>`, "upload it again", "&lt;img src=x", "Add a title.",
		"These are the first 22 of 122.", "These are the first 20 of 120.", "Errors: 120", `data-stage="event" data-mark="failed"`, `<option value="event" selected>Check, where it has failed</option>`,
		`<code class="value">&lt;b&gt;found</code>`,
	} {
		require.Contains(t, page.text, text)
	}
	require.NotContains(t, page.text, "<img src=x")
	require.Equal(t, 1+20, strings.Count(page.text, `data-severity="error"`), "of a group the first are shown")
	require.Less(t, strings.Index(page.text, `data-key="required"`), strings.Index(page.text, `data-key="x"`), "errors come first")
	require.NotContains(t, page.text, `<option value="people"`, "what is behind the failure has nothing to begin with")

	warnings := b.ask(t, olga, http.MethodGet, "/imports/"+c.id+"?severity=warning")
	requirePage(t, warnings, http.StatusOK)
	require.Contains(t, warnings.text, "After the errors")
	require.Contains(t, warnings.text, `href="/v1/imports/`+c.id+`/issues?format=csv&amp;filter[severity]=warning"`)
	require.NotContains(t, warnings.text, "The last")
	require.NotContains(t, warnings.text, `data-key="required"`)
	files := b.ask(t, olga, http.MethodGet, "/imports/"+c.id+"?by=file")
	requirePage(t, files, http.StatusOK)
	require.Contains(t, files.text, `<span class="what" dir="auto">sessions</span> <span class="count">120</span>`)
	require.Contains(t, files.text, `<span class="what" dir="auto">The file as a whole</span> <span class="count">2</span>`)
	requirePage(t, b.ask(t, olga, http.MethodGet, "/imports/"+c.id+"?by=%3Cb%3E&severity=%00"), http.StatusOK)
	listed := b.ok(t, olga, "/v1/imports/"+c.id+"/issues?page[size]=100&page[number]=2")
	require.Equal(t, "error", at(listed.body, "data", 19, "severity"))
	require.Equal(t, "After the errors", at(listed.body, "data", 20, "message"))
	require.Equal(t, "The last", at(listed.body, "data", 21, "message"))
}

func TestFilesOfThePagesAreAskedForAgainAndNotSentAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, contentType := range map[string]string{
		"usher.css": "text/css; charset=utf-8", "usher.js": "text/javascript; charset=utf-8", "follow.js": "text/javascript; charset=utf-8", "usher.svg": "image/svg+xml",
		"frame.css": "text/css; charset=utf-8", "bell.js": "text/javascript; charset=utf-8",
	} {
		a := b.ask(t, nobody, http.MethodGet, "/static/"+name)
		require.Equal(t, http.StatusOK, a.status)
		require.Equal(t, contentType, a.header.Get("Content-Type"))
		require.Equal(t, "no-cache", a.header.Get("Cache-Control"))
		require.NotEmpty(t, a.text)
		require.Equal(t, http.StatusNotModified, b.ask(t, nobody, http.MethodGet, "/static/"+name, "If-None-Match", a.header.Get("ETag")).status)
	}
	for _, name := range []string{"usher", "page", "upload", "invitation", "import", "follow", "parts", "commands", "mapping", "mended", "start"} {
		a := b.ask(t, nobody, http.MethodGet, "/static/"+name+".js")
		require.Equal(t, http.StatusOK, a.status, name)
		require.NotRegexp(t, "innerHTML|insertAdjacentHTML|document.write|eval", a.text, name)
	}
	for _, name := range []string{"nosuch.js", "..%2fdesk.go"} {
		require.NotEqual(t, http.StatusOK, b.ask(t, nobody, http.MethodGet, "/static/"+name).status)
	}
}

func TestPageOffersOnlyWhatCanBeDone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.complete(contracts.Event, nil)
	c.send(contracts.Ingest, c.res.Broker.Names().Control(c.kind, c.id), &contracts.CancelRequested{By: olga.Owner()})
	c.waits(contracts.Canceled, "Canceled, cleaning up (0/5)")
	canceled := b.ask(t, olga, http.MethodGet, "/imports/"+c.id)
	requirePage(t, canceled, http.StatusOK)
	for _, text := range []string{
		`data-mark="failed">Canceled</span>`, `data-cleaning="true"`, "What was made is being removed: 0 of 5 steps have done so.", `<section id="commands" data-part aria-label="What you can do" hidden>`,
	} {
		require.Contains(t, canceled.text, text)
	}
	require.NotContains(t, canceled.text, "<dialog")

	// Who uploaded a list may be no administrator any more, and then gives it no commands.
	former := b.list(t, olga, contracts.UserList, contracts.Accounts{Created: 3}, "3 users imported")
	require.NotContains(t, b.ask(t, olga, http.MethodGet, "/imports/"+former.id).text, "<dialog")
	require.Contains(t, b.ask(t, admin, http.MethodGet, "/imports/"+former.id).text, `id="ask-discard"`)

	// The list of a check is kept for a day.
	check := b.failedCheck(t)
	path := "/imports/" + check.id
	require.Contains(t, b.ask(t, admin, http.MethodGet, path).text, `id="ask-replay"`)
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = now() - interval '25 hours' WHERE id = ?`, check.id)
	require.NoError(t, err)
	require.NotContains(t, b.ask(t, admin, http.MethodGet, path).text, `id="ask-replay"`)
}
