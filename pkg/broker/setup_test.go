package broker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
)

// soon is how long a test waits for what has to happen; it fails, it does not
// measure, when that is over.
const soon = 20 * time.Second

// shortAckWait is for tests that have to outlast an ack wait. On a busy machine
// a heartbeat may be seconds late.
const shortAckWait = 5 * time.Second

func startServer(t *testing.T) *embedded.Server {
	t.Helper()
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	return srv
}

func connect(t *testing.T, srv *embedded.Server, prefix string) *Broker {
	t.Helper()
	b, err := Connect(t.Context(), Config{Replicas: 1, Prefix: prefix}, slog.New(slog.DiscardHandler), srv.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	return b
}

// provisioned starts a server and makes everything that contracts declares.
func provisioned(t *testing.T) *Broker {
	t.Helper()
	b := connect(t, startServer(t), "")
	require.NoError(t, b.Provision(t.Context()))
	return b
}

// topic makes a stream for one subject and a consumer of it, all of one name.
func topic(t *testing.T, b *Broker, ackWait time.Duration) string {
	t.Helper()
	name := "t-" + watermill.NewShortUUID()
	require.NoError(t, makeTopic(t.Context(), b, name, name, ackWait))
	return name
}

func makeTopic(ctx context.Context, b *Broker, name, consumer string, ackWait time.Duration) error {
	_, err := b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: name, Subjects: []string{name},
		PersistMode: jetstream.AsyncPersistMode, // no test cuts the power
	})
	if err != nil {
		return err
	}
	want := consumerConfig(contracts.Consumer{Name: consumer, Filters: []string{name}})
	want.AckWait = ackWait
	_, err = b.js.CreateOrUpdateConsumer(ctx, name, want)
	return err
}

// subscriberOf is a subscriber whose topics are those that topic makes.
func subscriberOf(t *testing.T, b *Broker, cfg SubscriberConfig) *Subscriber {
	t.Helper()
	if cfg.Backoff == nil {
		cfg.Backoff = func(int) time.Duration { return time.Millisecond }
	}
	if cfg.CloseTimeout == 0 {
		cfg.CloseTimeout = soon // a test that fails leaves messages unsettled
	}
	s := b.Subscriber(cfg)
	s.resolve = func(topic string) (string, string, error) { return topic, topic, nil }
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func subscribe(t *testing.T, s *Subscriber, topic string) <-chan *message.Message {
	t.Helper()
	messages, err := s.Subscribe(context.Background(), topic)
	require.NoError(t, err)
	return messages
}

// publish publishes n messages and returns their UUIDs.
func publish(t *testing.T, b *Broker, subject string, n int) []string {
	t.Helper()
	var ids []string
	for i := range n {
		msg := message.NewMessage(watermill.NewUUID(), fmt.Appendf(nil, "%d", i))
		require.NoError(t, b.Publisher().Publish(subject, msg))
		ids = append(ids, msg.UUID)
	}
	return ids
}

// receive takes the next message from a channel.
func receive(t *testing.T, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case msg, ok := <-messages:
		require.True(t, ok, "the channel is closed")
		return msg
	case <-time.After(soon):
		require.FailNow(t, "no message")
		return nil
	}
}

// requireClosed waits for the end of a channel on which nothing more may come.
func requireClosed(t *testing.T, messages <-chan *message.Message) {
	t.Helper()
	select {
	case msg, ok := <-messages:
		if ok {
			require.FailNow(t, "a message came", msg.UUID)
		}
	case <-time.After(soon):
		require.FailNow(t, "the channel is still open")
	}
}

// info reads what the broker knows about a topic's consumer.
func info(t *testing.T, b *Broker, topic string) *jetstream.ConsumerInfo {
	t.Helper()
	c, err := b.js.Consumer(context.Background(), topic, topic)
	require.NoError(t, err)
	return c.CachedInfo()
}

// requireSettled waits until nothing of a topic is pending or waits to be delivered.
func requireSettled(t *testing.T, b *Broker, topic string) {
	t.Helper()
	require.Eventually(t, func() bool {
		i := info(t, b, topic)
		return i.NumAckPending == 0 && i.NumPending == 0
	}, soon, 10*time.Millisecond)
}

// tally counts by name, from any goroutine.
type tally struct {
	mu sync.Mutex
	of map[string]int
}

func (c *tally) add(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = make(map[string]int)
	}
	c.of[name]++
	return c.of[name]
}

func (c *tally) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.of)
}
