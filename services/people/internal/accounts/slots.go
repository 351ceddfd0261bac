package accounts

import (
	"context"
	"net/http"
	"time"

	"github.com/usher-events/usher/pkg/problem"
)

// patience is how long a request waits for a slot.
const patience = 3 * time.Second

// slots bound how many passwords this process hashes at once for those who ask:
// each takes 19 MiB and one core, and everybody may ask.
type slots chan struct{}

// take waits for a slot, which the caller gives back with release. Who would wait
// for too long is told to come again.
func (s slots) take(ctx context.Context, w http.ResponseWriter) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return tooMany(w, patience, "busy", "Too many passwords are being checked just now.")
	}
}

func (s slots) release() { <-s }

// tooMany tells to come again after a while.
func tooMany(w http.ResponseWriter, wait time.Duration, code, detail string) error {
	w.Header().Set("Retry-After", seconds(wait))
	return problem.New(http.StatusTooManyRequests, code, detail)
}
