package broker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// quiet is how long a reader of heads waits for the next one before it asks
// whether there is any: those that are removed meanwhile do not come.
const quiet = time.Second

// Head is a message as a stream keeps it, without its payload.
type Head struct {
	Subject  string
	Sequence uint64
	Header   nats.Header
	// Size is that of the payload in bytes.
	Size int64
	// Time is when the broker stored it.
	Time time.Time
}

// Heads gives the heads of all messages that a stream keeps now under a subject,
// which may have wildcards, the oldest first. Whoever reads them may remove messages
// meanwhile. It takes the memory of a few hundred heads, and ends with the first
// error.
func (b *Broker) Heads(ctx context.Context, stream, subject string) iter.Seq2[Head, error] {
	return func(yield func(Head, error) bool) {
		if err := b.heads(ctx, stream, subject, func(h Head) bool { return yield(h, nil) }); err != nil {
			yield(Head{}, fmt.Errorf("read %q of %s: %w", subject, stream, err))
		}
	}
}

func (b *Broker) heads(ctx context.Context, stream, subject string, yield func(Head) bool) error {
	consumer, err := b.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject}, DeliverPolicy: jetstream.DeliverAllPolicy, HeadersOnly: true,
		InactiveThreshold: time.Minute,
	})
	if err != nil {
		return err
	}
	left := consumer.CachedInfo().NumPending
	if left == 0 {
		return nil
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	var last jetstream.MsgMetadata
	for ; left > 0; left-- { // what comes meanwhile is not waited for
		m, err := next(ctx, consumer, messages, last)
		if m == nil || err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		last = *meta
		size, _ := strconv.ParseInt(m.Headers().Get(nats.MsgSize), 10, 64)
		head := Head{Subject: m.Subject(), Sequence: meta.Sequence.Stream, Header: m.Headers(), Size: size, Time: meta.Timestamp}
		if !yield(head) || meta.NumPending == 0 {
			return nil
		}
	}
	return nil
}

// next waits for the message behind the last one, and returns nil where there is none any more.
func next(ctx context.Context, consumer jetstream.Consumer, messages jetstream.MessagesContext, last jetstream.MsgMetadata) (jetstream.Msg, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := messages.Next(jetstream.NextMaxWait(quiet))
		if !errors.Is(err, nats.ErrTimeout) {
			return m, err
		}
		info, err := consumer.Info(ctx)
		if err != nil {
			return nil, err
		}
		if info.NumPending == 0 && info.Delivered.Consumer <= arrived(info.Name, last) {
			return nil, nil
		}
	}
}

// arrived is how many messages of a consumer have arrived by the last one. What was
// delivered and has not is still on its way. An ordered consumer may be made anew.
func arrived(consumer string, last jetstream.MsgMetadata) uint64 {
	if last.Consumer != consumer {
		return 0
	}
	return last.Sequence.Consumer
}
