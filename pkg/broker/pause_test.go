package broker

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
)

// backlog reads what a consumer has before it.
func backlog(t *testing.T, b *Broker, c contracts.Consumer) Backlog {
	t.Helper()
	have, err := b.Backlog(t.Context(), c)
	require.NoError(t, err)
	return have
}

// archives is the consumer of archives of a stage.
func archives(t *testing.T, b *Broker, s contracts.Stage) contracts.Consumer {
	t.Helper()
	c := b.Names().ConsumersOf(s)[0]
	require.Equal(t, contracts.EventArchive, c.Kind)
	return c
}

func TestPausedConsumerFinishesWhatItHasAndGetsNothingUntilItIsResumed(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	paused, other := archives(t, b, contracts.Media), archives(t, b, contracts.People)
	s := b.Subscriber(SubscriberConfig{})
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	messages, others := subscribe(t, s, paused.Name), subscribe(t, s, other.Name)
	command := b.Names().Control(contracts.EventArchive, "an-import") // both hear it

	publish(t, b, command, 1)
	inHand := receive(t, messages)
	receive(t, others).Ack()
	until := time.Now().Add(time.Hour)
	require.NoError(t, b.Pause(t.Context(), paused, until))
	require.WithinDuration(t, until, backlog(t, b, paused).PausedUntil, time.Second)
	require.Zero(t, backlog(t, b, other).PausedUntil)
	inHand.Ack()
	require.Eventually(t, func() bool { return backlog(t, b, paused).InFlight == 0 }, soon, 10*time.Millisecond)

	ids := publish(t, b, command, 1)
	receive(t, others).Ack()            // so the message has been there
	require.Eventually(t, func() bool { // it is counted a moment after
		have := backlog(t, b, paused)
		return have.Waiting == 1 && have.InFlight == 0
	}, soon, 10*time.Millisecond)

	require.NoError(t, b.Resume(t.Context(), paused))
	msg := receive(t, messages)
	require.Equal(t, ids[0], msg.UUID)
	require.Equal(t, 1, DeliveryOf(msg).Try)
	msg.Ack()
	require.Zero(t, backlog(t, b, paused).PausedUntil)
	require.NoError(t, b.Resume(t.Context(), paused), "where there is no pause nothing happens")
}

func TestWhoWaitsIsWokenWhenAPauseIsEnded(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	c := archives(t, b, contracts.Media)
	p, err := newPuller(b.nc, c.Stream, c.Name)
	require.NoError(t, err)
	t.Cleanup(p.close)
	p.expiry, p.heartbeat = 4*soon, 2*soon // so that neither wakes the broker
	require.NoError(t, b.Pause(t.Context(), c, time.Now().Add(time.Hour)))
	publish(t, b, b.Names().Control(contracts.EventArchive, "an-import"), 1)

	waiting, cancel := context.WithTimeout(t.Context(), soon)
	t.Cleanup(cancel)
	resumed := make(chan error, 1)
	go func() {
		for pause(waiting, 10*time.Millisecond) { // until the pull waits at the broker
			consumer, err := b.js.Consumer(waiting, c.Stream, c.Name)
			if err == nil && consumer.CachedInfo().NumWaiting == 0 {
				continue
			}
			resumed <- errors.Join(err, b.Resume(waiting, c))
			return
		}
	}()
	m, err := p.next(waiting)
	require.NoError(t, err)
	require.NoError(t, m.Ack())
	require.NoError(t, <-resumed)
	require.Zero(t, backlog(t, b, c).PausedUntil)
}

func TestPullOutlastsAPauseAndGetsTheMessageWhenItEnds(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	c := archives(t, b, contracts.Media)
	p, err := newPuller(b.nc, c.Stream, c.Name)
	require.NoError(t, err)
	t.Cleanup(p.close)
	p.expiry, p.heartbeat = 6*time.Second, 3*time.Second // so that the pause outlasts both

	until := time.Now().Add(9 * time.Second)
	require.NoError(t, b.Pause(t.Context(), c, until))
	publish(t, b, b.Names().Control(contracts.EventArchive, "an-import"), 1)
	m, err := p.next(t.Context())
	require.NoError(t, err, "a silent or refused pull would say so")
	require.False(t, time.Now().Before(until), "the message came in the pause")
	require.NoError(t, m.Ack())
	require.Zero(t, backlog(t, b, c).PausedUntil, "the pause ends by itself")
}

func TestPauseOutlastsARestartOfTheBrokerAndProvisioning(t *testing.T) {
	t.Parallel()
	cfg := embedded.Config{Dir: t.TempDir()}
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), cfg, quiet)
	require.NoError(t, err)
	b := connect(t, srv, "")
	require.NoError(t, b.Provision(t.Context()))
	c := archives(t, b, contracts.Media)
	until := time.Now().Add(30 * 24 * time.Hour)
	require.NoError(t, b.Pause(t.Context(), c, until))
	b.Close()
	srv.Close()

	srv, err = embedded.Start(t.Context(), cfg, quiet)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	b = connect(t, srv, "")
	older := consumerConfig(c)
	older.AckWait = time.Minute // so that provisioning has something to do
	_, err = b.js.UpdateConsumer(t.Context(), c.Stream, older)
	require.NoError(t, err)
	require.Error(t, b.Verify(t.Context()))
	require.NoError(t, b.Provision(t.Context()))
	require.NoError(t, b.Verify(t.Context()))
	require.WithinDuration(t, until, backlog(t, b, c).PausedUntil, time.Second)
}

func TestPauseThatIsOverAlreadyIsRefused(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	require.ErrorContains(t, b.Pause(t.Context(), archives(t, b, contracts.Media), time.Now().Add(-time.Second)), "clock of the broker")
}

func TestOldestIsTheFirstMessageThatIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	c := archives(t, b, contracts.Media)
	oldest := func() time.Time {
		at, err := b.Oldest(t.Context(), c)
		require.NoError(t, err)
		return at
	}
	require.Zero(t, oldest())

	s := b.Subscriber(SubscriberConfig{})
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	messages := subscribe(t, s, c.Name)
	publish(t, b, b.Names().Control(contracts.EventCheck, "an-import"), 1) // which media does not hear
	publish(t, b, b.Names().Control(contracts.EventArchive, "an-import"), 1)
	publish(t, b, b.Names().Outcome(contracts.EventArchive, contracts.Schedule, "an-import", 1, contracts.OutcomeCompleted), 1)
	first := receive(t, messages)
	require.True(t, oldest().Equal(DeliveryOf(first).Time), "what is in hand counts")
	first.Ack()
	second := receive(t, messages)
	require.True(t, oldest().Equal(DeliveryOf(second).Time))
	second.Ack()
	require.Eventually(t, func() bool { return oldest().IsZero() }, soon, 10*time.Millisecond)
}
