package begin

import (
	"context"
	"math/rand/v2"
	"time"
)

// TryTimeout is how long one try to publish may take.
const TryTimeout = 5 * time.Second

// The waits between tries.
const (
	firstWait   = 50 * time.Millisecond
	longestWait = 2 * time.Second
)

// Until calls try, after growing pauses, until it says that it is done or ctx has
// ended. What is tried must be harmless to repeat.
func Until(ctx context.Context, try func() (done bool)) {
	for wait := firstWait; !try(); wait = min(2*wait, longestWait) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait/2 + rand.N(wait)):
		}
	}
}
