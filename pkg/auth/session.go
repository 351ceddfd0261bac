package auth

import (
	"errors"
	"net/http"
	"time"
)

// sessionCookie keeps the token of a person who has signed in with a browser.
const sessionCookie = "usher_session"

// StartSession has the browser keep a token until it expires, out of the reach of
// scripts. secure says that the page is reached by https only. Lax, because a link
// in a mail leads to pages for which one must be signed in; what changes something
// is guarded by the request's origin, see FromRequest.
func StartSession(w http.ResponseWriter, token string, expires time.Time, secure bool) {
	setSession(w, token, expires, secure)
}

// EndSession has the browser forget the token.
func EndSession(w http.ResponseWriter, secure bool) {
	setSession(w, "", time.Unix(1, 0), secure)
}

func setSession(w http.ResponseWriter, token string, expires time.Time, secure bool) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: token, Path: "/", Expires: expires.UTC(),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// fromCookie is FromRequest for a browser.
func (v *Verifier) fromCookie(r *http.Request) (Identity, error) {
	cookie, err := r.Cookie(sessionCookie)
	if errors.Is(err, http.ErrNoCookie) || cookie.Value == "" {
		return Identity{}, ErrNoToken
	}
	// Browsers say where a request comes from; a request that does not say is of
	// a program, which nobody can trick into sending its cookies.
	if http.NewCrossOriginProtection().Check(r) != nil {
		return Identity{}, ErrCrossOrigin
	}
	return v.Verify(cookie.Value)
}
