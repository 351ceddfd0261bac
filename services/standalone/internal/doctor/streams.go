package doctor

import (
	"context"
	"strings"

	"github.com/usher-events/usher/pkg/broker"
)

// declared looks whether streams, buckets and consumers are as this version declares
// them; what a newer one made is left to it.
func declared(ctx context.Context, b *broker.Broker) []Finding {
	const check = "streams"
	err := b.Verify(ctx)
	if err == nil {
		return []Finding{green(check, "streams, buckets and consumers are as they should be")}
	}
	var found []Finding
	for line := range strings.Lines(err.Error()) {
		found = append(found, red(check, "usher provision", "%s", strings.TrimSpace(line)))
	}
	return found
}
