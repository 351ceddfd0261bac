package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// provisionRounds is how often Provision looks again when another process
// made the same thing between its look and its own attempt.
const provisionRounds = 3

// Provision creates what is missing of the streams, buckets and consumers of
// contracts, and updates what is older. It may run any number of times and in
// several processes at once. What a newer version of Usher made is left as it
// is, with a warning: going back would undo what that version relies on, and
// what it adds does not disturb this one.
func (b *Broker) Provision(ctx context.Context) error {
	var errs []error
	for _, want := range streamConfigs(b.names, b.cfg.Replicas) {
		if err := b.provisionStream(ctx, want); err != nil {
			errs = append(errs, fmt.Errorf("provision stream %s: %w", want.Name, err))
		}
	}
	for _, c := range b.names.Consumers() {
		if err := b.provisionConsumer(ctx, c.Stream, consumerConfig(c)); err != nil {
			errs = append(errs, fmt.Errorf("provision consumer %s of stream %s: %w", c.Name, c.Stream, err))
		}
	}
	return errors.Join(errs...)
}

func (b *Broker) provisionStream(ctx context.Context, want jetstream.StreamConfig) error {
	var err error
	for range provisionRounds {
		var s jetstream.Stream
		s, err = b.js.Stream(ctx, want.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			_, err = b.js.CreateStream(ctx, want)
			if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
				continue
			}
			return err
		}
		if err != nil {
			return err
		}
		have := s.CachedInfo().Config
		if b.newer("stream", want.Name, have.Metadata) || len(streamDifferences(have, want)) == 0 {
			return nil
		}
		if have.PersistMode == jetstream.AsyncPersistMode && want.Replicas > 1 {
			return fmt.Errorf("was made with asynchronous persistence, which the server does not replicate: "+
				"delete it to have it made anew with %d replicas", want.Replicas)
		}
		_, err = b.js.UpdateStream(ctx, mergeStream(have, want))
		return err
	}
	return err
}

func (b *Broker) provisionConsumer(ctx context.Context, stream string, want jetstream.ConsumerConfig) error {
	var err error
	for range provisionRounds {
		var c jetstream.Consumer
		c, err = b.js.Consumer(ctx, stream, want.Durable)
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			_, err = b.js.CreateConsumer(ctx, stream, want)
			if errors.Is(err, jetstream.ErrConsumerExists) {
				continue
			}
			return err
		}
		if err != nil {
			return err
		}
		have := c.CachedInfo().Config
		if b.newer("consumer", want.Durable, have.Metadata) || len(consumerDifferences(have, want)) == 0 {
			return nil
		}
		_, err = b.js.UpdateConsumer(ctx, stream, mergeConsumer(have, want))
		return err
	}
	return err
}

// newer tells whether a newer version made the thing, and warns of it.
func (b *Broker) newer(what, name string, metadata map[string]string) bool {
	v := topologyOf(metadata)
	if v <= contracts.Topology {
		return false
	}
	b.log.Warn("left as a newer version of Usher made it", what, name, "topology", v, "ours", contracts.Topology)
	return true
}
