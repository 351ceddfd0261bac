package upload

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/services/ingest/internal/control"
)

// Mended answers POST /v1/imports/{id}/rows/{source_type}: rows that were left out of
// a list come again, and the next attempt of its import begins with them. It takes the
// files that the receiver of lists takes.
type Mended struct {
	*Receiver
	Commands *control.Controller
}

// Receive takes the mended rows. When it answers 202 their file is durable in the bucket
// and the attempt is a fact of the broker; when it answers anything else nothing of the
// upload is left, but for one case: where the broker gave no clear answer the file stays.
func (m Mended) Receive(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	sent, err := m.typeOf(r)
	if err != nil {
		return err
	}
	if err := m.Commands.Mendable(w, r, who); err != nil {
		return err // before the file is sent in vain
	}
	file, err := m.store(w, r, sent, bucket.MendedKey(r.PathValue("id"), uuid.NewString()))
	if err != nil {
		return err
	}
	err = m.Commands.Mend(w, r, who, file.key, file.name)
	if err != nil && !errors.Is(err, broker.ErrUnknown) {
		ctx := context.WithoutCancel(r.Context())
		if err := m.Bucket.Delete(ctx, file.key); err != nil {
			m.Log.WarnContext(ctx, "file of refused rows not removed", "import", r.PathValue("id"), "blob", file.key, "error", err)
		}
	}
	return err
}
