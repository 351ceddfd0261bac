// Package control answers the commands for one import: replay, cancel and discard.
// It has no memory and no database: where an import stands is what its messages in
// the stream say, and a command takes effect with being stored there, behind the
// very message that it was based on.
package control

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
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
)

// patience is how long a request waits for the broker, all of its reads and
// tries to publish together.
const patience = 15 * time.Second

// Deps is what a Controller works with: the broker's own, the bucket and a log.
type Deps struct {
	Bucket    *bucket.Bucket
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
	Next      func(ctx context.Context, stream, subject string, after uint64) (broker.Stored, error)
	Log       *slog.Logger
}

// Controller answers the commands. It is safe for concurrent use.
type Controller struct {
	Deps
	patience time.Duration
	now      func() time.Time
}

// New returns a controller.
func New(deps Deps) *Controller { return &Controller{Deps: deps, patience: patience, now: time.Now} }

// accepted is the body of the answer 202.
type accepted struct {
	TaskURL string `json:"task_url"`
	ID      string `json:"id"`
	// Attempt is the newest one; From, of a replay, the stage that it begins with.
	Attempt int             `json:"attempt"`
	From    contracts.Stage `json:"from,omitempty"`
}

// answer stores what decide makes of where the import stands, and answers. When
// that is 202 the command is a fact of the broker. When it is anything else this
// request has begun nothing, but for one case: where the broker gave no clear
// answer it may have.
func (c *Controller) answer(w http.ResponseWriter, r *http.Request, who auth.Identity, what string, decide decision) error {
	from := begin.OriginOf(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)
	id, err := importID(r)
	if err != nil {
		return err
	}
	// Whoever has asked may be gone: what may be stored is then waited for all
	// the same, so that the log says what came of it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), c.patience)
	defer cancel()
	command := command{
		Controller: c,
		id:         id,
		who:        who,
		from:       from,
		message:    uuid.Must(uuid.NewV7()).String(),
	}
	done, err := command.store(ctx, decide)
	if err != nil {
		return refusal(w, err)
	}
	c.Log.InfoContext(ctx, "command accepted", "command", what, "import", done.ID, "attempt", done.Attempt, "from", done.From,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", from.Correlation)
	w.Header().Set("Location", done.TaskURL)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(done) // a client that is gone by now finds it in the task
	return nil
}

// importID is the import that a request is about.
func importID(r *http.Request) (string, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || id.String() != r.PathValue("id") {
		return "", errUnknown
	}
	return id.String(), nil
}
