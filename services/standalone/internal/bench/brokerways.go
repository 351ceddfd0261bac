package bench

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wmnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

const (
	// pathPrefix sets the streams of the table apart from those of the Usher that runs.
	pathPrefix = "bench"
	// millTopic is the queue of Watermill's consumers.
	millTopic   = "bench-watermill"
	rawIDHeader = "Message-Id"
	// pathAckWait is that of Usher's consumers.
	pathAckWait = 15 * time.Second
)

// openBrokerWays opens all ways to a broker, Usher's first. Call end when done.
func openBrokerWays(ctx context.Context, url string) (_ []brokerWay, end func() error, err error) {
	ours, err := broker.Connect(ctx, broker.Config{URL: url, Replicas: 1, Prefix: pathPrefix}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	nc, err := nats.Connect(url)
	if err != nil {
		ours.Close()
		return nil, nil, err
	}
	end = func() error {
		ours.Close()
		nc.Close()
		return nil
	}
	ways, err := brokerWays(ctx, ours, nc, url)
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return ways, end, nil
}

// path is where all ways publish to, and what those consume from that need no consumer of
// their own: it is Usher's, because what else a stream has costs time.
type path struct{ stream, subject, consumer string }

func brokerWays(ctx context.Context, ours *broker.Broker, nc *nats.Conn, url string) ([]brokerWay, error) {
	if err := ours.Provision(ctx); err != nil {
		return nil, err
	}
	names := ours.Names()
	at := path{
		stream:   names.ImportsStream(),
		subject:  names.Outcome(contracts.EventArchive, contracts.Event, "bench", 1, contracts.OutcomeCompleted),
		consumer: names.Consumer(contracts.EventArchive, contracts.People),
	}
	clear := func(ctx context.Context) error {
		s, err := ours.JetStream().Stream(ctx, at.stream)
		if err != nil {
			return err
		}
		return s.Purge(ctx)
	}
	raw, err := openRaw(ctx, nc, at)
	if err != nil {
		return nil, err
	}
	mill, err := watermillWay(nc, url, at)
	if err != nil {
		return nil, err
	}
	ways := []brokerWay{usherWay(ours, at), raw.way("nats.go, one at a time", "nats.go", raw.oneAtATime), raw.way("nats.go, prefetching", "", raw.prefetching), mill}
	for n := range ways {
		ways[n].clear = clear
	}
	return ways, nil
}

// usherWay is that of Usher's stages.
func usherWay(b *broker.Broker, at path) brokerWay {
	publisher := b.Publisher()
	return brokerWay{
		name: "Usher", publisher: "Usher",
		publish: func(ctx context.Context, payload []byte) error {
			msg := message.NewMessage(uuid.NewString(), payload)
			msg.SetContext(ctx)
			return publisher.Publish(at.subject, msg)
		},
		consume: func(ctx context.Context, handle func()) (func() error, error) {
			return drainBy(ctx, b.Subscriber(broker.SubscriberConfig{Workers: consumers}), at.consumer, handle)
		},
	}
}

// drainBy has the messages of a subscriber handled by workers; what it returns closes
// the subscriber.
func drainBy(ctx context.Context, subscriber message.Subscriber, topic string, handle func()) (func() error, error) {
	messages, err := subscriber.Subscribe(ctx, topic)
	if err != nil {
		return nil, errors.Join(err, subscriber.Close())
	}
	var working sync.WaitGroup
	for range consumers {
		working.Go(func() {
			for msg := range messages {
				handle()
				msg.Ack()
			}
		})
	}
	return func() error {
		err := subscriber.Close()
		working.Wait()
		return err
	}, nil
}

// raw is the client of NATS as it comes.
type raw struct {
	js       jetstream.JetStream
	consumer jetstream.Consumer
	at       path
}

func openRaw(ctx context.Context, nc *nats.Conn, at path) (*raw, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	consumer, err := js.Consumer(ctx, at.stream, at.consumer)
	return &raw{js: js, consumer: consumer, at: at}, err
}

func (r *raw) way(name, publisher string, consume func(context.Context, func()) (func() error, error)) brokerWay {
	return brokerWay{
		name: name, publisher: publisher,
		publish: func(ctx context.Context, payload []byte) error {
			msg := &nats.Msg{Subject: r.at.subject, Data: payload, Header: nats.Header{rawIDHeader: {uuid.NewString()}}}
			_, err := r.js.PublishMsg(ctx, msg)
			return err
		},
		consume: consume,
	}
}

// oneAtATime has each worker ask for its next message.
func (r *raw) oneAtATime(ctx context.Context, handle func()) (func() error, error) {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	failed := make(chan error, consumers)
	for range consumers {
		working.Go(func() {
			for ctx.Err() == nil {
				msg, err := r.consumer.Next(jetstream.FetchContext(ctx))
				if err == nil {
					handle()
					err = msg.DoubleAck(context.WithoutCancel(ctx))
				}
				if err != nil && ctx.Err() == nil {
					failed <- err
					return
				}
			}
		})
	}
	return func() error {
		cancel()
		working.Wait()
		close(failed)
		return <-failed
	}, nil
}

// prefetching has the client ask for many messages before.
func (r *raw) prefetching(ctx context.Context, handle func()) (func() error, error) {
	messages := make(chan jetstream.Msg)
	stopped := make(chan struct{})
	consuming, err := r.consumer.Consume(func(msg jetstream.Msg) {
		select {
		case messages <- msg:
		case <-stopped:
		}
	})
	if err != nil {
		return nil, err
	}
	var working sync.WaitGroup
	failed := make(chan error, consumers)
	for range consumers {
		working.Go(func() {
			for {
				select {
				case msg := <-messages:
					handle()
					if err := msg.DoubleAck(ctx); err != nil {
						failed <- err
						return
					}
				case <-stopped:
					return
				}
			}
		})
	}
	return func() error {
		consuming.Stop()
		close(stopped)
		working.Wait()
		<-consuming.Closed()
		close(failed)
		return <-failed
	}, nil
}

// watermillWay is that of the adapter between Watermill and NATS.
func watermillWay(nc *nats.Conn, url string, at path) (brokerWay, error) {
	publisher, err := wmnats.NewPublisherWithNatsConn(nc, wmnats.PublisherPublishConfig{
		Marshaler: &wmnats.NATSMarshaler{}, SubjectCalculator: wmnats.DefaultSubjectCalculator,
	}, watermill.NopLogger{})
	if err != nil {
		return brokerWay{}, err
	}
	return brokerWay{
		name: "watermill-nats", publisher: "watermill-nats",
		publish: func(_ context.Context, payload []byte) error {
			return publisher.Publish(at.subject, message.NewMessage(uuid.NewString(), payload))
		},
		consume: func(ctx context.Context, handle func()) (func() error, error) {
			// Closing it closes its connection and deletes its consumer.
			subscriber, err := wmnats.NewSubscriber(wmnats.SubscriberConfig{
				URL: url, QueueGroupPrefix: millTopic, SubscribersCount: consumers, AckWaitTimeout: pathAckWait,
				JetStream: wmnats.JetStreamConfig{
					DurablePrefix: millTopic,
					SubscribeOptions: []nats.SubOpt{
						nats.DeliverAll(), nats.AckExplicit(), nats.ManualAck(), nats.AckWait(pathAckWait), nats.MaxAckPending(-1),
					},
				},
			}, watermill.NopLogger{})
			if err != nil {
				return nil, err
			}
			return drainBy(ctx, subscriber, at.subject, handle)
		},
	}, nil
}
