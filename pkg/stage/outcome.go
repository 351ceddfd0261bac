package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/remap"
)

// Completion is the payload with which the stage reports that it is done.
func (r *Run) Completion() contracts.Payload {
	c := contracts.Completed{
		Carried:     r.carry(),
		Counts:      r.counts,
		Found:       r.findings.counted(),
		FirstIssues: r.findings.first(),
		StartedAt:   r.began,
	}
	for _, e := range r.stage.Entities {
		if len(r.remaps[e.Type]) > 0 {
			c.Remaps[e.Type] = remap.Key(r.ImportID, r.Attempt, e.Type)
		}
	}
	return contracts.CompletionOf(r.stage.Name, c)
}

// failure is the payload with which the stage reports that it will not go on.
func (r *Run) failure(cause *PermanentError, tries int) contracts.Payload {
	return &contracts.StageFailed{
		Carried:     r.carry(),
		Stage:       r.stage.Name,
		Code:        cause.Code,
		Reason:      cause.Reason,
		Tries:       tries,
		Found:       r.findings.counted(),
		FirstIssues: r.findings.first(),
		StartedAt:   r.began,
	}
}

// carry hands on what the import knows, with what this run found added.
func (r *Run) carry() contracts.Carried {
	c := r.Carried
	c.Remaps = maps.Clone(c.Remaps)
	if c.Remaps == nil {
		c.Remaps = make(map[contracts.EntityType]string)
	}
	c.Issues = c.Issues.Plus(r.findings.counted())
	return c
}

// publish sends the outcome that stands in stage_run and returns its payload. It
// may be repeated at will: the broker keeps one outcome per import, stage and
// attempt.
func (r *Run) publish(ctx context.Context, out outcome) (contracts.Payload, error) {
	_, payload, err := contracts.Decode(out.Message)
	if err != nil {
		return nil, fmt.Errorf("outcome in stage_run: %w", err)
	}
	return payload, r.send(ctx, out, payload)
}

func (r *Run) send(ctx context.Context, out outcome, payload contracts.Payload) error {
	if done, ok := contracts.CompletedOf(payload); ok {
		r.reach(BeforeRemaps)
		if err := r.keepRemaps(ctx, done.Remaps); err != nil {
			return err
		}
		r.reach(AfterRemaps)
	}
	r.reach(BeforeOutcome)
	names, k, s := r.Broker.Names(), r.stage.Kind, r.stage.Name
	if _, ends := payload.(*contracts.ImportFinished); ends {
		return r.publishFinish(ctx, out)
	}
	msg := message.NewMessage(out.MessageID, message.Payload(out.Message))
	msg.SetContext(ctx)
	broker.ExpectLast(msg, 0, names.AnyOutcome(k, s, r.ImportID, r.Attempt))
	err := r.Broker.Publisher().Publish(names.Outcome(k, s, r.ImportID, r.Attempt, out.Outcome), msg)
	if errors.Is(err, broker.ErrConflict) {
		return r.obey(ctx, out)
	}
	if err != nil {
		return fmt.Errorf("outcome: %w", err)
	}
	return nil
}

// obey looks at the outcome that was there first. Mostly it is our own, of a
// try that died before its ack. Any other one is the truth all the same: those
// after us act on it already, and what we committed stays unseen behind it.
func (r *Run) obey(ctx context.Context, out outcome) error {
	names := r.Broker.Names()
	first, err := r.Broker.Last(ctx, names.ImportsStream(), names.AnyOutcome(r.stage.Kind, r.stage.Name, r.ImportID, r.Attempt))
	if err != nil {
		return fmt.Errorf("outcome that was first: %w", err)
	}
	env, _, err := contracts.Decode(first.Data)
	if err != nil {
		return fmt.Errorf("outcome that was first: %w", err)
	}
	if env.ID != out.MessageID {
		r.Log.WarnContext(ctx, "another outcome was first", "ours", out.MessageID, "first", env.ID, "type", env.Type)
	}
	return nil
}

// publishFinish ends the attempt on the control subject, in order with the
// commands: the broker takes it only if nothing came after what we saw. It returns
// errFenced where the import has moved on.
func (r *Run) publishFinish(ctx context.Context, out outcome) error {
	names := r.Broker.Names()
	subject := names.Control(r.stage.Kind, r.ImportID)
	for {
		last, err := r.Broker.Last(ctx, names.ImportsStream(), subject)
		if err != nil && !errors.Is(err, broker.ErrNotFound) {
			return fmt.Errorf("last command: %w", err)
		}
		if err == nil {
			env, command, err := contracts.Decode(last.Data)
			if err != nil {
				return fmt.Errorf("last command: %w", err)
			}
			state, taken := contracts.TakenBack(command)
			if taken || env.Attempt > r.Attempt {
				return r.endedBefore(ctx, out, fmt.Errorf("%w: its last command is of attempt %d, %s", errFenced, env.Attempt, state))
			}
			if _, begins := command.(*contracts.ReplayRequested); env.Attempt == r.Attempt && !begins {
				return nil // this attempt has ended
			}
		}
		msg := message.NewMessage(out.MessageID, message.Payload(out.Message))
		msg.SetContext(ctx)
		broker.ExpectLast(msg, last.Sequence, subject)
		err = r.Broker.Publisher().Publish(subject, msg)
		if errors.Is(err, broker.ErrConflict) {
			continue // a command came in between; look at it
		}
		if err != nil {
			return fmt.Errorf("finish: %w", err)
		}
		return nil
	}
}

// endedBefore is nil where the end of this attempt stands among the commands all the
// same, as of a run that died behind it or was not told so: then what follows the
// end is still to be done. Else it is the given error.
func (r *Run) endedBefore(ctx context.Context, out outcome, moved error) error {
	names := r.Broker.Names()
	for after := uint64(0); ; {
		stored, err := r.Broker.Next(ctx, names.ImportsStream(), names.Control(r.stage.Kind, r.ImportID), after)
		if errors.Is(err, broker.ErrNotFound) {
			return moved
		}
		if err != nil {
			return fmt.Errorf("commands: %w", err)
		}
		if stored.ID() == out.MessageID {
			return nil
		}
		after = stored.Sequence
	}
}
