// Package replay begins the next attempt of an import that has failed, from the
// stage that failed or an earlier one. It has no memory and no database: where
// an import stands is what its messages in the stream say, and the command takes
// effect with being stored there, behind the very message that it was based on.
package replay

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/origin"
)

// patience is how long a request waits for the broker, all of its reads and
// tries to publish together.
const patience = 15 * time.Second

// Deps is what a Replayer works with: the broker's own, the bucket and a log.
type Deps struct {
	Bucket    *bucket.Bucket
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
	Next      func(ctx context.Context, stream, subject string, after uint64) (broker.Stored, error)
	Log       *slog.Logger
}

// Replayer answers POST /v1/imports/{id}/replay. It is safe for concurrent use.
type Replayer struct {
	Deps
	patience time.Duration
}

// New returns a replayer.
func New(deps Deps) *Replayer { return &Replayer{Deps: deps, patience: patience} }

// accepted is the body of the answer 202.
type accepted struct {
	TaskURL string          `json:"task_url"`
	ID      string          `json:"id"`
	Attempt int             `json:"attempt"`
	From    contracts.Stage `json:"from"`
}

// Replay begins the next attempt. When it answers 202 the command is a fact of
// the broker. When it answers anything else this request has begun nothing, but
// for one case: where the broker gave no clear answer it may have.
func (p *Replayer) Replay(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := origin.Of(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)

	wanted, err := wantedOf(w, r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || id.String() != r.PathValue("id") {
		return errUnknown
	}
	// Whoever has asked may be gone: what may be stored is then waited for all
	// the same, so that the log says what came of it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), p.patience)
	defer cancel()
	replay := command{
		Replayer: p,
		id:       id.String(),
		wanted:   wanted,
		who:      who,
		from:     from,
		message:  uuid.Must(uuid.NewV7()).String(),
	}
	begun, err := replay.store(ctx)
	if err != nil {
		return refusal(w, err)
	}
	p.Log.InfoContext(ctx, "replay accepted", "import", begun.ID, "attempt", begun.Attempt, "from", begun.From,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", from.Correlation)
	w.Header().Set("Location", begun.TaskURL)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(begun) // a client that is gone by now finds the attempt in the task
	return nil
}
