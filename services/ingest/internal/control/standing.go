package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

// standing is where an import stands, as its messages say.
type standing struct {
	// request is the envelope of the import's request.
	request  contracts.Envelope
	pipeline contracts.Pipeline
	// ofAnother tells that it is an export of an event that is another's than its owner's.
	ofAnother bool
	// sequence is that of the last command, 0 where there was none yet, and at its time.
	sequence uint64
	at       time.Time
	attempt  int
	// state is Started as long as no stage of the attempt has failed and the last
	// one has not ended it.
	state contracts.State
	// failed is the stage that has failed in this attempt, of a Failure.
	failed contracts.Stage
	// edited names what people have changed since a Success.
	edited []string
}

// look reads where the import stands; the error is a problem where there is none
// for who asks. What it reads beside the last command cannot change while that
// one is the last, but for a running attempt, which may fail.
func (c *command) look(ctx context.Context) (standing, error) {
	s, err := c.request(ctx)
	if err != nil {
		return s, err
	}
	if !c.who.Admin && !s.request.Owner.Is(c.who.Owner()) {
		return s, errUnknown
	}
	// A list makes accounts, as the upload did, and the export of another's event reads it: who
	// was an administrator then may be none now.
	if (s.request.Kind.List() || s.ofAnother) && !c.who.Admin {
		return s, errAdminOnly
	}
	last, env, payload, err := c.last(ctx, c.Names.Control(s.request.Kind, c.id))
	switch {
	case errors.Is(err, broker.ErrNotFound):
		s.attempt = 1
	case err != nil:
		return s, err
	default:
		s.sequence, s.at, s.attempt = last.Sequence, last.Time, env.Attempt
	}
	s.state = contracts.Started
	switch m := payload.(type) {
	case *contracts.ImportFinished:
		s.state = m.State
	case *contracts.EventEdited:
		s.state, s.edited = contracts.Success, m.Attributes
	default:
		if state, taken := contracts.TakenBack(payload); taken {
			s.state = state
		}
	}
	if s.state.TakenBack() || s.state == contracts.Success {
		return s, nil
	}
	return s, c.findFailed(ctx, &s)
}

// findFailed notes which stage has failed in the attempt, if one has. That is known
// before the last stage has ended the attempt.
func (c *command) findFailed(ctx context.Context, s *standing) error {
	for _, stage := range s.pipeline.Stages[1:] {
		_, _, payload, err := c.last(ctx, c.Names.AnyOutcome(s.request.Kind, stage, c.id, s.attempt))
		if errors.Is(err, broker.ErrNotFound) {
			continue // it has not come to an end, or this attempt began behind it
		}
		if err != nil {
			return err
		}
		if _, failed := payload.(*contracts.StageFailed); failed {
			s.state, s.failed = contracts.Failure, stage
			return nil
		}
	}
	return nil
}

// request finds the import.
func (c *command) request(ctx context.Context) (standing, error) {
	_, env, payload, err := c.last(ctx, c.Names.AnyRequest(c.id))
	if errors.Is(err, broker.ErrNotFound) {
		return standing{}, errUnknown
	}
	if err != nil {
		return standing{}, err
	}
	pipeline, known := contracts.PipelineOf(env.Kind)
	if !known {
		return standing{}, errUnknown
	}
	export, isExport := payload.(*contracts.ExportRequested)
	return standing{request: env, pipeline: pipeline, ofAnother: isExport && export.AsAdministrator}, nil
}

// from is the stage to begin with: the one that is wanted, if the import can go
// on from there, or the one that has failed, or the first one after a success.
func (s standing) from(wanted contracts.Stage) (contracts.Stage, error) {
	possible := s.pipeline.Stages[1:]
	if s.failed != "" { // what is behind it has nothing to begin with yet
		possible = s.pipeline.Stages[1 : s.pipeline.Position(s.failed)+1]
	}
	switch {
	case wanted == "" && s.failed != "":
		return s.failed, nil
	case wanted == "":
		return possible[0], nil
	case !slices.Contains(possible, wanted):
		return "", badStage(wanted, possible)
	}
	return wanted, nil
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
