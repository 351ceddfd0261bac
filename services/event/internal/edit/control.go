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
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// retryAfter is when to come back, in seconds, after a failure that somebody is mending.
const retryAfter = "30"

var errRunning = problem.New(http.StatusConflict, "import_running", "The import that makes this event has not ended yet.")

// command is the last one of an import.
type command struct {
	env     contracts.Envelope
	payload contracts.Payload
	// sequence is 0 where the stream has forgotten all commands of the import.
	sequence uint64
}

// last reads the last command of the import that made an event. While an attempt
// runs it is errRunning: what the attempt makes would undo what people do now.
func (s Events) last(ctx context.Context, tx bun.Tx, w http.ResponseWriter, e event) (command, error) {
	names := s.Broker.Names()
	stored, err := s.Broker.Last(ctx, names.ImportsStream(), names.Control(contracts.EventArchive, e.ImportID))
	if errors.Is(err, broker.ErrNotFound) {
		stored, err = s.forgotten(ctx, tx, e)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return command{}, errRunning
	}
	if err != nil {
		return command{}, unavailable(w, err)
	}
	env, payload, err := contracts.Decode(stored.Data)
	if err != nil {
		return command{}, fmt.Errorf("last command of %s: %w", e.ImportID, err)
	}
	if _, begins := payload.(*contracts.ReplayRequested); begins {
		return command{}, errRunning
	}
	return command{env, payload, stored.Sequence}, nil
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

// publish stores a message right behind the last command, or refuses where
// another one was stored since.
func (s Events) publish(ctx context.Context, w http.ResponseWriter, last command, payload contracts.Payload) error {
	env := last.env
	env.ID = uuid.Must(uuid.NewV7()).String()
	env.Time = time.Now().UTC()
	env.Source = string(contracts.EventService)
	data, err := contracts.Encode(env, payload)
	if err != nil {
		return err
	}
	subject := s.Broker.Names().Control(contracts.EventArchive, env.Import)
	msg := message.NewMessage(env.ID, data)
	msg.SetContext(ctx)
	broker.ExpectLast(msg, last.sequence, subject)
	err = s.Broker.Publisher().Publish(subject, msg)
	if errors.Is(err, broker.ErrUnknown) {
		// It may be there: the broker says what stands behind the last command.
		if first, look := s.Broker.Next(ctx, s.Broker.Names().ImportsStream(), subject, last.sequence); look == nil && first.ID() == env.ID {
			return nil
		}
	}
	if errors.Is(err, broker.ErrConflict) {
		return problem.New(http.StatusConflict, "import_moved_on", "Another command for this import came first; look at it again.").Because(err)
	}
	if err != nil {
		return unavailable(w, err)
	}
	return nil
}

func unavailable(w http.ResponseWriter, cause error) error {
	w.Header().Set("Retry-After", retryAfter)
	return problem.New(http.StatusServiceUnavailable, "broker_unavailable", "The event cannot be changed or deleted right now; try again later.").Because(cause)
}
