// Package upload receives an archive: from the request's body straight into the
// bucket, then one message to the broker, then the answer. It has no memory of
// its own and no database; what it accepted is what the broker holds.
package upload

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
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
	// Names, Publisher and Last are those of the broker.
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
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
}

// Receive takes one upload. When it answers 202 the archive is durable in the
// bucket and the import is a fact of the broker; when it answers anything else
// nothing of the upload is left, but for one case: where the broker gave no
// clear answer the archive stays, for the message may have arrived after all.
func (u *Receiver) Receive(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := originOf(r)
	w.Header().Set(problem.RequestIDHeader, from.correlation)

	kind, known := kinds()[r.PathValue("source_type")]
	if !known {
		return problem.New(http.StatusNotFound, "unknown_source_type", "There is no such source type to import from.").
			With("known", slices.Sorted(maps.Keys(kinds())))
	}
	options, err := optionsOf(r.URL.Query())
	if err != nil {
		return err
	}
	body := u.limited(w, r)
	file, err := findFile(r, body)
	if err != nil {
		return refusal(w, err)
	}

	id := uuid.Must(uuid.NewV7()).String()
	key := bucket.ArchiveKey(id, uuid.NewString())
	stored, err := u.Bucket.Store(r.Context(), key, file.limited(u.maxBytes), "application/zip")
	if err != nil {
		return refusal(w, err)
	}
	body.done()
	w.Header().Del("Connection") // what may come yet is little; see Lingering

	request := &contracts.ImportRequested{Blob: key, FileName: file.name, Size: stored.Size, SHA256: stored.SHA256, Options: options}
	envelope := contracts.Envelope{
		ID:          uuid.NewString(),
		Time:        time.Now().UTC(),
		Source:      string(contracts.IngestService),
		Import:      id,
		Kind:        kind,
		Attempt:     1,
		Owner:       who.Owner(),
		Correlation: from.correlation,
		TraceParent: from.traceParent,
		TraceState:  from.traceState,
	}
	// From here on the client is free to go: the archive is there.
	ctx := context.WithoutCancel(r.Context())
	if failed := u.announce(ctx, envelope, request); failed != nil {
		return u.unannounced(ctx, w, key, failed)
	}
	u.Log.InfoContext(ctx, "upload accepted", "import", id, "kind", kind, "size", stored.Size, "sha256", stored.SHA256,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", from.correlation)

	task := "/v1/tasks/" + id
	w.Header().Set("Location", task)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	// A client that is gone by now finds its import in the list.
	_ = json.NewEncoder(w).Encode(accepted{TaskURL: task, ID: id, Kind: kind, SHA256: stored.SHA256, Size: stored.Size})
	return nil
}
