package upload

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// hintTimeout is how long an upload waits for each of the two below.
const hintTimeout = 400 * time.Millisecond

// earlier returns the newest import of the same bytes by the same owner, and
// nothing where it knows of none. That is a hint for people: it may miss one,
// and no upload fails or waits for it.
func (u *Receiver) earlier(ctx context.Context, envelope contracts.Envelope, sha256 string) string {
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	uploads, err := u.Uploads(ctx)
	if err != nil {
		u.Log.WarnContext(ctx, "earlier import not looked up", "import", envelope.Import, "error", err)
		return ""
	}
	entry, err := uploads.Get(ctx, contracts.UploadKey(envelope.Owner, sha256))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return ""
	}
	if err != nil {
		u.Log.WarnContext(ctx, "earlier import not looked up", "import", envelope.Import, "error", err)
		return ""
	}
	id, err := uuid.ParseBytes(entry.Value())
	if err != nil || id.String() == envelope.Import { // the key of an upload was used again
		return ""
	}
	return id.String()
}

// remember makes this import the one that the next upload of the same bytes is
// told of.
func (u *Receiver) remember(ctx context.Context, envelope contracts.Envelope, sha256 string) {
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	uploads, err := u.Uploads(ctx)
	if err == nil {
		_, err = uploads.Put(ctx, contracts.UploadKey(envelope.Owner, sha256), []byte(envelope.Import))
	}
	if err != nil {
		u.Log.WarnContext(ctx, "upload not remembered", "import", envelope.Import, "error", err)
	}
}
