package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Floors tells up to which message each consumer has acknowledged everything, by its
// name. What they have told of that is in the streams by now.
func (b *Broker) Floors(ctx context.Context) (map[string]uint64, error) {
	floors := make(map[string]uint64)
	for _, c := range b.names.Consumers() {
		consumer, err := b.js.Consumer(ctx, c.Stream, c.Name)
		if err != nil {
			return nil, fmt.Errorf("consumer %s: %w", c.Name, err)
		}
		floors[c.Name] = consumer.CachedInfo().AckFloor.Stream
	}
	return floors, nil
}

// ProvisionFrom provisions, and has consumers that are not there yet begin behind their floors.
// One without a floor begins with the first message.
func (b *Broker) ProvisionFrom(ctx context.Context, floors map[string]uint64) error {
	var errs []error
	for _, c := range b.names.Consumers() {
		floor, known := floors[c.Name]
		if !known {
			continue
		}
		cfg := consumerConfig(c)
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, floor+1
		if _, err := b.js.CreateConsumer(ctx, c.Stream, cfg); err != nil {
			errs = append(errs, fmt.Errorf("resume consumer %s: %w", c.Name, err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return b.Provision(ctx)
}
