package service

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// AuthenticatedFunc answers a request of somebody who is known, or returns why not.
type AuthenticatedFunc func(w http.ResponseWriter, r *http.Request, who auth.Identity) error

// Authenticated lets through who has a valid token and answers 401 to others.
// What f returns becomes a problem document.
func Authenticated(log *slog.Logger, v *auth.Verifier, f AuthenticatedFunc) http.Handler {
	return problem.Handler(log, func(w http.ResponseWriter, r *http.Request) error {
		who, err := v.FromRequest(r)
		if err != nil {
			return unauthorized(w, err)
		}
		return f(w, r, who)
	})
}

// Optional is Authenticated for what everybody may ask: without a token f gets
// the identity zero. Whoever sends an Authorization header means to be known, so
// one that does not count is still answered by 401.
func Optional(log *slog.Logger, v *auth.Verifier, f AuthenticatedFunc) http.Handler {
	known := Authenticated(log, v, f)
	anonymous := problem.Handler(log, func(w http.ResponseWriter, r *http.Request) error {
		return f(w, r, auth.Identity{})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header.Values("Authorization")) == 0 {
			anonymous.ServeHTTP(w, r)
			return
		}
		known.ServeHTTP(w, r)
	})
}

// AdminOnly is Authenticated for administrators; others get 403.
func AdminOnly(log *slog.Logger, v *auth.Verifier, f AuthenticatedFunc) http.Handler {
	return Authenticated(log, v, func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		if !who.Admin {
			return problem.New(http.StatusForbidden, "admin_only", "This is for administrators.")
		}
		return f(w, r, who)
	})
}

// unauthorized says what is wrong with a token, in the form of RFC 6750.
func unauthorized(w http.ResponseWriter, err error) error {
	if bad, ok := errors.AsType[*auth.BadToken](err); ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return problem.New(http.StatusUnauthorized, "token_invalid", "The token is not valid: "+bad.Reason+".")
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	return problem.New(http.StatusUnauthorized, "token_missing", "This needs a token: Authorization: Bearer ….")
}
