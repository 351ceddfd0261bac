package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
)

// Replay answers POST /v1/imports/{id}/replay: the next attempt begins, from the
// stage that has failed or an earlier one. One that has succeeded is only made
// anew by force, and not where people have worked on what it made.
func (c *Controller) Replay(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	wanted, err := wantedOf(w, r)
	if err != nil {
		return err
	}
	return c.answer(w, r, who, "replay", func(ctx context.Context, c *command, s standing) (contracts.Payload, error) {
		return c.replay(ctx, s, wanted)
	})
}

func (c *command) replay(ctx context.Context, s standing, wanted wanted) (contracts.Payload, error) {
	switch {
	case s.state == contracts.Started:
		return nil, errNotFailed
	case s.state.TakenBack():
		return nil, errDiscarded
	case s.state == contracts.Success && !wanted.Force:
		return nil, errSucceeded
	case len(s.edited) > 0:
		return nil, edited(s.edited)
	}
	from, err := s.from(wanted.From)
	if err != nil {
		return nil, err
	}
	carried, err := c.carried(ctx, s, from)
	if err != nil {
		return nil, err
	}
	if err := c.readable(ctx, s, from, carried); err != nil {
		return nil, err
	}
	return &contracts.ReplayRequested{Carried: carried, From: from, By: c.who.Owner()}, nil
}

// readable refuses an attempt that would fail because the uploaded file is gone,
// such as a list that has been imported: the attempts that there were would look
// worse than they are. The last stage only tells what came of an import, and
// reads nothing; of an export nothing was uploaded.
func (c *command) readable(ctx context.Context, s standing, from contracts.Stage, carried contracts.Carried) error {
	if from == s.pipeline.Last() || !s.request.Kind.Uploaded() {
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

// carried is what the stage before from has handed on, in the newest attempt in
// which it ran. It has completed in one, or no stage behind it had begun. Where that
// is purged, because an attempt has succeeded since, a replay that began with the
// same stage has carried it. Mended rows are what the newest replay has brought.
func (c *command) carried(ctx context.Context, s standing, from contracts.Stage) (contracts.Carried, error) {
	before, _ := s.pipeline.Before(from)
	if before == contracts.Ingest {
		if again, err := c.mendedBefore(ctx, s, from); err != nil || again.Mended {
			return again, err
		}
	}
	subject := c.Names.AnyAttempt(s.request.Kind, before, c.id, contracts.OutcomeCompleted)
	_, _, payload, err := c.last(ctx, subject)
	if errors.Is(err, broker.ErrNotFound) {
		payload, err = c.replayed(ctx, s, from)
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

// mendedBefore is what the newest replay that began with the first stage has carried, if
// those were mended rows.
func (c *command) mendedBefore(ctx context.Context, s standing, first contracts.Stage) (contracts.Carried, error) {
	payload, err := c.replayed(ctx, s, first)
	if errors.Is(err, errForgotten) {
		return contracts.Carried{}, nil // there was none
	}
	if err != nil {
		return contracts.Carried{}, err
	}
	carried, _ := contracts.CarriedBy(payload)
	return carried, nil
}

// replayed finds the newest replay that began with a stage.
func (c *command) replayed(ctx context.Context, s standing, from contracts.Stage) (contracts.Payload, error) {
	var newest contracts.Payload
	err := c.each(ctx, s, func(payload contracts.Payload) {
		if replay, ok := payload.(*contracts.ReplayRequested); ok && replay.From == from {
			newest = payload
		}
	})
	if err != nil {
		return nil, err
	}
	if newest == nil {
		return nil, errForgotten
	}
	return newest, nil
}
