package broker

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// Backlog tells how many messages wait for a consumer, and how many of those that
// it was given are not acknowledged yet: in hand, or to come again.
func (b *Broker) Backlog(ctx context.Context, c contracts.Consumer) (waiting, inFlight int, err error) {
	consumer, err := b.js.Consumer(ctx, c.Stream, c.Name)
	if err != nil {
		return 0, 0, fmt.Errorf("backlog of %s: %w", c.Name, err)
	}
	info := consumer.CachedInfo() // as it was a moment ago, when it was looked up
	return int(min(info.NumPending, 1<<30)), info.NumAckPending, nil
}
