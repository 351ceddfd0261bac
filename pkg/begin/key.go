package begin

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// KeyHeader is where a client names a request, so that sending it again does not
// begin another import.
const KeyHeader = "Idempotency-Key"

// maxIdempotencyKey is how many characters a key may have.
const maxIdempotencyKey = 255

// errBadKey refuses a key that is none.
var errBadKey = problem.New(http.StatusBadRequest, "bad_idempotency_key",
	"The header Idempotency-Key must be there once, with 1 to 255 visible ASCII characters.")

// Key returns the Idempotency-Key of a request, empty where it has none. The error is
// a problem.
func Key(r *http.Request) (string, error) {
	keys := r.Header.Values(KeyHeader)
	if len(keys) == 0 {
		return "", nil
	}
	key := keys[0]
	if len(keys) > 1 || key == "" || len(key) > maxIdempotencyKey ||
		strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return "", errBadKey
	}
	return key, nil
}

// ExportRoute is the route of requests to export the event that a path names.
func ExportRoute(event string) string { return "POST /v1/events/export/json " + event }

// KeyID is the id of the import that a request with a key begins at a moment. It follows
// from who asks for what (route has the method and path) under which key, and from the
// moment's period, which is as long as the broker keeps a request.
//
// Stages know an import for ever: one that was begun under the id of an earlier one would
// be told that one's end, or none.
func KeyID(who auth.Identity, route, key string, at time.Time) string {
	return keyID(who, route, key, periodOf(at))
}

func periodOf(at time.Time) int64 { return at.UnixNano() / int64(contracts.ImportsKept) }

func keyID(who auth.Identity, route, key string, period int64) string {
	// None of the parts can have the byte that keeps them apart.
	name := strings.Join([]string{who.Issuer, who.Subject, route, key, strconv.FormatInt(period, 10)}, "\x00")
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(name), 8).String()
}

// ImportID is the id of the import that a request begins. Without a key it is new. With
// one, the broker, which keeps one request per import, is the memory of the keys: there is
// no second store that could disagree with it. What the period before has begun is kept
// until some moment of this one, and what an earlier one has is gone.
func (a Announcer) ImportID(ctx context.Context, who auth.Identity, route, key string) (string, *Error) {
	return a.importID(ctx, who, route, key, time.Now())
}

func (a Announcer) importID(ctx context.Context, who auth.Identity, route, key string, at time.Time) (string, *Error) {
	if key == "" {
		return uuid.Must(uuid.NewV7()).String(), nil
	}
	before := keyID(who, route, key, periodOf(at)-1)
	ctx, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	var err error
	Until(ctx, func() bool {
		_, err = a.Last(ctx, a.Names.ImportsStream(), a.Names.AnyRequest(before))
		return err == nil || errors.Is(err, broker.ErrNotFound)
	})
	switch {
	case err == nil:
		return before, nil
	case errors.Is(err, broker.ErrNotFound):
		return KeyID(who, route, key, at), nil
	}
	return "", &Error{importID: before, err: err}
}
