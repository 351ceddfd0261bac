package contracttest

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// Stored fails the test where a message that the streams of facts and of
// progress keep is not what its schema says, as Message does, and tells how
// many there are. The messages that nobody could read are left alone.
func Stored(ctx context.Context, t T, js jetstream.JetStream, names contracts.Names) int {
	t.Helper()
	n := 0
	for _, name := range []string{names.ImportsStream(), names.StatusStream()} {
		stream, err := js.Stream(ctx, name)
		if err != nil {
			t.Errorf("stream %s: %v", name, err)
			continue
		}
		consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
		if err != nil {
			t.Errorf("stream %s: %v", name, err)
			continue
		}
		for left := stream.CachedInfo().State.Msgs; left > 0; left-- {
			msg, err := consumer.Next(jetstream.FetchContext(ctx))
			if err != nil {
				t.Errorf("stream %s: %v", name, err)
				break
			}
			Message(t, msg.Data())
			n++
		}
	}
	return n
}
