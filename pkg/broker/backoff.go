package broker

import (
	"context"
	"math/rand/v2"
	"time"
)

// The waits between the tries of a message: eight of them lie about 15 minutes
// apart from first to last.
const (
	firstBackoff  = time.Second
	backoffFactor = 4
	longBackoff   = 5 * time.Minute
)

// Backoff is the default wait before the try after the given one: one second,
// four times as long each time, five minutes at most, spread over half to one
// and a half of that, so that what failed together does not come back together.
func Backoff(try int) time.Duration {
	d := firstBackoff
	for i := 1; i < try && d < longBackoff; i++ {
		d *= backoffFactor
	}
	return min(jitter(d), longBackoff)
}

// jitter spreads d over half to one and a half of itself.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// pause waits for d and tells whether ctx has not ended before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
