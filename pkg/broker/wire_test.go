package broker

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wmnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

func TestReadsWhatWatermillNATSPublishes(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	theirs, err := wmnats.NewPublisherWithNatsConn(b.nc, wmnats.PublisherPublishConfig{
		Marshaler:         &wmnats.NATSMarshaler{},
		SubjectCalculator: wmnats.DefaultSubjectCalculator,
	}, watermill.NopLogger{})
	require.NoError(t, err)

	sent := message.NewMessage(watermill.NewUUID(), []byte(`{"title":"Caf\u00e9"}`))
	sent.Metadata.Set("correlation", "abc")
	require.NoError(t, theirs.Publish(name, sent))

	got := receive(t, subscribe(t, subscriberOf(t, b, SubscriberConfig{}), name))
	require.Equal(t, sent.UUID, got.UUID)
	require.Equal(t, sent.Payload, got.Payload)
	require.Equal(t, "abc", got.Metadata.Get("correlation"))
	got.Ack()
	requireSettled(t, b, name)
}

func TestWatermillNATSReadsWhatIsPublished(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	js, err := b.nc.JetStream()
	require.NoError(t, err)
	_, err = js.AddConsumer(name, &nats.ConsumerConfig{
		Durable: "theirs", DeliverSubject: "to-theirs", DeliverGroup: "theirs",
		AckPolicy: nats.AckExplicitPolicy, AckWait: ackWait,
	})
	require.NoError(t, err)
	theirs, err := wmnats.NewSubscriberWithNatsConn(b.nc, wmnats.SubscriberSubscriptionConfig{
		Unmarshaler:      &wmnats.NATSMarshaler{},
		QueueGroupPrefix: "theirs",
		SubjectCalculator: func(string, string) *wmnats.SubjectDetail {
			return &wmnats.SubjectDetail{Primary: name, QueueGroup: "theirs"}
		},
		CloseTimeout: time.Second,
		JetStream: wmnats.JetStreamConfig{
			DurablePrefix:    "theirs",
			SubscribeOptions: []nats.SubOpt{nats.ManualAck(), nats.Bind(name, "theirs")},
		},
	}, watermill.NopLogger{})
	require.NoError(t, err)
	messages, err := theirs.Subscribe(t.Context(), name)
	require.NoError(t, err)

	sent := message.NewMessage(watermill.NewUUID(), []byte("x"))
	sent.Metadata.Set("correlation", "abc")
	// What a handler got hands on its metadata; how it came does not travel.
	noteDelivery(sent.Metadata, Delivery{Subject: "elsewhere", Sequence: 7, Try: 2, Time: time.Now()})
	require.NoError(t, b.Publisher().Publish(name, sent))

	got := receive(t, messages)
	require.Equal(t, sent.UUID, got.UUID)
	require.Equal(t, sent.Payload, got.Payload)
	require.Equal(t, message.Metadata{"correlation": "abc"}, got.Metadata)
	require.True(t, got.Ack())
}
