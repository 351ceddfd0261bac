package people

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

// invite makes an account without a password, as a list does, and returns its id.
func (d *desk) invite(t *testing.T, nick string) string {
	t.Helper()
	var id int64
	require.NoError(t, d.db.NewRaw(`INSERT INTO people.users (import_id, attempt, origin, nick, email, nick_key, email_key, invitation)
		VALUES (?0, 1, '0', ?1, ?1 || '@people.example', ?1, ?1 || '@people.example', 1) RETURNING id`, uuid.NewString(), nick).Scan(t.Context(), &id))
	return fmt.Sprint(id)
}

// link is the token that was mailed to an account.
func (d *desk) link(t *testing.T, nick string, number int, expires time.Time) string {
	t.Helper()
	var subject uuid.UUID
	require.NoError(t, d.db.NewRaw("SELECT subject FROM people.users WHERE nick = ?", nick).Scan(t.Context(), &subject))
	return d.inviter.Token(auth.Invitation{Account: subject, Number: number, Expires: expires})
}

func (d *desk) accept(t *testing.T, token, password string) reply {
	t.Helper()
	return d.post(t, "/v1/invitations/accept", "", map[string]string{"token": token, "password": password})
}

func TestInvitationIsFollowedOnceAndSignsIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.invite(t, "olga")
	soon := time.Now().Add(time.Hour)
	token := d.link(t, "olga", 1, soon)
	require.Equal(t, http.StatusUnauthorized, d.signIn(t, "olga", password).status)
	require.Equal(t, true, d.get(t, "/v1/users/"+id, d.admin).body["data"].(map[string]any)["attributes"].(map[string]any)["invited"])

	a := d.accept(t, token, password)
	require.Equal(t, http.StatusOK, a.status, a.text)
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	require.Equal(t, map[string]any{"id": id, "nick": "olga", "email": "olga@people.example", "admin": false}, a.body["user"])
	session := a.body["token"].(string)
	require.Equal(t, id, d.get(t, "/v1/users/me", session).body["data"].(map[string]any)["id"])
	require.Equal(t, http.StatusOK, d.signIn(t, "olga", password).status)
	require.Equal(t, false, d.get(t, "/v1/users/"+id, d.admin).body["data"].(map[string]any)["attributes"].(map[string]any)["invited"])

	again := d.accept(t, token, password+" of another")
	require.Equal(t, http.StatusGone, again.status, again.text)
	require.Equal(t, "invitation_gone", again.body["code"])
	require.Equal(t, http.StatusOK, d.signIn(t, "olga", password).status, "the first password stays")
	require.NotContains(t, d.said.String(), token)
}

func TestInvitationThatManyFollowAtOnceIsOneOfThems(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invite(t, "olga")
	token := d.link(t, "olga", 1, time.Now().Add(time.Hour))
	statuses := make([]int, 6)
	var group sync.WaitGroup
	for n := range statuses {
		group.Go(func() { statuses[n] = d.accept(t, token, fmt.Sprintf("%s %d", password, n)).status })
	}
	group.Wait()
	won := -1
	for n, status := range statuses {
		if status == http.StatusOK {
			require.Equal(t, -1, won, "%v", statuses)
			won = n
			continue
		}
		require.Equal(t, http.StatusGone, status)
	}
	require.NotEqual(t, -1, won)
	require.Equal(t, http.StatusOK, d.signIn(t, "olga", fmt.Sprintf("%s %d", password, won)).status)
}

func TestInvitationThatDoesNotCountOpensNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invite(t, "olga")
	d.add(t, "paul", nil)
	soon := time.Now().Add(time.Hour)
	good := d.link(t, "olga", 1, soon)
	altered := []byte(good)
	altered[3]++
	for _, c := range []struct {
		what, token string
		status      int
		code        string
	}{
		{"empty", "", http.StatusBadRequest, "invitation_malformed"},
		{"a part", good[:len(good)-1], http.StatusBadRequest, "invitation_malformed"},
		{"altered", string(altered), http.StatusBadRequest, "invitation_malformed"},
		{"a session", d.admin, http.StatusBadRequest, "invitation_malformed"},
		{"NUL", good + "\x00", http.StatusBadRequest, "invitation_malformed"},
		{"expired", d.link(t, "olga", 1, time.Now().Add(-time.Second)), http.StatusGone, "invitation_gone"},
		{"of a later number", d.link(t, "olga", 2, soon), http.StatusGone, "invitation_gone"},
		{"of number 0", d.link(t, "olga", 0, soon), http.StatusGone, "invitation_gone"},
		{"of who has a password", d.link(t, "paul", 1, soon), http.StatusGone, "invitation_gone"},
		{"of nobody", d.inviter.Token(auth.Invitation{Account: uuid.New(), Number: 1, Expires: soon}), http.StatusGone, "invitation_gone"},
	} {
		a := d.accept(t, c.token, password)
		require.Equal(t, c.status, a.status, "%s: %s", c.what, a.text)
		require.Equal(t, c.code, a.body["code"], c.what)
		require.Empty(t, a.header.Values("Set-Cookie"))
	}
	require.Equal(t, http.StatusOK, d.signIn(t, "paul", password).status)
	require.Equal(t, http.StatusOK, d.accept(t, good, password).status)
}

func TestPasswordThatCannotBeLeavesTheInvitationOpen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invite(t, "olga")
	token := d.link(t, "olga", 1, time.Now().Add(time.Hour))
	for bad, code := range map[string]string{"": "password_missing", "Öl 1848": "password_too_short", strings.Repeat("x", 1025): "too_long"} {
		a := d.accept(t, token, bad)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, a.text)
		require.Equal(t, "password", a.body["errors"].([]any)[0].(map[string]any)["field"])
		require.Equal(t, code, a.body["errors"].([]any)[0].(map[string]any)["code"])
		require.NotContains(t, a.text, "1848")
	}
	for range 60 { // it is no guess that failed
		require.Equal(t, http.StatusUnprocessableEntity, d.accept(t, token, "short").status)
	}
	require.Equal(t, http.StatusOK, d.accept(t, token, password).status)
}

func TestClientThatTriesManyLinksWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invite(t, "olga")
	var last reply
	for range 500 { // some are forgotten meanwhile
		if last = d.accept(t, "nonsense", password); last.status != http.StatusBadRequest {
			break
		}
	}
	require.Equal(t, http.StatusTooManyRequests, last.status, last.text)
	require.Equal(t, "too_many_attempts", last.body["code"])
	require.Regexp(t, `^[1-9][0-9]*$`, last.header.Get("Retry-After"))
	var led string
	for range 500 {
		if led = d.form(t, url.Values{"token": {"nonsense"}, "password": {password}}).header.Get("Location"); led != "/invitation?gone=1" {
			break
		}
	}
	require.Regexp(t, `^/invitation\?later=[1-9][0-9]*$`, led)
}

// form sends the form of the page.
func (d *desk) form(t *testing.T, form url.Values, headers ...string) reply {
	t.Helper()
	return d.ask(t, http.MethodPost, "/v1/invitations/accept", "", "application/x-www-form-urlencoded", []byte(form.Encode()), headers...)
}

func TestFormOfAnInvitationStartsASessionOrLeadsBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invite(t, "olga")
	token := d.link(t, "olga", 1, time.Now().Add(time.Hour))
	for location, form := range map[string]url.Values{
		"/invitation?gone=1":  {"token": {"nonsense"}, "password": {password}},
		"/invitation?short=8": {"token": {token}, "password": {"short"}},
		"/invitation?long=1":  {"token": {token}, "password": {strings.Repeat("x", 1025)}},
	} {
		a := d.form(t, form)
		require.Equal(t, http.StatusSeeOther, a.status, a.text)
		require.Equal(t, location, a.header.Get("Location"))
		require.Empty(t, a.header.Values("Set-Cookie"))
	}
	right := url.Values{"token": {token}, "password": {password}}
	foreign := d.form(t, right, "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, foreign.status)
	require.Equal(t, "cross_origin", foreign.body["code"])

	a := d.form(t, right, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusSeeOther, a.status, a.text)
	require.Equal(t, "/", a.header.Get("Location"))
	cookies := (&http.Response{Header: a.header}).Cookies()
	require.Len(t, cookies, 1)
	require.True(t, cookies[0].HttpOnly && cookies[0].Secure)
	visit := httptest.NewRequest(http.MethodGet, "/v1/users/me", nil)
	visit.AddCookie(cookies[0])
	who, err := d.verifier.FromRequest(visit)
	require.NoError(t, err)
	require.Equal(t, "olga@people.example", who.Email)
	require.Equal(t, "/invitation?gone=1", d.form(t, right).header.Get("Location"))
}

func TestFollowingAnInvitationTakesNoOtherBodies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct {
		contentType, body string
		status            int
		code              string
	}{
		{"", "{}", http.StatusUnsupportedMediaType, "not_json"},
		{"text/plain", "{}", http.StatusUnsupportedMediaType, "not_json"},
		{"application/json", "", http.StatusBadRequest, "malformed_document"},
		{"application/json", `{"token": "x", "password": Lantern & `, http.StatusBadRequest, "malformed_document"},
		{"application/json", `{"token": ["x"]}`, http.StatusBadRequest, "malformed_document"},
		{"application/json", `{"token": "` + strings.Repeat("x", 5000) + `"}`, http.StatusRequestEntityTooLarge, "too_large"},
		{"application/x-www-form-urlencoded", "token=%zz", http.StatusBadRequest, "malformed_document"},
	} {
		a := d.ask(t, http.MethodPost, "/v1/invitations/accept", "", c.contentType, []byte(c.body))
		require.Equal(t, c.status, a.status, "%s %s: %s", c.contentType, c.body, a.text)
		require.Equal(t, c.code, a.body["code"])
	}
}

func TestInvitingAgainEndsTheLinkBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.invite(t, "olga")
	paul := d.add(t, "paul", nil)
	soon := time.Now().Add(time.Hour)
	again := func(token, id string) reply {
		return d.post(t, "/v1/invitations", token, map[string]string{"user": id})
	}
	require.Equal(t, http.StatusUnauthorized, again("", id).status)
	require.Equal(t, http.StatusForbidden, again(d.token(t, "paul"), id).status)
	for _, none := range []string{"", "0", "99999", "99999999999999999999", "x"} {
		require.Equal(t, http.StatusNotFound, again(d.admin, none).status, none)
	}
	require.Equal(t, http.StatusBadRequest, d.post(t, "/v1/invitations", d.admin, map[string]string{"nick": "olga"}).status)
	require.Equal(t, http.StatusUnsupportedMediaType, d.ask(t, http.MethodPost, "/v1/invitations", d.admin, "text/plain", []byte("{}")).status)
	chosen := again(d.admin, paul)
	require.Equal(t, http.StatusConflict, chosen.status, chosen.text)
	require.Equal(t, "password_chosen", chosen.body["code"])

	invited := again(d.admin, id)
	require.Equal(t, http.StatusAccepted, invited.status, invited.text)
	require.Equal(t, true, invited.body["data"].(map[string]any)["attributes"].(map[string]any)["invited"])
	require.Equal(t, http.StatusGone, d.accept(t, d.link(t, "olga", 1, soon), password).status)
	require.Equal(t, http.StatusOK, d.accept(t, d.link(t, "olga", 2, soon), password).status)
	require.Equal(t, http.StatusConflict, again(d.admin, id).status)
}
