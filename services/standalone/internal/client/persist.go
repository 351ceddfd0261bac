package client

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Persist asks until it is answered: while the server is away or too busy it asks
// again, as pace says and no sooner than the server wants. It returns the error of
// an answer that says no, and the last one where pace's patience has ended.
func Persist(ctx context.Context, pace Pace, ask func() error) error {
	wait := pace.Shortest
	for began := time.Now(); ; {
		err := ask()
		switch {
		case err == nil || !temporary(err):
			return err
		case time.Since(began) > pace.Patience:
			return fmt.Errorf("gave up after %s: %w", pace.Patience, err)
		}
		var pause time.Duration
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			pause = refused.RetryAfter
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(wait, pause)):
		}
		wait = min(wait*3/2, pace.Longest)
	}
}
