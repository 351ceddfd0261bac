package broker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// SubscriberConfig says how the messages of a Subscriber are handled. The zero
// value is ready to use.
type SubscriberConfig struct {
	// Workers is how many messages of one subscription are handled at once in
	// this process; 0 means 1. More replicas or more workers share the same
	// consumer.
	Workers int
	// MaxTries is after how many deliveries a message is given up; 0 means 8.
	MaxTries int
	// Backoff is how long a message rests after its n-th try has failed; nil
	// means the function Backoff.
	Backoff func(try int) time.Duration
	// Healthy tells after a failed try whether what the handlers depend on
	// answers. If it does not, the try was an outage and does not count; see
	// Subscriber. It has five seconds. Nil means Broker.Ping.
	Healthy func(context.Context) error
	// GiveUp settles a message that has used up its tries, without handling it:
	// nil acknowledges it, an error has it come again later. Nil means that the
	// message is buried.
	GiveUp func(context.Context, *message.Message) error
	// CloseTimeout is how long Close waits for the messages in flight before it
	// ends their contexts with ErrClosed; those that are not settled a second
	// later come again. 0 waits without limit.
	CloseTimeout time.Duration
}

// defaultTries is SubscriberConfig.MaxTries where nothing is said.
const defaultTries = 8

func (c SubscriberConfig) withDefaults(b *Broker) SubscriberConfig {
	if c.Workers <= 0 {
		c.Workers = 1
	}
	if c.MaxTries <= 0 {
		c.MaxTries = defaultTries
	}
	if c.Backoff == nil {
		c.Backoff = Backoff
	}
	if c.Healthy == nil {
		c.Healthy = b.Ping
	}
	return c
}

// Subscriber implements Watermill's message.Subscriber over durable pull
// consumers: the topic is the consumer's name. It is safe for concurrent use.
//
// Every message is delivered at least once: handlers have to be idempotent. The
// UUID, payload and metadata are the sender's; DeliveryOf tells the rest.
//
//   - A free worker pulls exactly one message. Nothing waits in a buffer, where
//     its ack wait would run out and another replica could not get at it.
//   - Heartbeats keep a message ours however long its handler runs. Its context
//     ends with ErrLost when they go unanswered; closing the subscriber does not
//     end it, so that a deployment finishes what it has begun.
//   - Ack is confirmed by the broker. If it cannot be, the message comes again.
//   - Nack while SubscriberConfig.Healthy succeeds is a failed try: the message
//     rests and comes again. While it fails it is an outage: the worker keeps
//     the message, all subscriptions stop pulling, and when Healthy succeeds the
//     handler gets a fresh copy of the same delivery. So an outage, however
//     long, burns no tries. (An outage of the broker itself burns one if it
//     outlasts the ack wait, since nobody can keep a message then.)
//   - From the third try on a message is handled alone in this process, over all
//     subscribers of the Broker: if it kills the process, it harms no other.
//   - A message that comes once more after its last try is not handled again, it
//     goes to SubscriberConfig.GiveUp. This decision on arrival also ends what a
//     handler never gets to report: a crash in each try.
//   - A message that is not even decodable is buried and acknowledged.
type Subscriber struct {
	b   *Broker
	cfg SubscriberConfig
	log *slog.Logger
	// resolve finds the stream and the consumer of a topic.
	resolve func(topic string) (stream, consumer string, err error)
	// handOver and lastCall are the constants of these names.
	handOver, lastCall time.Duration

	outage   *outage
	stopping context.Context
	stop     context.CancelFunc

	mu            sync.Mutex
	subscriptions sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// Subscriber returns a subscriber on this connection.
func (b *Broker) Subscriber(cfg SubscriberConfig) *Subscriber {
	cfg = cfg.withDefaults(b)
	stopping, stop := context.WithCancel(context.Background())
	return &Subscriber{
		b: b, cfg: cfg, log: b.log, resolve: b.resolve,
		handOver: handOver, lastCall: lastCall,
		outage:   newOutage(stopping, b.log, cfg.Healthy),
		stopping: stopping, stop: stop,
	}
}

// resolve finds a consumer among those of contracts.
func (b *Broker) resolve(topic string) (stream, consumer string, err error) {
	for _, c := range b.names.Consumers() {
		if c.Name == topic {
			return c.Stream, c.Name, nil
		}
	}
	return "", "", fmt.Errorf("subscribe: there is no consumer %q", topic)
}

// Subscribe begins to pull. The channel closes after Close, or after ctx has
// ended, once all messages that came through it are settled. The values of ctx
// are those of the messages' contexts. Neither a broker that is down nor a
// consumer that is missing fails it: pulling begins when they are there.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	stream, consumer, err := s.resolve(topic)
	if err != nil {
		return nil, err
	}
	s.mu.Lock() // so that none begins behind Close's back
	defer s.mu.Unlock()
	if s.stopping.Err() != nil {
		return nil, fmt.Errorf("subscribe to %q: %w", topic, ErrClosed)
	}
	sub := newSubscription(ctx, s, stream, consumer)
	s.subscriptions.Go(sub.run)
	return sub.out, nil
}

// Close stops pulling, hands back what no handler has got yet, waits until
// every message in flight is settled and closes the channels. It is safe to
// call twice, and before Subscribe.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.subscriptions.Wait()
	s.outage.probing.Wait()
	return nil
}
