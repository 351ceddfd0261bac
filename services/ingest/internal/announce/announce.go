// Package announce makes an import a fact of the broker: it publishes the request
// of one whose file is durable, and answers what came of that. Uploads and starts
// of checked archives end in it.
package announce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/services/ingest/internal/tries"
)

// Patience is how long a request waits for the broker to confirm its message.
const Patience = 30 * time.Second

// Deps is what works with requests: an Announcer, and those who call it.
type Deps struct {
	Bucket *bucket.Bucket
	// Names, Publisher, Last and Uploads are those of the broker.
	Names     contracts.Names
	Publisher message.Publisher
	Last      func(ctx context.Context, stream, subject string) (broker.Stored, error)
	Uploads   func(ctx context.Context) (jetstream.KeyValue, error)
	Log       *slog.Logger
}

// Announcer publishes requests. It is safe for concurrent use.
type Announcer struct {
	Deps
	// Patience bounds all tries together.
	Patience time.Duration
}

// Request is the request of an import with its envelope.
type Request struct {
	contracts.Envelope
	*contracts.ImportRequested
}

// Is tells whether both are the same request, and not only equal ones.
func (r Request) Is(other Request) bool { return r.ImportRequested == other.ImportRequested }

// Error is why an import did not become a fact of the broker.
type Error struct {
	importID string
	// perhaps tells that it may have become one all the same.
	perhaps bool
	err     error
}

func (e *Error) Error() string { return fmt.Sprintf("announce import %s: %v", e.importID, e.err) }

func (e *Error) Unwrap() error { return e.err }

// Announce publishes the outcome of ingest until the broker has confirmed it,
// has refused it or the patience is over. Repeating it is harmless: it is always
// the same message, and the broker keeps one per import, whatever its kind. It
// returns the request that the broker keeps, which is another one than the given
// where another was first.
func (a Announcer) Announce(ctx context.Context, request Request) (Request, *Error) {
	failed := &Error{importID: request.Import}
	payload, err := contracts.Encode(request.Envelope, request.ImportRequested)
	if err != nil {
		failed.err = err
		return Request{}, failed
	}
	ctx, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	var kept Request
	tries.Until(ctx, func() bool {
		err := a.publish(ctx, request.Envelope, payload)
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
		return kept.ImportRequested != nil || errors.Is(err, broker.ErrFull)
	})
	if kept.ImportRequested == nil {
		return Request{}, failed
	}
	return kept, nil
}

func (a Announcer) publish(ctx context.Context, envelope contracts.Envelope, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, tries.Timeout)
	defer cancel()
	msg := message.NewMessage(envelope.ID, payload)
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
	return read(stored)
}

// Kept reads the request of an import, broker.ErrNotFound where there is none.
func (a Announcer) Kept(ctx context.Context, id string) (Request, error) {
	stored, err := a.Last(ctx, a.Names.ImportsStream(), a.Names.AnyRequest(id))
	if err != nil {
		return Request{}, err
	}
	return read(stored)
}

func read(stored broker.Stored) (Request, error) {
	envelope, payload, err := contracts.Decode(stored.Data)
	if err != nil {
		return Request{}, err
	}
	request, ok := payload.(*contracts.ImportRequested)
	if !ok {
		return Request{}, fmt.Errorf("%s stands where a request should", payload.MessageType())
	}
	return Request{Envelope: envelope, ImportRequested: request}, nil
}
