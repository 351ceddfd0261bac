package broker

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// lastCall is how long a handler has to settle its message after
// SubscriberConfig.CloseTimeout has ended its context.
const lastCall = time.Second

// handOver is how long a message that has arrived may wait for its handler after
// the subscription has stopped pulling. The broker may have sent it just before: as
// a rule nothing keeps it from being handled, and giving it back would be a try.
const handOver = time.Second

// subscription is one topic of a Subscriber, and its workers.
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

	// troubled tells that the consumer could not be reached when that was last tried.
	troubled atomic.Bool
}

func newSubscription(ctx context.Context, s *Subscriber, stream, consumer string) *subscription {
	sub := &subscription{
		s: s, b: s.b, stream: stream, consumer: consumer,
		log:    s.log.With("consumer", consumer),
		out:    make(chan *message.Message),
		values: context.WithoutCancel(ctx),
	}
	var stop context.CancelFunc
	sub.stopping, stop = context.WithCancel(s.stopping)
	context.AfterFunc(ctx, stop)
	var cancel context.CancelFunc
	sub.leaving, cancel = context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(sub.stopping, func() { time.AfterFunc(s.handOver, cancel) })
	sub.late, sub.expire = context.WithCancelCause(context.Background())
	sub.gone, sub.leave = context.WithCancel(context.Background())
	return sub
}

func (s *subscription) run() {
	defer close(s.out)
	var working sync.WaitGroup
	for range s.s.cfg.Workers {
		working.Go((&worker{subscription: s}).run)
	}
	s.drain(&working)
}

// drain waits until the workers have ended: within CloseTimeout, if there is one, once they
// are to stop.
func (s *subscription) drain(working *sync.WaitGroup) {
	defer s.leave()
	defer s.expire(ErrClosed)
	settled := make(chan struct{})
	go func() {
		working.Wait()
		close(settled)
	}()
	select {
	case <-settled: // without being told: the connection was closed
		return
	case <-s.stopping.Done():
	}
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
		case <-time.After(s.s.lastCall):
			s.leave()
		}
	}
	<-settled
}
