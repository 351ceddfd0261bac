// Package upload receives an archive or a list of users: from the request's body
// straight into the bucket, then one message to the broker, then the answer. It
// has no memory of its own and no database; what it accepted is what the broker
// holds.
package upload

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/announce"
	"github.com/usher-events/usher/services/ingest/internal/earlier"
)

const (
	// idle is how long a client may send next to nothing in the middle of an upload.
	idle = time.Minute
	// slowest is how many bytes have to come in that time, or all that are left: one
	// byte a minute would hold a connection, and a file that is half written, for ever.
	slowest = 64 << 10
)

// Receiver answers one route of uploads. It is safe for concurrent use.
type Receiver struct {
	announce.Deps
	Route
	patience time.Duration
	idle     time.Duration
	// hint is how long the memory of earlier imports is waited for.
	hint time.Duration
}

// New returns the receiver of a route.
func New(route Route, deps announce.Deps) *Receiver {
	return &Receiver{Deps: deps, Route: route, patience: begin.Patience, idle: idle, hint: earlier.Patience}
}

// Receive takes one upload. When it answers 202 the file is durable in the
// bucket and the import is a fact of the broker; when it answers anything else
// nothing of the upload is left, but for one case: where the broker gave no
// clear answer the file stays, for the message may have arrived after all.
//
// An upload whose Idempotency-Key was used before is answered as the first one
// was, if it has the same bytes.
func (u *Receiver) Receive(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := begin.OriginOf(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)

	sent, err := u.typeOf(r)
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // what cannot be read may have asked for a dry run
		return errBadQuery
	}
	options, err := u.options(query)
	if err != nil {
		return err
	}
	kind := u.kind
	if dry, err := dryRunOf(query); err != nil {
		return err
	} else if dry {
		kind = u.check
	}
	idempotencyKey, err := begin.Key(r)
	if err != nil {
		return err
	}
	announcer := announce.Announcer{Deps: u.Deps, Patience: u.patience}
	id, failed := announcer.ImportID(r.Context(), who, u.path+r.PathValue("source_type"), idempotencyKey)
	if failed != nil {
		return begin.Refusal(w, failed, failed)
	}
	file, err := u.store(w, r, sent, bucket.ArchiveKey(id, uuid.NewString()))
	if err != nil {
		return err
	}
	options.Mapping = file.columns

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
	// From here on the client is free to go: the file is there.
	ctx := context.WithoutCancel(r.Context())
	hints := earlier.Imports{Uploads: u.Uploads, Log: u.Log, Patience: u.hint}
	request := announce.Request{Envelope: envelope, ImportRequested: &contracts.ImportRequested{
		Blob: file.key, FileName: file.name, Size: file.Size, SHA256: file.SHA256,
		Options: options, EarlierImport: hints.Of(ctx, envelope, file.SHA256),
	}}
	first, failed := announcer.Announce(ctx, request)
	if failed != nil {
		return announcer.Refuse(ctx, w, file.key, failed)
	}
	again := !first.Is(request)
	switch {
	case again:
		if err := u.repeated(ctx, idempotencyKey, request, first); err != nil {
			return err
		}
	case !kind.Check(): // of a check nothing is made that could be there before
		hints.Remember(ctx, envelope, file.SHA256)
	}
	u.Log.InfoContext(ctx, "upload accepted", "import", id, "kind", kind, "size", file.Size, "sha256", file.SHA256,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", from.Correlation, "repeated", again)
	announce.Accept(w, first)
	return nil
}

// repeated handles an upload whose import another one has become: what it has
// stored goes, and it is an error unless it is the same upload sent again.
func (u *Receiver) repeated(ctx context.Context, idempotencyKey string, request, first announce.Request) error {
	if err := u.Bucket.Delete(ctx, request.Blob); err != nil {
		u.Log.WarnContext(ctx, "file of a repeated upload not removed", "import", request.Import, "blob", request.Blob, "error", err)
	}
	if idempotencyKey == "" { // ids are random: this is a defect, not an answer
		return fmt.Errorf("announce import %s: %w", request.Import, broker.ErrConflict)
	}
	if first.Kind != request.Kind || first.SHA256 != request.SHA256 || !first.Options.Equal(request.Options) {
		return errIdempotencyKeyReused
	}
	return nil
}
