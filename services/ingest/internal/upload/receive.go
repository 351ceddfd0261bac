// Package upload receives an archive: from the request's body straight into the
// bucket, then one message to the broker, then the answer. It has no memory of
// its own and no database; what it accepted is what the broker holds.
package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/origin"
)

// patience is how long an upload waits for the broker to confirm its message.
const patience = 30 * time.Second

// idle is how long a client may send nothing in the middle of an upload.
const idle = time.Minute

// kinds says what the source types of the route become.
func kinds() map[string]contracts.Kind {
	return map[string]contracts.Kind{"json": contracts.EventArchive}
}

// Deps is what a Receiver works with.
type Deps struct {
	Bucket *bucket.Bucket
	// Names, Publisher, Last and Uploads are those of the broker.
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
	Uploads   func(ctx context.Context) (jetstream.KeyValue, error)
	Log       *slog.Logger
}

// Receiver answers POST /v1/events/import/{source_type}. It is safe for
// concurrent use.
type Receiver struct {
	Deps
	maxBytes int64
	patience time.Duration
	idle     time.Duration
}

// New returns a receiver of archives of at most maxBytes each.
func New(maxBytes int64, deps Deps) *Receiver {
	return &Receiver{Deps: deps, maxBytes: maxBytes, patience: patience, idle: idle}
}

// accepted is the body of the answer 202.
type accepted struct {
	TaskURL string         `json:"task_url"`
	ID      string         `json:"id"`
	Kind    contracts.Kind `json:"kind"`
	SHA256  string         `json:"sha256"`
	Size    int64          `json:"size"`
	// EarlierImport is as in contracts.ImportRequested.
	EarlierImport string `json:"earlier_import,omitempty"`
}

// Receive takes one upload. When it answers 202 the archive is durable in the
// bucket and the import is a fact of the broker; when it answers anything else
// nothing of the upload is left, but for one case: where the broker gave no
// clear answer the archive stays, for the message may have arrived after all.
//
// An upload whose Idempotency-Key was used before is answered as the first one
// was, if it has the same bytes.
func (u *Receiver) Receive(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := origin.Of(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)

	kind, known := kinds()[r.PathValue("source_type")]
	if !known {
		return problem.New(http.StatusNotFound, "unknown_source_type", "There is no such source type to import from.").
			With("known", slices.Sorted(maps.Keys(kinds())))
	}
	options, err := optionsOf(r.URL.Query())
	if err != nil {
		return err
	}
	idempotencyKey, err := idempotencyKeyOf(r)
	if err != nil {
		return err
	}
	body := u.limited(w, r)
	file, err := findFile(r, body)
	if err != nil {
		return refusal(w, err)
	}

	id := importID(who, r.PathValue("source_type"), idempotencyKey)
	key := bucket.ArchiveKey(id, uuid.NewString())
	stored, err := u.Bucket.Store(r.Context(), key, file.limited(u.maxBytes), "application/zip")
	if err != nil {
		return refusal(w, err)
	}
	body.done()
	w.Header().Del("Connection") // what may come yet is little; see Lingering

	envelope := contracts.Envelope{
		ID:          uuid.NewString(),
		Time:        time.Now().UTC(),
		Source:      string(contracts.IngestService),
		Import:      id,
		Kind:        kind,
		Attempt:     1,
		Owner:       who.Owner(),
		Correlation: from.Correlation,
		TraceParent: from.TraceParent,
		TraceState:  from.TraceState,
	}
	// From here on the client is free to go: the archive is there.
	ctx := context.WithoutCancel(r.Context())
	request := &contracts.ImportRequested{
		Blob: key, FileName: file.name, Size: stored.Size, SHA256: stored.SHA256,
		Options: options, EarlierImport: u.earlier(ctx, envelope, stored.SHA256),
	}
	first, failed := u.announce(ctx, envelope, request)
	if failed != nil {
		return u.unannounced(ctx, w, key, failed)
	}
	if first == request {
		u.remember(ctx, envelope, stored.SHA256)
	} else if err := u.repeated(ctx, envelope, idempotencyKey, request, first); err != nil {
		return err
	}
	u.Log.InfoContext(ctx, "upload accepted", "import", id, "kind", kind, "size", stored.Size, "sha256", stored.SHA256,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", from.Correlation, "repeated", first != request)
	accept(w, envelope, first)
	return nil
}

// repeated handles an upload whose import another one has become: what it has
// stored goes, and it is an error unless it is the same upload sent again.
func (u *Receiver) repeated(ctx context.Context, envelope contracts.Envelope, idempotencyKey string, request, first *contracts.ImportRequested) error {
	if err := u.Bucket.Delete(ctx, request.Blob); err != nil {
		u.Log.WarnContext(ctx, "archive of a repeated upload not removed", "import", envelope.Import, "blob", request.Blob, "error", err)
	}
	if idempotencyKey == "" { // ids are random: this is a defect, not an answer
		return fmt.Errorf("announce import %s: %w", envelope.Import, broker.ErrConflict)
	}
	if first.SHA256 != request.SHA256 || first.Options != request.Options {
		return errIdempotencyKeyReused
	}
	return nil
}

// accept says 202. It depends on nothing but the request that the broker keeps,
// so that a repeated upload is answered as the first one was.
func accept(w http.ResponseWriter, envelope contracts.Envelope, request *contracts.ImportRequested) {
	task := "/v1/tasks/" + envelope.Import
	w.Header().Set("Location", task)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	// A client that is gone by now finds its import in the list.
	_ = json.NewEncoder(w).Encode(accepted{
		TaskURL: task, ID: envelope.Import, Kind: envelope.Kind, SHA256: request.SHA256, Size: request.Size,
		EarlierImport: request.EarlierImport,
	})
}
