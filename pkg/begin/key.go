package begin

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/auth"
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

// ExportID is the ImportID of an export of the event that a path names.
func ExportID(who auth.Identity, event, key string) string {
	return ImportID(who, "POST /v1/events/export/json "+event, key)
}

// ImportID is the id of the import that a request begins. With a key it follows
// from who asks for what (route has the method and path) under which key, so that the
// broker, which keeps one request per import, is the memory of the keys: there is no
// second store that could disagree with it. Without one it is new.
func ImportID(who auth.Identity, route, key string) string {
	if key == "" {
		return uuid.Must(uuid.NewV7()).String()
	}
	// None of the parts can have the byte that keeps them apart.
	name := strings.Join([]string{who.Issuer, who.Subject, route, key}, "\x00")
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(name), 8).String()
}
