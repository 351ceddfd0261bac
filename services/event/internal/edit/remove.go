package edit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// retryAfter is when to come back, in seconds, after a failure that somebody is mending.
const retryAfter = "30"

var errRunning = problem.New(http.StatusConflict, "import_running", "The import that makes this event has not ended yet.")

// Remove answers DELETE /v1/events/{event}: the import that made the event is
// taken back, by every stage. It takes effect with the command in the stream;
// the event's own row is removed before the answer, so that the next request
// does not find it any more.
func (s Events) Remove(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	ctx := context.WithoutCancel(r.Context()) // whoever has asked may be gone
	var e event
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if e, err = find(ctx, tx, who, r.PathValue("event")); err != nil {
			return err
		}
		if err := e.expected(r); err != nil {
			return err
		}
		// Under the row's lock, so that what was expected is still so.
		return s.command(ctx, tx, w, e, who)
	})
	if err != nil {
		return err
	}
	if err := s.Discard(ctx, e.ImportID); err != nil {
		// The stage does it when the command reaches it.
		s.Log.WarnContext(ctx, "event is not removed yet", "import", e.ImportID, "error", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// command stores the discard among the import's commands, behind the end of the
// attempt that made the event. An import that has not ended has no event yet.
func (s Events) command(ctx context.Context, tx bun.Tx, w http.ResponseWriter, e event, who auth.Identity) error {
	names := s.Broker.Names()
	subject := names.Control(contracts.EventArchive, e.ImportID)
	last, err := s.Broker.Last(ctx, names.ImportsStream(), subject)
	if errors.Is(err, broker.ErrNotFound) {
		last, err = s.forgotten(ctx, tx, e)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return errRunning
	}
	if err != nil {
		return unavailable(w, err)
	}
	env, payload, err := contracts.Decode(last.Data)
	if err != nil {
		return fmt.Errorf("last command of %s: %w", e.ImportID, err)
	}
	switch payload.(type) {
	case *contracts.DiscardRequested:
		return nil // by somebody before us
	case *contracts.ReplayRequested:
		return errRunning // the next attempt, which is to end first as well
	}
	env.ID = uuid.Must(uuid.NewV7()).String()
	env.Time = time.Now().UTC()
	env.Source = string(contracts.EventService)
	data, err := contracts.Encode(env, &contracts.DiscardRequested{By: who.Owner()})
	if err != nil {
		return err
	}
	msg := message.NewMessage(env.ID, data)
	msg.SetContext(ctx)
	broker.ExpectLast(msg, last.Sequence, subject)
	err = s.Broker.Publisher().Publish(subject, msg)
	if errors.Is(err, broker.ErrConflict) {
		return problem.New(http.StatusConflict, "import_moved_on", "Another command for this import came first; look at it again.").Because(err)
	}
	if err != nil {
		return unavailable(w, err)
	}
	return nil
}

// forgotten stands for the last command of an import that is older than what
// the stream keeps: the outcome of this stage, with the sequence 0 of a subject
// that has no message. It is sql.ErrNoRows for an import that is not that old.
func (s Events) forgotten(ctx context.Context, tx bun.Tx, e event) (broker.Stored, error) {
	var kept time.Duration
	for _, stream := range s.Broker.Names().Streams() {
		if stream.Name == s.Broker.Names().ImportsStream() {
			kept = stream.MaxAge
		}
	}
	var message string
	err := tx.NewRaw(`SELECT message::text FROM event.stage_run
		WHERE import_id = ? AND stage = ? AND committed_at < now() - make_interval(secs => ?)
		ORDER BY attempt DESC LIMIT 1`, e.ImportID, contracts.Event, kept.Seconds()).Scan(ctx, &message)
	return broker.Stored{Data: []byte(message)}, err
}

func unavailable(w http.ResponseWriter, cause error) error {
	w.Header().Set("Retry-After", retryAfter)
	return problem.New(http.StatusServiceUnavailable, "broker_unavailable", "The event could not be deleted; try again later.").Because(cause)
}
