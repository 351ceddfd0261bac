package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// Verify compares the streams, buckets and consumers with what this version
// expects and changes nothing. The error joins one sentence per difference. Of
// what a newer version made it asks only that it exists.
func (b *Broker) Verify(ctx context.Context) error {
	var errs []error
	note := func(what, name string, have map[string]string, found []string) {
		if topologyOf(have) > contracts.Topology {
			return
		}
		for _, f := range found {
			errs = append(errs, fmt.Errorf("%s %s: %s", what, name, f))
		}
	}
	for _, want := range streamConfigs(b.names, b.cfg.Replicas) {
		s, err := b.js.Stream(ctx, want.Name)
		if err != nil {
			errs = append(errs, fmt.Errorf("stream %s: %w", want.Name, err))
			continue
		}
		have := s.CachedInfo().Config
		note("stream", want.Name, have.Metadata, streamDifferences(have, want))
	}
	for _, c := range b.names.Consumers() {
		got, err := b.js.Consumer(ctx, c.Stream, c.Name)
		if err != nil {
			errs = append(errs, fmt.Errorf("consumer %s: %w", c.Name, err))
			continue
		}
		have := got.CachedInfo().Config
		note("consumer", c.Name, have.Metadata, consumerDifferences(have, consumerConfig(c)))
	}
	return errors.Join(errs...)
}
