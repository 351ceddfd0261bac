package broker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

func TestDeliveryTellsWhatTheBrokerKnows(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	publish(t, b, name, 2)
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name)
	receive(t, messages).Ack()
	msg := receive(t, messages)
	d := DeliveryOf(msg)
	require.Equal(t, name, d.Subject)
	require.EqualValues(t, 2, d.Sequence)
	require.Equal(t, 1, d.Try)
	last, err := b.Last(t.Context(), name, name)
	require.NoError(t, err)
	require.True(t, last.Time.Equal(d.Time), "%s and %s", last.Time, d.Time)
	msg.Ack()
	require.Zero(t, DeliveryOf(message.NewMessage("x", nil)))
}

func TestExpectationOfAMessageIsNotHandedOn(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	msg := message.NewMessage("first", nil)
	ExpectLast(msg, 0, name)
	require.NoError(t, b.Publisher().Publish(name, msg))
	got := receive(t, subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name))
	next := message.NewMessage("second", nil)
	next.Metadata = got.Metadata
	require.NoError(t, b.Publisher().Publish(name, next))
	got.Ack()
}

func TestHeartbeatsKeepALongHandlersMessage(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, shortAckWait)
	publish(t, b, name, 2)
	// Two workers: the second one would get the first message again at once.
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{Workers: 2}), name)
	long := receive(t, messages)
	receive(t, messages).Ack()

	// The handler outlasts the ack wait.
	wait := time.After(2 * shortAckWait)
	select {
	case again := <-messages:
		require.FailNow(t, "a message came twice", DeliveryOf(again))
	case <-long.Context().Done():
		require.FailNow(t, "the context ended", context.Cause(long.Context()))
	case <-wait:
	}
	long.Ack()
	requireSettled(t, b, name)
	require.EqualValues(t, 2, info(t, b, name).Delivered.Consumer)
}

func TestLostMessageEndsItsContext(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	b := connect(t, srv, "")
	name := topic(t, b, 300*time.Millisecond)
	publish(t, b, name, 1)
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name)
	msg := receive(t, messages)
	srv.Close()
	select {
	case <-msg.Context().Done():
	case <-time.After(soon):
		require.FailNow(t, "the context goes on")
	}
	require.ErrorIs(t, context.Cause(msg.Context()), ErrLost)
	msg.Nack()
}

func TestNackedMessageComesAgain(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	ids := publish(t, b, name, 1)
	var asked tally
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{Backoff: func(try int) time.Duration {
		asked.add(string(rune('0' + try)))
		return time.Millisecond
	}}), name)
	for try := 1; try <= 5; try++ {
		msg := receive(t, messages)
		require.Equal(t, ids[0], msg.UUID)
		require.Equal(t, try, DeliveryOf(msg).Try)
		if try < 5 {
			msg.Nack()
		} else {
			msg.Ack()
		}
	}
	requireSettled(t, b, name)
	require.Equal(t, map[string]int{"1": 1, "2": 1, "3": 1, "4": 1}, asked.of)
}

func TestMessageIsGivenUpAfterItsTries(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	ids := publish(t, b, name, 2)
	given := make(chan *message.Message, 10)
	var refusals atomic.Int32
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{
		MaxTries: 3,
		GiveUp: func(ctx context.Context, msg *message.Message) error {
			given <- msg
			if refusals.Add(1) == 1 {
				return errors.New("not now")
			}
			return ctx.Err()
		},
	}), name)

	var handled tally
	for range 4 {
		msg := receive(t, messages)
		handled.add(msg.UUID)
		if msg.UUID == ids[0] {
			msg.Nack()
		} else {
			msg.Ack()
		}
	}
	first, second := receive(t, given), receive(t, given)
	require.Equal(t, ids[0], first.UUID)
	require.Equal(t, 4, DeliveryOf(first).Try)
	require.Equal(t, 5, DeliveryOf(second).Try, "after an error it comes again")
	requireSettled(t, b, name)
	require.Equal(t, map[string]int{ids[0]: 3, ids[1]: 1}, handled.of)
}

func TestMessageGivenUpWithoutAnybodyAskedIsBuried(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	name := topic(t, b, ackWait)
	ids := publish(t, b, name, 1)
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{MaxTries: 1}), name)
	receive(t, messages).Nack()
	requireBuried(t, b, name, ids[0], "given up after 1 tries")
}

func TestUndecodableMessageIsBuried(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	name := topic(t, b, ackWait)
	_, err := b.js.PublishMsg(t.Context(), &nats.Msg{
		Subject: name, Data: []byte("?"),
		Header: nats.Header{"_watermill_message_uuid": {"odd"}, "Twice": {"a", "b"}},
	})
	require.NoError(t, err)
	ids := publish(t, b, name, 1)
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name)
	msg := receive(t, messages)
	require.Equal(t, ids[0], msg.UUID, "the next one is not held up")
	msg.Ack()
	requireBuried(t, b, name, "odd", "multiple values")
}

// requireBuried waits for a message in the stream DEAD and for its settlement.
func requireBuried(t *testing.T, b *Broker, consumer, id, reason string) {
	t.Helper()
	requireSettled(t, b, consumer)
	dead, err := b.Last(t.Context(), b.Names().DeadStream(), b.Names().Dead(consumer))
	require.NoError(t, err)
	require.Equal(t, id, dead.Header.Get(BuriedID))
	require.Equal(t, consumer, dead.Header.Get(BuriedConsumer))
	require.Equal(t, consumer, dead.Header.Get(BuriedSubject))
	require.Contains(t, dead.Header.Get(BuriedReason), reason)
	require.Empty(t, dead.Header.Get(keyTry))
}

func TestOutageBurnsNoTryAndStopsPulling(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, shortAckWait)
	var down atomic.Bool
	down.Store(true)
	s := subscriberOf(t, b, SubscriberConfig{Workers: 4, Healthy: func(context.Context) error {
		if down.Load() {
			return errors.New("no database")
		}
		return nil
	}})
	messages := subscribe(t, s, name)
	waiting := func(n int) {
		require.Eventually(t, func() bool { return info(t, b, name).NumWaiting == n }, soon, time.Millisecond)
	}
	waiting(4)
	ids := publish(t, b, name, 1)
	msg := receive(t, messages)
	require.Equal(t, ids[0], msg.UUID)
	msg.Nack()

	// The outage has begun when the other workers have withdrawn their pulls.
	// What is published now stays with the broker.
	waiting(0)
	ids = append(ids, publish(t, b, name, 4)...)
	<-time.After(2 * shortAckWait) // the message that a worker holds stays its own
	require.EqualValues(t, 4, info(t, b, name).NumPending)
	require.Equal(t, 1, info(t, b, name).NumAckPending)

	down.Store(false)
	var got tally
	for range 5 {
		msg := receive(t, messages)
		require.Equal(t, 1, DeliveryOf(msg).Try)
		got.add(msg.UUID)
		msg.Ack()
	}
	require.Len(t, got.of, len(ids))
	requireSettled(t, b, name)
	require.EqualValues(t, 5, info(t, b, name).Delivered.Consumer, "each was delivered once")
}

func TestCloseInAnOutageGivesTheMessageBack(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	publish(t, b, name, 1)
	probed := make(chan struct{}, 100)
	s := subscriberOf(t, b, SubscriberConfig{Healthy: func(context.Context) error {
		probed <- struct{}{}
		return errors.New("no database")
	}})
	messages := subscribe(t, s, name)
	receive(t, messages).Nack()
	<-probed
	<-probed
	require.NoError(t, s.Close())
	requireClosed(t, messages)
	msg := receive(t, subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name))
	require.Equal(t, 2, DeliveryOf(msg).Try)
	msg.Ack()
}

func TestThirdTryRunsAloneInItsProcess(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	bad, good := topic(t, b, shortAckWait), topic(t, b, shortAckWait)
	publish(t, b, bad, 1)
	badOnes := subscribe(t, subscriberOf(t, b, SubscriberConfig{}), bad)
	goodOnes := subscribe(t, subscriberOf(t, b, SubscriberConfig{Workers: 2}), good)
	publish(t, b, good, 1)
	running := receive(t, goodOnes) // before a third try could be alone
	receive(t, badOnes).Nack()
	receive(t, badOnes).Nack()

	// The third try waits for what runs, in another subscriber too, and what
	// comes after it waits for the third try; all keep their messages.
	requireQueued(t, b)
	publish(t, b, good, 1)
	require.Eventually(t, func() bool { return info(t, b, good).NumAckPending == 2 }, soon, time.Millisecond)
	select {
	case <-badOnes:
		require.FailNow(t, "the third try did not wait")
	case <-goodOnes:
		require.FailNow(t, "a message passed the third try")
	case <-time.After(shortAckWait + shortAckWait/4):
	}
	running.Ack()
	alone := receive(t, badOnes)
	require.Equal(t, 3, DeliveryOf(alone).Try)
	select {
	case <-goodOnes:
		require.FailNow(t, "the third try is not alone")
	case <-time.After(shortAckWait / 20):
	}
	alone.Ack()
	other := receive(t, goodOnes)
	require.Equal(t, 1, DeliveryOf(other).Try)
	other.Ack()
	requireSettled(t, b, good)
	requireSettled(t, b, bad)
}

// requireQueued waits until a message waits to be alone.
func requireQueued(t *testing.T, b *Broker) {
	t.Helper()
	require.Eventually(t, func() bool {
		if !b.company.TryAcquire(1) {
			return true
		}
		b.company.Release(1)
		return false
	}, soon, time.Millisecond)
}

func TestCloseInterruptsTheWaitToBeAlone(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	bad, good := topic(t, b, ackWait), topic(t, b, ackWait)
	publish(t, b, bad, 1)
	publish(t, b, good, 1)
	s := subscriberOf(t, b, SubscriberConfig{})
	badOnes := subscribe(t, s, bad)
	running := receive(t, subscribe(t, subscriberOf(t, b, SubscriberConfig{}), good)) // before a third try could be alone
	receive(t, badOnes).Nack()
	receive(t, badOnes).Nack()
	requireQueued(t, b)
	require.NoError(t, s.Close())
	requireClosed(t, badOnes)
	running.Ack()
}

func TestCloseFinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, shortAckWait)
	publish(t, b, name, 20)
	s := subscriberOf(t, b, SubscriberConfig{Workers: 4})
	messages := subscribe(t, s, name)
	var running []*message.Message
	for range 4 {
		running = append(running, receive(t, messages))
	}
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	<-s.stopping.Done()
	_, err := s.Subscribe(t.Context(), name)
	require.ErrorIs(t, err, ErrClosed) // so nobody pulls any more
	for _, msg := range running {
		require.NoError(t, msg.Context().Err(), "closing does not end a handler")
	}
	for _, msg := range running[:3] {
		msg.Ack()
	}
	select {
	case err := <-closed:
		require.FailNow(t, "Close did not wait", err)
	case <-time.After(shortAckWait + shortAckWait/4):
	}
	running[3].Ack()
	require.NoError(t, <-closed)
	requireClosed(t, messages)
	require.NoError(t, s.Close(), "a second time")

	i := info(t, b, name)
	require.Zero(t, i.NumAckPending, "nothing is left behind")
	require.Zero(t, i.NumRedelivered)
	require.EqualValues(t, 4, i.Delivered.Consumer)
}

func TestCloseGivesBackWhatNobodyTook(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	publish(t, b, name, 1)
	s := subscriberOf(t, b, SubscriberConfig{})
	messages := subscribe(t, s, name)
	require.Eventually(t, func() bool { return info(t, b, name).NumAckPending == 1 }, soon, time.Millisecond)
	require.NoError(t, s.Close())
	requireClosed(t, messages)
	again := receive(t, subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name))
	require.Equal(t, 2, DeliveryOf(again).Try)
	again.Ack()
}

func TestWhatHasArrivedIsHandledAlthoughTheSubscriberCloses(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	publish(t, b, name, 1)
	s := subscriberOf(t, b, SubscriberConfig{})
	s.handOver = soon
	messages := subscribe(t, s, name)
	require.Eventually(t, func() bool { // until it has been pulled, and waits for its handler
		if !b.company.TryAcquire(everyone) {
			return true
		}
		b.company.Release(everyone)
		return false
	}, soon, time.Millisecond)
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	<-s.stopping.Done()
	receive(t, messages).Ack()
	require.NoError(t, <-closed)
	requireClosed(t, messages)
	requireSettled(t, b, name)
	require.EqualValues(t, 1, info(t, b, name).Delivered.Consumer, "it was not given back")
}

func TestCloseTimeoutEndsTheContexts(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	publish(t, b, name, 2)
	s := subscriberOf(t, b, SubscriberConfig{Workers: 2, CloseTimeout: time.Millisecond})
	s.lastCall = 5 * time.Second // the obedient one may be slow
	messages := subscribe(t, s, name)
	obedient, deaf := receive(t, messages), receive(t, messages)
	go func() {
		<-obedient.Context().Done()
		obedient.Nack()
	}()
	require.NoError(t, s.Close())
	require.ErrorIs(t, context.Cause(obedient.Context()), ErrClosed)
	require.Error(t, deaf.Context().Err())
	msg := receive(t, subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name))
	require.Equal(t, obedient.UUID, msg.UUID, "it was given back at once")
	msg.Ack()
}

func TestCloseBeforeSubscribe(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	s := b.Subscriber(SubscriberConfig{})
	require.NoError(t, s.Close())
	_, err := s.Subscribe(t.Context(), b.Names().Consumers()[0].Name)
	require.ErrorIs(t, err, ErrClosed)
}

func TestEndOfSubscribesContextEndsOnlyThatSubscription(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	one, two := topic(t, b, ackWait), topic(t, b, ackWait)
	publish(t, b, one, 1)
	s := subscriberOf(t, b, SubscriberConfig{})
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	ended, err := s.Subscribe(ctx, one)
	require.NoError(t, err)
	goesOn := subscribe(t, s, two)
	msg := receive(t, ended)
	require.Equal(t, "value", msg.Context().Value(key{}))
	cancel()
	require.NoError(t, msg.Context().Err())
	msg.Ack()
	requireClosed(t, ended)
	requireSettled(t, b, one)
	publish(t, b, two, 1)
	receive(t, goesOn).Ack()
}

func TestReplicasShareTheWorkOneMessageEach(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	b := connect(t, srv, "")
	name := topic(t, b, ackWait)
	publish(t, b, name, 8)
	var replicas []<-chan *message.Message
	for range 4 {
		replicas = append(replicas, subscribe(t, subscriberOf(t, connect(t, srv, ""), SubscriberConfig{}), name))
	}
	var held []*message.Message
	for _, messages := range replicas {
		held = append(held, receive(t, messages))
	}
	i := info(t, b, name)
	require.Equal(t, 4, i.NumAckPending, "a busy replica holds nothing back from the others")
	require.EqualValues(t, 4, i.Delivered.Consumer)

	// Three stay busy: the fourth one does all the rest.
	held[0].Ack()
	for range 4 {
		receive(t, replicas[0]).Ack()
	}
	for _, msg := range held[1:] {
		msg.Ack()
	}
	requireSettled(t, b, name)
	require.EqualValues(t, 8, info(t, b, name).Delivered.Consumer)
}

func TestSubscriberWaitsForItsConsumer(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := "t-" + watermill.NewShortUUID()
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name)
	require.NoError(t, makeTopic(t.Context(), b, name, name, ackWait))
	publish(t, b, name, 1)
	receive(t, messages).Ack()
	requireSettled(t, b, name)

	// It is deleted under the subscriber and made anew.
	require.NoError(t, b.js.DeleteConsumer(t.Context(), name, name))
	require.NoError(t, makeTopic(t.Context(), b, name, name, ackWait))
	receive(t, messages).Ack()
	requireSettled(t, b, name)
}

func TestRouterHandlesMessages(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	in, out := topic(t, b, ackWait), topic(t, b, ackWait)
	publish(t, b, in, 10)
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
	require.NoError(t, err)
	var tries sync.Map
	router.AddHandler("copy", in, subscriberOf(t, b, SubscriberConfig{Workers: 3}), out, b.Publisher(),
		func(msg *message.Message) ([]*message.Message, error) {
			if _, again := tries.LoadOrStore(msg.UUID, true); !again {
				return nil, errors.New("once more")
			}
			return []*message.Message{msg.Copy()}, nil
		})
	running := make(chan error, 1)
	go func() { running <- router.Run(context.Background()) }()
	messages := subscribe(t, subscriberOf(t, b, SubscriberConfig{}), out)
	for range 10 {
		msg := receive(t, messages)
		require.Equal(t, 1, DeliveryOf(msg).Try, "the delivery is its own, not that of what it was made of")
		msg.Ack()
	}
	require.NoError(t, router.Close())
	require.NoError(t, <-running)
	requireSettled(t, b, in)
}
