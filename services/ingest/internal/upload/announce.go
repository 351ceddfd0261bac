package upload

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/tries"
)

// unannouncedError is why an import did not become a fact of the broker.
type unannouncedError struct {
	importID string
	// perhaps tells that it may have become one all the same.
	perhaps bool
	err     error
}

func (e *unannouncedError) Error() string {
	return fmt.Sprintf("announce import %s: %v", e.importID, e.err)
}

func (e *unannouncedError) Unwrap() error { return e.err }

// announce publishes the outcome of ingest until the broker has confirmed it,
// has refused it or the receiver's patience is over. Repeating it is harmless:
// it is always the same message, and the broker keeps one per import. It returns
// the request that the broker keeps, which is another one than the given where
// another upload was first.
func (u *Receiver) announce(ctx context.Context, envelope contracts.Envelope, request *contracts.ImportRequested) (*contracts.ImportRequested, *unannouncedError) {
	failed := &unannouncedError{importID: envelope.Import}
	payload, err := contracts.Encode(envelope, request)
	if err != nil {
		failed.err = err
		return nil, failed
	}
	ctx, cancel := context.WithTimeout(ctx, u.patience)
	defer cancel()
	var kept *contracts.ImportRequested
	tries.Until(ctx, func() bool {
		err := u.publish(ctx, envelope, payload)
		switch {
		case err == nil:
			kept = request
		case errors.Is(err, broker.ErrConflict):
			kept, err = u.first(ctx, envelope, request)
			failed.perhaps, failed.err = true, err
		default:
			failed.perhaps = failed.perhaps || errors.Is(err, broker.ErrUnknown)
			failed.err = err
		}
		return kept != nil || errors.Is(err, broker.ErrFull)
	})
	if kept == nil {
		return nil, failed
	}
	return kept, nil
}

func (u *Receiver) publish(ctx context.Context, envelope contracts.Envelope, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, tries.Timeout)
	defer cancel()
	msg := message.NewMessage(envelope.ID, payload)
	msg.SetContext(ctx)
	broker.ExpectLast(msg, 0, u.Names.AnyOutcome(envelope.Kind, contracts.Ingest, envelope.Import, envelope.Attempt))
	return u.Publisher.Publish(
		u.Names.Outcome(envelope.Kind, contracts.Ingest, envelope.Import, envelope.Attempt, contracts.OutcomeCompleted), msg)
}

// first reads the request that the broker holds. It is the given one where an
// earlier try got through and its confirmation did not.
func (u *Receiver) first(ctx context.Context, envelope contracts.Envelope, request *contracts.ImportRequested) (*contracts.ImportRequested, error) {
	stored, err := u.Last(ctx, u.Names.ImportsStream(),
		u.Names.AnyOutcome(envelope.Kind, contracts.Ingest, envelope.Import, envelope.Attempt))
	if err != nil {
		return nil, err
	}
	if stored.ID() == envelope.ID {
		return request, nil
	}
	_, payload, err := contracts.Decode(stored.Data)
	if err != nil {
		return nil, err
	}
	first, ok := payload.(*contracts.ImportRequested)
	if !ok {
		return nil, fmt.Errorf("%s stands where a request should", payload.MessageType())
	}
	return first, nil
}

// unannounced answers for a file that is stored and an import that is not,
// and removes the file where it is certain that nobody was told of it.
func (u *Receiver) unannounced(ctx context.Context, w http.ResponseWriter, key string, failed *unannouncedError) error {
	var cause error = failed
	if !failed.perhaps {
		cause = errors.Join(failed, u.Bucket.Delete(ctx, key))
	}
	if errors.Is(failed, broker.ErrFull) {
		w.Header().Set("Retry-After", retryAfterFull)
		return problem.New(http.StatusServiceUnavailable, "import_stream_full",
			"There is no room for another import right now; try again later.").Because(cause)
	}
	w.Header().Set("Retry-After", retryAfter)
	return problem.New(http.StatusServiceUnavailable, "broker_unavailable",
		"The import could not be started; try again later.").Because(cause)
}
