package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

// standing is where an import stands, as its messages say.
type standing struct {
	// request is the envelope of the import's request.
	request  contracts.Envelope
	pipeline contracts.Pipeline
	// sequence is that of the last command, 0 where there was none yet.
	sequence uint64
	attempt  int
	// failed is the stage that has failed in this attempt.
	failed contracts.Stage
}

// look reads where the import stands; the error is a problem where it is not to
// be replayed. What it reads beside the last command cannot change while that
// one is the last: an attempt that has failed gets no other outcomes.
func (c *command) look(ctx context.Context) (standing, error) {
	s, err := c.request(ctx)
	if err != nil {
		return s, err
	}
	if !c.who.Admin && !s.request.Owner.Is(c.who.Owner()) {
		return s, errUnknown
	}
	// It makes accounts, as the upload did, and who was an administrator then may be none now.
	if s.request.Kind == contracts.UserList && !c.who.Admin {
		return s, errAdminOnly
	}
	last, env, payload, err := c.last(ctx, c.Names.Control(s.request.Kind, c.id))
	switch {
	case errors.Is(err, broker.ErrNotFound):
		s.attempt = 1
	case err != nil:
		return s, err
	default:
		s.sequence, s.attempt = last.Sequence, env.Attempt
	}
	switch m := payload.(type) {
	case *contracts.DiscardRequested:
		return s, errDiscarded
	case *contracts.ImportFinished:
		if m.State == contracts.Success {
			return s, errSucceeded
		}
	}
	for _, stage := range s.pipeline.Stages[1:] {
		_, _, payload, err := c.last(ctx, c.Names.AnyOutcome(s.request.Kind, stage, c.id, s.attempt))
		if errors.Is(err, broker.ErrNotFound) {
			continue // it has not come to an end, or this attempt began behind it
		}
		if err != nil {
			return s, err
		}
		if _, failed := payload.(*contracts.StageFailed); failed {
			s.failed = stage
			return s, nil
		}
	}
	return s, errRunning
}

// request finds the import. Its kind is not part of its id, so each is tried.
func (c *command) request(ctx context.Context) (standing, error) {
	for _, p := range contracts.Pipelines() {
		_, env, _, err := c.last(ctx, c.Names.Outcome(p.Kind, contracts.Ingest, c.id, 1, contracts.OutcomeCompleted))
		if errors.Is(err, broker.ErrNotFound) {
			continue
		}
		return standing{request: env, pipeline: p}, err
	}
	return standing{}, errUnknown
}

// from is the stage to begin with: the one that is wanted, if the import can go
// on from there, or the one that has failed.
func (s standing) from(wanted contracts.Stage) (contracts.Stage, error) {
	if wanted == "" {
		return s.failed, nil
	}
	// What is behind the failed stage has nothing to begin with yet.
	possible := s.pipeline.Stages[1 : s.pipeline.Position(s.failed)+1]
	if !slices.Contains(possible, wanted) {
		return "", badStage(wanted, possible)
	}
	return wanted, nil
}

// carried is what the stage before from has handed on, in the newest attempt in
// which it ran. It has completed in one, or no stage behind it had begun.
func (c *command) carried(ctx context.Context, s standing, from contracts.Stage) (contracts.Carried, error) {
	before, _ := s.pipeline.Before(from)
	subject := c.Names.AnyAttempt(s.request.Kind, before, c.id, contracts.OutcomeCompleted)
	_, _, payload, err := c.last(ctx, subject)
	if errors.Is(err, broker.ErrNotFound) { // the stream forgets the oldest first
		return contracts.Carried{}, errUnknown
	}
	if err != nil {
		return contracts.Carried{}, err
	}
	carried, ok := contracts.CarriedBy(payload)
	if !ok {
		return carried, &unreadableError{fmt.Errorf("%s stands where a completion should", payload.MessageType())}
	}
	return carried, nil
}

// last reads and decodes the newest message under a subject.
func (c *command) last(ctx context.Context, subject string) (broker.Stored, contracts.Envelope, contracts.Payload, error) {
	stored, err := c.Last(ctx, c.Names.ImportsStream(), subject)
	if err != nil {
		return stored, contracts.Envelope{}, nil, err
	}
	env, payload, err := contracts.Decode(stored.Data)
	if err != nil {
		return stored, env, nil, &unreadableError{fmt.Errorf("last of %q: %w", subject, err)}
	}
	return stored, env, payload, nil
}
