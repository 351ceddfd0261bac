// Package earlier keeps which import the same bytes of the same owner became
// last, so that people are told when they bring in a file again.
package earlier

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// Patience is how long an upload waits for each of the two below.
const Patience = 400 * time.Millisecond

// Imports is that memory, in the broker's bucket of uploads. It is safe for
// concurrent use.
type Imports struct {
	Uploads func(ctx context.Context) (jetstream.KeyValue, error)
	Log     *slog.Logger
	// Patience is how long each of the two below may take.
	Patience time.Duration
}

// Of returns the newest import of the same bytes by the same owner, and
// nothing where it knows of none. That is a hint for people: it may miss one,
// and no upload fails or waits for it.
func (i Imports) Of(ctx context.Context, envelope contracts.Envelope, sha256 string) string {
	ctx, cancel := context.WithTimeout(ctx, i.Patience)
	defer cancel()
	uploads, err := i.Uploads(ctx)
	if err != nil {
		i.Log.WarnContext(ctx, "earlier import not looked up", "import", envelope.Import, "error", err)
		return ""
	}
	entry, err := uploads.Get(ctx, contracts.UploadKey(envelope.Owner, sha256))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return ""
	}
	if err != nil {
		i.Log.WarnContext(ctx, "earlier import not looked up", "import", envelope.Import, "error", err)
		return ""
	}
	id, err := uuid.ParseBytes(entry.Value())
	if err != nil || id.String() == envelope.Import { // the key of an upload was used again
		return ""
	}
	return id.String()
}

// Remember makes this import the one that the next upload of the same bytes is
// told of.
func (i Imports) Remember(ctx context.Context, envelope contracts.Envelope, sha256 string) {
	ctx, cancel := context.WithTimeout(ctx, i.Patience)
	defer cancel()
	uploads, err := i.Uploads(ctx)
	if err == nil {
		_, err = uploads.Put(ctx, contracts.UploadKey(envelope.Owner, sha256), []byte(envelope.Import))
	}
	if err != nil {
		i.Log.WarnContext(ctx, "upload not remembered", "import", envelope.Import, "error", err)
	}
}
