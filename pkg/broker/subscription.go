package broker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
)

// lastCall is how long a handler has to settle its message after
// SubscriberConfig.CloseTimeout has ended its context.
const lastCall = time.Second

// handOver is how long a message that has arrived may wait for its handler after
// the subscription has stopped pulling. The broker may have sent it just before: as
// a rule nothing keeps it from being handled, and giving it back would be a try.
const handOver = time.Second

// The waits between attempts to find a consumer.
const (
	firstReopen = 100 * time.Millisecond
	longReopen  = 5 * time.Second
)

// subscription is one topic of a Subscriber: one goroutine that pulls, and one
// per message in flight.
type subscription struct {
	s        *Subscriber
	b        *Broker
	stream   string
	consumer string
	log      *slog.Logger
	out      chan *message.Message

	// values are the values of Subscribe's context, without its end.
	values context.Context
	// stopping ends with Subscribe's context or the subscriber; leaving the time
	// of handOver after it.
	stopping context.Context
	leaving  context.Context
	// late ends with ErrClosed after CloseTimeout; gone shortly after it.
	late   context.Context
	expire context.CancelCauseFunc
	gone   context.Context
	leave  context.CancelFunc

	workers  chan struct{}
	inFlight sync.WaitGroup

	// These are the pulling goroutine's alone.
	puller   *puller
	ackWait  time.Duration
	troubled bool
}

func newSubscription(ctx context.Context, s *Subscriber, stream, consumer string) *subscription {
	sub := &subscription{
		s: s, b: s.b, stream: stream, consumer: consumer,
		log:     s.log.With("consumer", consumer),
		out:     make(chan *message.Message),
		values:  context.WithoutCancel(ctx),
		workers: make(chan struct{}, s.cfg.Workers),
	}
	var stop context.CancelFunc
	sub.stopping, stop = context.WithCancel(ctx)
	context.AfterFunc(s.stopping, stop)
	var cancel context.CancelFunc
	sub.leaving, cancel = context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(sub.stopping, func() { time.AfterFunc(handOver, cancel) })
	sub.late, sub.expire = context.WithCancelCause(context.Background())
	sub.gone, sub.leave = context.WithCancel(context.Background())
	return sub
}

func (s *subscription) run() {
	defer close(s.out)
	for {
		select {
		case s.workers <- struct{}{}:
		case <-s.stopping.Done():
		}
		m := s.next()
		if m == nil {
			break
		}
		ackWait := s.ackWait
		s.inFlight.Go(func() {
			defer func() { <-s.workers }()
			s.handle(m, ackWait)
		})
	}
	if s.puller != nil {
		s.puller.close()
	}
	s.drain()
}

// drain waits for the messages in flight, within CloseTimeout if there is one.
func (s *subscription) drain() {
	defer s.leave()
	defer s.expire(ErrClosed)
	settled := make(chan struct{})
	go func() {
		s.inFlight.Wait()
		close(settled)
	}()
	if s.s.cfg.CloseTimeout > 0 {
		select {
		case <-settled:
			return
		case <-time.After(s.s.cfg.CloseTimeout):
			s.log.Warn("messages are still being handled, their contexts end now")
			s.expire(ErrClosed)
		}
		select {
		case <-settled:
			return
		case <-time.After(lastCall):
			s.leave()
		}
	}
	<-settled
}

// next pulls one message; nil when the subscription stops. Neither errors nor
// outages end it.
func (s *subscription) next() *nats.Msg {
	for {
		healthy := s.s.outage.ready(s.stopping)
		if healthy == nil {
			return nil
		}
		if s.puller == nil && !s.open() {
			return nil
		}
		m, err := s.pull(healthy)
		if s.puller.closed {
			s.puller = nil
		}
		if err == nil {
			return m
		}
		switch {
		case s.b.nc.IsClosed():
			s.log.Error("the connection was closed under a subscription")
			return nil
		case !errors.Is(err, errPullEnded):
			s.log.Info("the pull is begun anew", "reason", err)
			pause(s.stopping, jitter(firstReopen)) // a refusal must not become a hot loop
		}
	}
}

// pull waits for one message until it becomes unhealthy or the subscription stops.
func (s *subscription) pull(healthy context.Context) (*nats.Msg, error) {
	until, cancel := context.WithCancel(healthy)
	defer cancel()
	defer context.AfterFunc(s.stopping, cancel)()
	return s.puller.next(until)
}

// open begins to pull from the consumer, trying until it is there; false when
// the subscription stops before.
func (s *subscription) open() bool {
	for d := firstReopen; ; d = min(2*d, longReopen) {
		if err := s.look(); err == nil {
			return true
		}
		if !pause(s.stopping, jitter(d)) {
			return false
		}
	}
}

// look asks for the consumer and makes a puller. It logs when the answer
// changes, not at each attempt.
func (s *subscription) look() error {
	c, err := s.b.js.Consumer(s.stopping, s.stream, s.consumer)
	if err == nil {
		s.ackWait = c.CachedInfo().Config.AckWait
		s.puller, err = newPuller(s.b.nc, s.stream, s.consumer)
	}
	switch {
	case err != nil && !s.troubled && s.stopping.Err() == nil:
		s.troubled = true
		s.log.Warn("the consumer cannot be reached", "error", err)
	case err == nil && s.troubled:
		s.troubled = false
		s.log.Info("the consumer is back")
	}
	return err
}
