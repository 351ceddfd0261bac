package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/origin"
	"github.com/usher-events/usher/services/ingest/internal/tries"
)

// command is one request to replay an import, on its way into the stream.
type command struct {
	*Replayer
	id     string
	wanted contracts.Stage
	who    auth.Identity
	from   origin.Origin
	// message is the id of the one message that this request stores, if any.
	message string
}

// errEnded tells that the attempt that has failed was brought to its end in
// between, which changes nothing but the last sequence.
var errEnded = errors.New("the attempt has ended in the meantime")

// store looks where the import stands and publishes the command on condition
// that this has not changed. A stage's failure is known before the last stage
// has ended the attempt, so that end may come in between; then it looks again.
func (c *command) store(ctx context.Context) (accepted, error) {
	for {
		s, err := c.look(ctx)
		if err != nil {
			return accepted{}, err
		}
		from, err := s.from(c.wanted)
		if err != nil {
			return accepted{}, err
		}
		carried, err := c.carried(ctx, s, from)
		if err != nil {
			return accepted{}, err
		}
		if err = c.readable(ctx, s, from, carried); err == nil {
			err = c.publish(ctx, s, &contracts.ReplayRequested{Carried: carried, From: from, By: c.who.Owner()})
		}
		if errors.Is(err, errEnded) {
			continue
		}
		if err != nil {
			return accepted{}, err
		}
		return accepted{TaskURL: "/v1/tasks/" + c.id, ID: c.id, Attempt: s.attempt + 1, From: from}, nil
	}
}

// readable refuses an attempt that would fail because the uploaded file is gone,
// such as a list that has been imported: the attempts that there were would look
// worse than they are. The last stage only tells what came of an import, and
// reads nothing.
func (c *command) readable(ctx context.Context, s standing, from contracts.Stage, carried contracts.Carried) error {
	if from == s.pipeline.Last() {
		return nil
	}
	there, err := c.Bucket.Exists(ctx, carried.Blob)
	if err != nil {
		return fmt.Errorf("upload of import %s: %w: %w", c.id, bucket.ErrUnavailable, err)
	}
	if there {
		return nil
	}
	// Whoever has taken the import back has taken the upload along; that says more.
	if err := c.first(ctx, s); !errors.Is(err, broker.ErrNotFound) {
		return err
	}
	return errGone
}

// publish stores the command right behind the last one that was seen, or says
// what came first. It may send the message several times: it is always the same
// one under the same expectation, so the broker keeps it once.
func (c *command) publish(ctx context.Context, s standing, replay *contracts.ReplayRequested) error {
	data, err := contracts.Encode(contracts.Envelope{
		ID:          c.message,
		Time:        time.Now().UTC(),
		Source:      string(contracts.IngestService),
		Import:      c.id,
		Kind:        s.request.Kind,
		Attempt:     s.attempt + 1,
		Owner:       s.request.Owner,
		Correlation: c.from.Correlation,
		TraceParent: c.from.TraceParent,
		TraceState:  c.from.TraceState,
	}, replay)
	if err != nil {
		return err
	}
	tries.Until(ctx, func() bool {
		if err = c.try(ctx, s, data); errors.Is(err, broker.ErrConflict) {
			err = c.first(ctx, s)
		}
		// What says nothing is tried again: the message may be there, and then
		// this request has begun the attempt.
		return err == nil || decided(err)
	})
	return err
}

// decided tells whether trying again would come to the same.
func decided(err error) bool {
	_, answered := errors.AsType[*problem.Problem](err)
	_, unreadable := errors.AsType[*unreadableError](err)
	return answered || unreadable || errors.Is(err, errEnded) || errors.Is(err, broker.ErrFull)
}

func (c *command) try(ctx context.Context, s standing, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, tries.Timeout)
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
	switch payload.(type) {
	case *contracts.ImportFinished:
		return errEnded
	case *contracts.DiscardRequested:
		return errDiscarded
	}
	return errMovedOn
}
