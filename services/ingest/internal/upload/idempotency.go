package upload

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// idempotencyHeader is where a client names an upload, so that sending it again
// does not make another import.
const idempotencyHeader = "Idempotency-Key"

// maxIdempotencyKey is how many characters a key may have.
const maxIdempotencyKey = 255

var (
	errBadIdempotencyKey = problem.New(http.StatusBadRequest, "bad_idempotency_key",
		"The header Idempotency-Key must be there once, with 1 to 255 visible ASCII characters.")
	errIdempotencyKeyReused = problem.New(http.StatusConflict, "idempotency_key_reused",
		"This Idempotency-Key belongs to an upload of other bytes, or with other options.")
)

// idempotencyKeyOf returns the key of a request, empty where it has none.
func idempotencyKeyOf(r *http.Request) (string, error) {
	keys := r.Header.Values(idempotencyHeader)
	if len(keys) == 0 {
		return "", nil
	}
	key := keys[0]
	if len(keys) > 1 || key == "" || len(key) > maxIdempotencyKey ||
		strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return "", errBadIdempotencyKey
	}
	return key, nil
}

// importID is the id of the import that an upload becomes. With a key it follows
// from who uploads where under which key, so that the broker, which keeps one
// request per import, is the memory of the keys: there is no second store that
// could disagree with it. Without one it is new.
func importID(who auth.Identity, route, key string) string {
	if key == "" {
		return uuid.Must(uuid.NewV7()).String()
	}
	// None of the parts can have the byte that keeps them apart.
	name := strings.Join([]string{who.Issuer, who.Subject, route, key}, "\x00")
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(name), 8).String()
}
