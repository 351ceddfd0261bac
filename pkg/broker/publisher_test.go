package broker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestOneOutcomeOfManyRacersStands(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	const racers = 100
	pattern := b.Names().AnyOutcome(contracts.EventArchive, contracts.People, "import", 1)

	var winner atomic.Pointer[message.Message]
	var conflicts atomic.Int32
	var racing sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		outcome := contracts.OutcomeCompleted
		if i%2 == 1 {
			outcome = contracts.OutcomeFailed
		}
		racing.Go(func() {
			msg := message.NewMessage(watermill.NewUUID(), []byte(outcome))
			ExpectLast(msg, 0, pattern)
			<-start
			err := b.Publisher().Publish(b.Names().Outcome(contracts.EventArchive, contracts.People, "import", 1, outcome), msg)
			switch {
			case err == nil:
				winner.Store(msg)
			case errors.Is(err, ErrConflict):
				conflicts.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	racing.Wait()

	require.NotNil(t, winner.Load())
	require.EqualValues(t, racers-1, conflicts.Load())
	stands, err := b.Last(t.Context(), b.Names().ImportsStream(), pattern)
	require.NoError(t, err)
	require.Equal(t, winner.Load().UUID, stands.ID())
	require.EqualValues(t, winner.Load().Payload, stands.Data)
	s, err := b.js.Stream(t.Context(), b.Names().ImportsStream())
	require.NoError(t, err)
	require.EqualValues(t, 1, s.CachedInfo().State.Msgs)
}

func TestExpectationOfALaterSequence(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	control := b.Names().Control(contracts.EventArchive, "import")
	require.NoError(t, b.Publisher().Publish(control, message.NewMessage("first", nil)))
	first, err := b.Last(t.Context(), b.Names().ImportsStream(), control)
	require.NoError(t, err)

	second, third := message.NewMessage("second", nil), message.NewMessage("third", nil)
	ExpectLast(second, first.Sequence, control)
	ExpectLast(third, first.Sequence, control)
	require.NoError(t, b.Publisher().Publish(control, second))
	require.ErrorIs(t, b.Publisher().Publish(control, third), ErrConflict)
}

func TestNextIsWhatWasFirstBehindASequence(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	stream, control, other := b.Names().ImportsStream(), b.Names().Control(contracts.EventArchive, "import"), b.Names().Control(contracts.EventArchive, "other")
	_, err := b.Next(t.Context(), stream, control, 0)
	require.ErrorIs(t, err, ErrNotFound)
	for _, subject := range []string{other, control, other, control, control} {
		require.NoError(t, b.Publisher().Publish(subject, message.NewMessage(watermill.NewUUID(), nil)))
	}
	var sequences []uint64
	for after := uint64(0); ; {
		next, err := b.Next(t.Context(), stream, control, after)
		if err != nil {
			require.ErrorIs(t, err, ErrNotFound)
			break
		}
		require.NotEmpty(t, next.ID())
		after = next.Sequence
		sequences = append(sequences, after)
	}
	require.Equal(t, []uint64{2, 4, 5}, sequences)
}

func TestLast(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	stream, names := b.Names().ImportsStream(), b.Names()
	subject := func(id string, o contracts.Outcome) string {
		return names.Outcome(contracts.EventArchive, contracts.People, id, 1, o)
	}
	pattern := names.AnyOutcome(contracts.EventArchive, contracts.People, "a", 1)

	_, err := b.Last(t.Context(), stream, pattern)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = b.Last(t.Context(), stream, subject("a", contracts.OutcomeCompleted))
	require.ErrorIs(t, err, ErrNotFound)

	for _, s := range []string{
		subject("a", contracts.OutcomeCompleted),
		subject("a", contracts.OutcomeFailed),
		subject("b", contracts.OutcomeCompleted),
	} {
		msg := message.NewMessage("id of "+s, []byte("data of "+s))
		require.NoError(t, b.Publisher().Publish(s, msg))
	}

	last, err := b.Last(t.Context(), stream, pattern)
	require.NoError(t, err)
	failed := subject("a", contracts.OutcomeFailed)
	require.Equal(t, failed, last.Subject)
	require.EqualValues(t, 2, last.Sequence)
	require.Equal(t, "data of "+failed, string(last.Data))
	require.Equal(t, "id of "+failed, last.ID())
	require.False(t, last.Time.IsZero())

	last, err = b.Last(t.Context(), stream, subject("a", contracts.OutcomeCompleted))
	require.NoError(t, err)
	require.EqualValues(t, 1, last.Sequence)

	_, err = b.Last(t.Context(), "NONE", pattern)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrNotFound)
}

func TestFullStreamRefuses(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	_, err := b.js.UpdateStream(t.Context(), jetstream.StreamConfig{
		Name: name, Subjects: []string{name}, MaxBytes: 4096, Discard: jetstream.DiscardNew,
		PersistMode: jetstream.AsyncPersistMode,
	})
	require.NoError(t, err)
	for range 100 {
		if err = b.Publisher().Publish(name, message.NewMessage(watermill.NewUUID(), make([]byte, 500))); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, ErrFull)
	require.NotErrorIs(t, err, ErrUnknown)
}

func TestPublishSaysWhatIsCertain(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	b := connect(t, srv, "")
	name := topic(t, b, ackWait)

	late := message.NewMessage("late", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	late.SetContext(ctx)
	err := b.Publisher().Publish(name, late)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnknown, "nothing was sent")

	require.NotErrorIs(t, b.Publisher().Publish("nobody.listens", message.NewMessage("x", nil)), ErrUnknown)

	// Somebody receives it, but nobody confirms it.
	unanswered := message.NewMessage("unanswered", nil)
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	_, err = b.nc.Subscribe("silence", func(*nats.Msg) { cancel() })
	require.NoError(t, err)
	unanswered.SetContext(ctx)
	require.ErrorIs(t, b.Publisher().Publish("silence", unanswered), ErrUnknown)

	srv.Close()
	require.Eventually(t, func() bool { return !b.nc.IsConnected() }, soon, 1e6)
	err = b.Publisher().Publish(name, message.NewMessage("offline", nil))
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUnknown, "nothing is kept for later")
	require.Error(t, b.Tell(name, nil))
	require.Error(t, b.Ping(t.Context()))
}

func TestTellReachesTheStream(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	subject := b.Names().Status(contracts.EventArchive, "import")
	require.NoError(t, b.Tell(subject, []byte("1 of 2")))
	require.Eventually(t, func() bool {
		last, err := b.Last(t.Context(), b.Names().StatusStream(), subject)
		return err == nil && string(last.Data) == "1 of 2"
	}, soon, 1e6)
}
