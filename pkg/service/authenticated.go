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
	return Handler(log, func(w http.ResponseWriter, r *http.Request) error {
		who, err := v.FromRequest(r)
		if err != nil {
			return unauthorized(w, err)
		}
		return f(w, r, who)
	})
}

// Optional is Authenticated for what everybody may ask: without a token f gets
// the identity zero. Whoever sends an Authorization header means to be known, so
// one that does not count is still answered by 401; a browser sends a session that
// has ended without anybody's meaning it.
func Optional(log *slog.Logger, v *auth.Verifier, f AuthenticatedFunc) http.Handler {
	return Handler(log, func(w http.ResponseWriter, r *http.Request) error {
		who, err := v.FromRequest(r)
		switch {
		case err == nil:
			return f(w, r, who)
		case len(r.Header.Values("Authorization")) == 0:
			return f(w, r, auth.Identity{})
		}
		return unauthorized(w, err)
	})
}

// ErrAdminOnly is the problem for who is no administrator.
var ErrAdminOnly = problem.New(http.StatusForbidden, "admin_only", "This is for administrators.")

// AdminOnly is Authenticated for administrators; others get ErrAdminOnly.
func AdminOnly(log *slog.Logger, v *auth.Verifier, f AuthenticatedFunc) http.Handler {
	return Authenticated(log, v, func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		if !who.Admin {
			return ErrAdminOnly
		}
		return f(w, r, who)
	})
}

// unauthorized says what is wrong with a token, in the form of RFC 6750.
func unauthorized(w http.ResponseWriter, err error) error {
	if errors.Is(err, auth.ErrCrossOrigin) {
		return problem.New(http.StatusForbidden, "cross_origin", "A page of another origin must show a token of its own.")
	}
	if bad, ok := errors.AsType[*auth.BadToken](err); ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return problem.New(http.StatusUnauthorized, "token_invalid", "The token is not valid: "+bad.Reason+".")
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	return problem.New(http.StatusUnauthorized, "token_missing", "This needs a token: Authorization: Bearer ….")
}
