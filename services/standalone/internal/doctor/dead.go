package doctor

import (
	"context"

	"github.com/usher-events/usher/pkg/broker"
)

// dead looks for messages that nobody could read.
func dead(ctx context.Context, b *broker.Broker) []Finding {
	const check = "dead messages"
	_, total, err := b.ListBuried(ctx, 0, 0)
	if err != nil {
		return nil // told with the streams
	}
	if total > 0 {
		return []Finding{warning(check, "usher dead list", "%d messages could not be read: their imports wait for ever", total)}
	}
	return []Finding{green(check, "there are none")}
}
