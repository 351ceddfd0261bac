package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/tracing"
)

// command is one request, on its way into the stream.
type command struct {
	*Controller
	id   string
	who  auth.Identity
	from begin.Origin
	// message is the id of the one message that this request stores, if any.
	message string
}

// decision makes the command of where an import stands. It is nil where what is
// asked for is so already, and an error where it is refused.
type decision func(context.Context, *command, standing) (contracts.Payload, error)

// errLookAgain tells that the import has come to an end in between, by itself or by
// a command, which does not decide about this one unseen.
var errLookAgain = errors.New("the import has ended in the meantime")

// store looks where the import stands and publishes the command on condition
// that this has not changed. A stage's failure is known before the last stage
// has ended the attempt, so that end may come in between; then it looks again.
func (c *command) store(ctx context.Context, decide decision) (accepted, error) {
	for {
		s, err := c.look(ctx)
		if err != nil {
			return accepted{}, err
		}
		payload, err := decide(ctx, c, s)
		if err == nil && payload != nil {
			err = c.publish(ctx, s, payload)
		}
		if errors.Is(err, errLookAgain) {
			continue
		}
		if err != nil {
			return accepted{}, err
		}
		done := accepted{TaskURL: "/v1/tasks/" + c.id, ID: c.id, Attempt: s.attempt}
		if replay, ok := payload.(*contracts.ReplayRequested); ok {
			done.Attempt, done.From = s.attempt+1, replay.From
		}
		return done, nil
	}
}

// publish stores the command right behind the last one that was seen, or says
// what came first. It may send the message several times: it is always the same
// one under the same expectation, so the broker keeps it once. The error is an
// ErrUnknown where it may be stored all the same.
func (c *command) publish(ctx context.Context, s standing, payload contracts.Payload) error {
	attempt := s.attempt
	if _, begins := payload.(*contracts.ReplayRequested); begins {
		attempt++
		tracing.Link(ctx, s.request) // what this attempt does is in the trace of this request
	}
	data, err := contracts.Encode(contracts.Envelope{
		ID:          c.message,
		Time:        time.Now().UTC(),
		Source:      string(contracts.IngestService),
		Import:      c.id,
		Kind:        s.request.Kind,
		Attempt:     attempt,
		Owner:       s.request.Owner,
		Correlation: c.from.Correlation,
		TraceParent: c.from.TraceParent,
		TraceState:  c.from.TraceState,
	}, payload)
	if err != nil {
		return err
	}
	perhaps := false
	begin.Until(ctx, func() bool {
		if err = c.try(ctx, s, data); errors.Is(err, broker.ErrConflict) {
			err = c.first(ctx, s)
			perhaps = err != nil && !decided(err)
		} else {
			perhaps = perhaps || errors.Is(err, broker.ErrUnknown)
		}
		// What says nothing is tried again: the message may be there, and then
		// the command is this request's.
		return err == nil || decided(err)
	})
	if err != nil && perhaps {
		return fmt.Errorf("%w: %w", broker.ErrUnknown, err)
	}
	return err
}

// decided tells whether trying again would come to the same.
func decided(err error) bool {
	_, answered := errors.AsType[*problem.Problem](err)
	_, unreadable := errors.AsType[*unreadableError](err)
	return answered || unreadable || errors.Is(err, errLookAgain) || errors.Is(err, broker.ErrFull)
}

func (c *command) try(ctx context.Context, s standing, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, begin.TryTimeout)
	defer cancel()
	subject := c.Names.Control(s.request.Kind, c.id)
	msg := message.NewMessage(c.message, data)
	msg.SetContext(ctx)
	broker.ExpectLast(msg, s.sequence, subject)
	return c.Publisher.Publish(subject, msg)
}

// first looks at what was stored where the command should be. It is nil where
// that is the command itself, of an earlier try whose confirmation was lost. The
// newest message would not tell: a quick attempt may have ended behind it.
func (c *command) first(ctx context.Context, s standing) error {
	stored, err := c.Next(ctx, c.Names.ImportsStream(), c.Names.Control(s.request.Kind, c.id), s.sequence)
	if err != nil {
		return err
	}
	if stored.ID() == c.message {
		return nil
	}
	_, payload, err := contracts.Decode(stored.Data)
	if err != nil {
		return &unreadableError{fmt.Errorf("command that was first: %w", err)}
	}
	_, ended := payload.(*contracts.ImportFinished)
	if _, taken := contracts.TakenBack(payload); taken || ended {
		return errLookAgain
	}
	return errMovedOn
}
