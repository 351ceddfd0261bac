package stage_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
)

// command stores a message among the commands of the import.
func (r running) command(t *testing.T, attempt int, payload contracts.Payload) {
	t.Helper()
	env := r.env
	env.Attempt = attempt
	data, err := contracts.Encode(env, payload)
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, r.Broker.Publisher().Publish(r.Broker.Names().Control(r.env.Kind, r.env.Import), msg))
}

func TestRunEndsSoonAfterItsImportHasMovedOn(t *testing.T) {
	t.Parallel()
	by := contracts.Owner{Issuer: "usher", Subject: "olga"}
	for name, command := range map[string]struct {
		attempt int
		payload contracts.Payload
	}{
		"canceled":  {1, &contracts.CancelRequested{By: by}},
		"discarded": {1, &contracts.DiscardRequested{By: by}},
		"replayed":  {2, &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "none"}, From: contracts.Event, By: by}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun, ended := make(chan struct{}), make(chan error, 1)
			var runs atomic.Int32
			r := run(t, func(ctx context.Context, _ *stage.Run) error {
				runs.Add(1)
				close(begun)
				<-ctx.Done() // as whatever it waits for does
				ended <- context.Cause(ctx)
				return ctx.Err()
			})
			r.send(t)
			<-begun
			r.command(t, command.attempt, command.payload)
			require.ErrorContains(t, <-ended, "the import has moved on")
			r.settled(t)
			require.EqualValues(t, 1, runs.Load(), "it is not tried again")
			_, _, ok := r.Outcome(t.Context(), t, r.stage, r.env.Import, 1)
			require.False(t, ok)
		})
	}
}

func TestRunGoesOnWhereACommandDoesNotConcernIt(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	commanded := make(chan struct{})
	r := run(t, func(ctx context.Context, _ *stage.Run) error {
		close(begun)
		<-commanded
		select { // until it has looked
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
		return ctx.Err()
	})
	r.env.Attempt = 2
	r.send(t)
	<-begun
	r.command(t, 2, &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "none"}, From: contracts.Event, By: r.env.Owner})
	close(commanded)
	require.IsType(t, &contracts.PeopleImported{}, r.awaitOutcome(t))
}

func TestATryThatFailedTellsWhyAndWhenTheNextOneIs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var tries atomic.Int32
	r := run(t, func(context.Context, *stage.Run) error {
		if tries.Add(1) == 1 {
			return errors.New("of no interest to organizers")
		}
		<-release
		return nil
	})
	r.send(t)
	require.Regexp(t, `^unexpected error, try 1 of 8, next in [12]s$`, r.note(t))
	close(release)
	r.awaitOutcome(t)
}
