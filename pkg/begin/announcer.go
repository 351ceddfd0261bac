// Package begin makes imports facts of the broker: who asks for one, under which key,
// and the message that asks for it. Ingest begins imports of what is uploaded by it, and
// query exports of events.
package begin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// Patience is how long a request waits for the broker to confirm its message.
const Patience = 30 * time.Second

// When to come back, in seconds: after a failure that somebody is mending, and
// where it takes time until there is room again.
const (
	RetryAfter     = "30"
	retryAfterFull = "300"
)

// Announcer publishes requests. It is safe for concurrent use.
type Announcer struct {
	// Names, Publisher and Last are those of the broker.
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
	// Patience bounds all tries together.
	Patience time.Duration
}

// Request is the message that asks for an import.
type Request struct {
	contracts.Envelope
	Payload contracts.Payload
}

// Is tells whether both are the same request, and not only equal ones.
func (r Request) Is(other Request) bool { return r.Payload == other.Payload }

// Error is why an import did not become a fact of the broker.
type Error struct {
	importID string
	perhaps  bool
	err      error
}

func (e *Error) Error() string { return fmt.Sprintf("announce import %s: %v", e.importID, e.err) }

func (e *Error) Unwrap() error { return e.err }

// Perhaps tells that it may have become one all the same.
func (e *Error) Perhaps() bool { return e.perhaps }

// Announce publishes a request until the broker has confirmed it, has refused it or
// the patience is over. Repeating it is harmless: it is always the same message, and
// the broker keeps one per import, whatever its kind. It returns the request that the
// broker keeps, which Is another one than the given where another was first.
func (a Announcer) Announce(ctx context.Context, request Request) (Request, *Error) {
	failed := &Error{importID: request.Import}
	data, err := contracts.Encode(request.Envelope, request.Payload)
	if err != nil {
		failed.err = err
		return Request{}, failed
	}
	ctx, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	var kept Request
	Until(ctx, func() bool {
		err := a.publish(ctx, request.Envelope, data)
		switch {
		case err == nil:
			kept = request
		case errors.Is(err, broker.ErrConflict):
			kept, err = a.first(ctx, request)
			failed.perhaps, failed.err = true, err
		default:
			failed.perhaps = failed.perhaps || errors.Is(err, broker.ErrUnknown)
			failed.err = err
		}
		return kept.Payload != nil || errors.Is(err, broker.ErrFull)
	})
	if kept.Payload == nil {
		return Request{}, failed
	}
	return kept, nil
}

func (a Announcer) publish(ctx context.Context, envelope contracts.Envelope, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, TryTimeout)
	defer cancel()
	msg := message.NewMessage(envelope.ID, data)
	msg.SetContext(ctx)
	broker.ExpectLast(msg, 0, a.Names.AnyRequest(envelope.Import))
	return a.Publisher.Publish(
		a.Names.Outcome(envelope.Kind, contracts.Ingest, envelope.Import, envelope.Attempt, contracts.OutcomeCompleted), msg)
}

// first reads the request that the broker holds. It is the given one where an
// earlier try got through and its confirmation did not.
func (a Announcer) first(ctx context.Context, request Request) (Request, error) {
	stored, err := a.Last(ctx, a.Names.ImportsStream(), a.Names.AnyRequest(request.Import))
	if err != nil {
		return Request{}, err
	}
	if stored.ID() == request.ID {
		return request, nil
	}
	return decoded(stored)
}

// Kept reads the request of an import, broker.ErrNotFound where there is none.
func (a Announcer) Kept(ctx context.Context, id string) (Request, error) {
	stored, err := a.Last(ctx, a.Names.ImportsStream(), a.Names.AnyRequest(id))
	if err != nil {
		return Request{}, err
	}
	return decoded(stored)
}

func decoded(stored broker.Stored) (Request, error) {
	envelope, payload, err := contracts.Decode(stored.Data)
	return Request{Envelope: envelope, Payload: payload}, err
}

// Refusal is the problem for who asked for an import that did not become one, of which
// cause says why.
func Refusal(w http.ResponseWriter, failed *Error, cause error) error {
	if errors.Is(failed, broker.ErrFull) {
		w.Header().Set("Retry-After", retryAfterFull)
		return problem.New(http.StatusServiceUnavailable, "import_stream_full",
			"There is no room for another import right now; try again later.").Because(cause)
	}
	w.Header().Set("Retry-After", RetryAfter)
	return problem.New(http.StatusServiceUnavailable, "broker_unavailable",
		"The import could not be started; try again later.").Because(cause)
}
