package auth

import "errors"

// ErrNoToken is returned where a request carries no token at all.
var ErrNoToken = errors.New("no token")

// ErrBadToken is returned where a request carries a token that does not count.
// The error in hand is then a *BadToken.
var ErrBadToken = errors.New("bad token")

// ErrCrossOrigin is returned where a browser sends a session along with a request
// that a page of another origin has made, and that is to change something.
var ErrCrossOrigin = errors.New("the session of a browser does not count for pages of other origins")

// BadToken says why a token does not count. Reason may be shown to the client:
// it comes from a fixed list and never holds a part of the token.
type BadToken struct {
	Reason string
}

func (e *BadToken) Error() string { return ErrBadToken.Error() + ": " + e.Reason }

// Is makes errors.Is(err, ErrBadToken) true.
func (e *BadToken) Is(target error) bool { return target == ErrBadToken }
