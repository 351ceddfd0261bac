package broker

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
)

func TestWorkGoesOnWhenTheServerRestarts(t *testing.T) {
	t.Parallel()
	const total, restarts = 300, 2
	cfg := embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), cfg, quiet)
	require.NoError(t, err)
	t.Cleanup(func() { srv.Close() })
	g := newGate(t, srv)

	b, err := Connect(t.Context(), Config{URL: g.url, Replicas: 1}, quiet)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(t.Context()))
	consumer := b.Names().Consumer(contracts.EventArchive, contracts.Event)
	c, err := b.js.Consumer(t.Context(), b.Names().ImportsStream(), consumer)
	require.NoError(t, err)
	short := c.CachedInfo().Config
	short.AckWait = time.Second // so that what the restart cut off comes soon
	_, err = b.js.UpdateConsumer(t.Context(), b.Names().ImportsStream(), short)
	require.NoError(t, err)

	s := b.Subscriber(SubscriberConfig{Workers: 4, Backoff: func(int) time.Duration { return time.Millisecond }})
	messages := subscribe(t, s, consumer)
	var handled tally
	var handling sync.WaitGroup
	for range 4 {
		handling.Go(func() {
			for msg := range messages {
				handled.add(msg.UUID)
				msg.Ack()
			}
		})
	}

	var publishing sync.WaitGroup
	published := make(chan struct{}, total)
	for worker := range 4 {
		publishing.Go(func() {
			for i := worker; i < total; i += 4 {
				publishOnce(t, b, fmt.Sprintf("import-%d", i))
				published <- struct{}{}
			}
		})
	}
	for range restarts {
		for range total / 3 {
			<-published
		}
		srv.Close()
		srv, err = embedded.Start(t.Context(), cfg, quiet)
		require.NoError(t, err)
		g.lead(t, srv)
	}
	publishing.Wait()

	require.Eventually(t, func() bool { return handled.len() == total }, 3*soon, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		c, err := b.js.Consumer(t.Context(), b.Names().ImportsStream(), consumer)
		return err == nil && c.CachedInfo().NumAckPending == 0
	}, 3*soon, 10*time.Millisecond)
	require.NoError(t, s.Close())
	handling.Wait()
	stream, err := b.js.Stream(t.Context(), b.Names().ImportsStream())
	require.NoError(t, err)
	require.EqualValues(t, total, stream.CachedInfo().State.Msgs, "each was stored once")
}

// A server that is killed comes back with what its consumers had written down
// last. What it delivered after that it knows nothing of: it answers heartbeats
// of such a message and never an ack, until it has delivered it again.
func TestAckOfADeliveryThatTheBrokerHasForgottenKeepsNoWorker(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, shortAckWait)
	ids := publish(t, b, name, 2)
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{Workers: 1}), name)
	msg := receive(t, messages)
	require.Equal(t, ids[0], msg.UUID)
	require.NoError(t, b.js.DeleteConsumer(t.Context(), name, name))
	require.NoError(t, makeTopic(t.Context(), b, name, name, shortAckWait))
	msg.Ack()

	for _, id := range ids {
		msg := receive(t, messages)
		require.Equal(t, id, msg.UUID)
		msg.Ack()
	}
	requireSettled(t, b, name)
}

// publishOnce repeats an outcome until it is known to be stored.
func publishOnce(t *testing.T, b *Broker, id string) {
	subject := b.Names().Outcome(contracts.EventArchive, contracts.Ingest, id, 1, contracts.OutcomeCompleted)
	pattern := b.Names().AnyOutcome(contracts.EventArchive, contracts.Ingest, id, 1)
	msg := message.NewMessage(watermill.NewUUID(), []byte(id))
	ExpectLast(msg, 0, pattern)
	for pause(t.Context(), time.Millisecond) {
		err := b.Publisher().Publish(subject, msg)
		if err == nil {
			return
		}
		if errors.Is(err, ErrConflict) {
			// It can only have met itself, after an unknown outcome.
			last, err := b.Last(t.Context(), b.Names().ImportsStream(), pattern)
			if err != nil {
				continue
			}
			if last.ID() != msg.UUID {
				t.Errorf("%s met %s", msg.UUID, last.ID())
			}
			return
		}
	}
}
