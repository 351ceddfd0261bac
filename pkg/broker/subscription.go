package broker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"
)

// The long pull: an idle replica sends one small request a minute, and one that
// the broker has forgotten is noticed after two heartbeats.
const (
	pullExpiry    = time.Minute
	pullHeartbeat = 10 * time.Second
)

const (
	// drainTimeout bounds the wait for a message that the broker has sent
	// before it learned that we stop.
	drainTimeout = 2 * time.Second
	// lastCall is how long a handler has to settle its message after
	// SubscriberConfig.CloseTimeout has ended its context.
	lastCall = time.Second
)

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
	// stopping ends with Subscribe's context or the subscriber.
	stopping context.Context
	// late ends with ErrClosed after CloseTimeout; gone shortly after it.
	late   context.Context
	expire context.CancelCauseFunc
	gone   context.Context
	leave  context.CancelFunc

	workers  chan struct{}
	inFlight sync.WaitGroup

	// These are the pulling goroutine's alone.
	pulled   jetstream.MessagesContext
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
func (s *subscription) next() jetstream.Msg {
	for {
		healthy := s.s.outage.ready(s.stopping)
		if healthy == nil {
			return nil
		}
		if s.pulled == nil && !s.open() {
			return nil
		}
		m, err := s.pull(healthy)
		switch {
		case err == nil:
			return m
		case errors.Is(err, jetstream.ErrNoHeartbeat):
			// The pull is repeated by the client. Only a consumer that is
			// gone needs more: nothing can come from that one.
			if s.look() == nil {
				continue
			}
			s.pulled.Stop()
		case errors.Is(err, jetstream.ErrConnectionClosed):
			s.log.Error("the connection was closed under a subscription")
			return nil
		}
		s.pulled = nil
	}
}

// pull waits for one message until the context until ends. The client asks for
// a message only inside Next, and for one at a time, so nothing comes unasked.
// What the broker sent before it knew that we stop is still received.
func (s *subscription) pull(until context.Context) (jetstream.Msg, error) {
	enough, giveUp := context.WithCancel(context.Background())
	defer giveUp()
	pulled := s.pulled
	drain := func() {
		if !s.b.nc.IsConnected() {
			giveUp() // nothing can come, and the client would wait long
			return
		}
		pulled.Drain()
		if pause(enough, drainTimeout) {
			giveUp()
		}
	}
	defer context.AfterFunc(until, drain)()
	defer context.AfterFunc(s.stopping, drain)()
	m, err := pulled.Next(jetstream.NextContext(enough))
	if enough.Err() != nil && err != nil {
		pulled.Stop()
	}
	return m, err
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

// look asks for the consumer and opens the pull where there is none. It logs
// when the answer changes, not at each attempt.
func (s *subscription) look() error {
	c, err := s.b.js.Consumer(s.stopping, s.stream, s.consumer)
	if err == nil && s.pulled == nil {
		s.ackWait = c.CachedInfo().Config.AckWait
		s.pulled, err = c.Messages(jetstream.PullMaxMessages(1),
			jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(pullHeartbeat))
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
