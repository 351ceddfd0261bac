package auth

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// browse makes a request with the session that StartSession has set.
func browse(t *testing.T, method, token string, header http.Header) *http.Request {
	t.Helper()
	w := httptest.NewRecorder()
	StartSession(w, token, time.Now().Add(time.Hour), true)
	cookies := w.Result().Cookies()
	require.Len(t, cookies, 1)
	require.True(t, cookies[0].HttpOnly)
	require.True(t, cookies[0].Secure)
	require.Equal(t, http.SameSiteLaxMode, cookies[0].SameSite)
	r := httptest.NewRequest(method, "https://usher.example/v1/imports", nil)
	maps.Copy(r.Header, header)
	r.AddCookie(cookies[0])
	return r
}

func TestSessionOfABrowserCounts(t *testing.T) {
	t.Parallel()
	c := Config{Secret: "a secret for tests, 32 bytes and more", Issuer: "usher", Audience: "usher"}
	v, err := NewVerifier(c)
	require.NoError(t, err)
	s, err := NewSigner(c)
	require.NoError(t, err)
	token, err := s.Issue(Identity{Subject: "olga"}, time.Hour)
	require.NoError(t, err)
	expired, err := s.Issue(Identity{Subject: "olga"}, -time.Hour)
	require.NoError(t, err)
	other, err := s.Issue(Identity{Subject: "paul"}, time.Hour)
	require.NoError(t, err)
	from := func(site, origin string) http.Header {
		h := http.Header{}
		if site != "" {
			h.Set("Sec-Fetch-Site", site)
		}
		if origin != "" {
			h.Set("Origin", origin)
		}
		return h
	}

	for name, r := range map[string]*http.Request{
		"that reads":                         browse(t, "GET", token, nil),
		"that reads from another page":       browse(t, "GET", token, from("cross-site", "https://evil.example")),
		"that changes from the same origin":  browse(t, "POST", token, from("same-origin", "")),
		"of an older browser, same origin":   browse(t, "POST", token, from("", "https://usher.example")),
		"of a program that says no origin":   browse(t, "POST", token, nil),
		"that a person has begun by herself": browse(t, "POST", token, from("none", "")),
	} {
		who, err := v.FromRequest(r)
		require.NoError(t, err, name)
		require.Equal(t, "olga", who.Subject, name)
	}
	for name, r := range map[string]*http.Request{
		"from another site":              browse(t, "POST", token, from("cross-site", "https://evil.example")),
		"from a sibling":                 browse(t, "DELETE", token, from("same-site", "https://evil.usher.example")),
		"of an older browser, elsewhere": browse(t, "PATCH", token, from("", "https://evil.example")),
	} {
		_, err := v.FromRequest(r)
		require.ErrorIs(t, err, ErrCrossOrigin, name)
	}
	_, err = v.FromRequest(browse(t, "GET", expired, nil))
	require.ErrorIs(t, err, ErrBadToken)
	_, err = v.FromRequest(browse(t, "GET", "", nil))
	require.ErrorIs(t, err, ErrNoToken)

	// A header says more than a cookie: who sends one means to be known by it.
	r := browse(t, "POST", token, from("cross-site", "https://evil.example"))
	r.Header.Set("Authorization", "Bearer "+other)
	who, err := v.FromRequest(r)
	require.NoError(t, err)
	require.Equal(t, "paul", who.Subject)
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	EndSession(w, false)
	cookie := w.Result().Cookies()[0]
	require.Empty(t, cookie.Value)
	require.True(t, cookie.Expires.Before(time.Now()))
}
