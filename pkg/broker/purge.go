package broker

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Purge removes every message that a stream keeps under a subject, which may have
// wildcards. That there is none is no error. A conditional publish takes the
// subject for one that never had a message.
func (b *Broker) Purge(ctx context.Context, stream, subject string) error {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("purge %q of %s: %w", subject, stream, err)
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
		return fmt.Errorf("purge %q of %s: %w", subject, stream, err)
	}
	return nil
}
