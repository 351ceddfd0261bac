package stage

import (
	"context"
	"fmt"
	"time"

	"github.com/usher-events/usher/contracts"
)

// lookEvery is how often a run looks whether its import was taken back.
const lookEvery = 500 * time.Millisecond

// watch returns a context that ends, with errFenced as its cause, soon after a
// command has taken the import back or has begun a newer attempt. The command
// reaches the stage as a message as well, but perhaps another replica, and perhaps
// only once a worker is free. So a long run looks itself, at the one place that
// decides. That the broker does not answer means nothing: the fence is what
// nothing gets past.
func (r *Run) watch(ctx context.Context) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	go func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := r.overtaken(ctx); err != nil {
				end(err)
			}
		}
	}()
	return ctx, func() { end(nil) }
}

// overtaken returns errFenced where the last command of the import has moved it on.
func (r *Run) overtaken(ctx context.Context) error {
	names := r.Broker.Names()
	last, err := r.Broker.Last(ctx, names.ImportsStream(), names.Control(r.stage.Kind, r.ImportID))
	if err != nil {
		return nil //nolint:nilerr // there is none yet, or it cannot be seen now
	}
	env, command, err := contracts.Decode(last.Data)
	if err != nil {
		return nil //nolint:nilerr // nobody can obey it
	}
	if state, taken := contracts.TakenBack(command); taken {
		return fmt.Errorf("%w: it is %s", errFenced, state)
	}
	if env.Attempt > r.Attempt {
		return fmt.Errorf("%w: to attempt %d", errFenced, env.Attempt)
	}
	return nil
}
