package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// Pace is how an import is watched.
type Pace struct {
	// Shortest is how long to wait between two looks while something changes,
	// Longest while nothing does.
	Shortest, Longest time.Duration
	// Patience is for how long a server may be away.
	Patience time.Duration
}

// DefaultPace is easy on the server and quick for the eye. Its patience
// outlasts a restart.
func DefaultPace() Pace {
	return Pace{Shortest: 200 * time.Millisecond, Longest: 2 * time.Second, Patience: 2 * time.Minute}
}

// Observer is told what Watch sees, one thing after another.
type Observer interface {
	// Changed is called with the first task document, with every one that
	// differs from the last, and with the first one after trouble.
	Changed(Task)
	// Trouble is called once when the server is away or too busy; Watch goes on.
	Trouble(error)
}

// Watch looks at an import until an attempt, or a later one, is finished and
// returns its last task document. Documents of earlier attempts are passed over:
// the server tells of a replay a moment after it has accepted it. Watch ends
// before that by ctx, when the server refuses (RefusedError), and when it is away
// for longer than pace allows.
func (c *Client) Watch(ctx context.Context, id string, attempt int, pace Pace, o Observer) (Task, error) {
	var last Task
	var awaySince time.Time
	wait := pace.Shortest
	for {
		task, pause, err := c.task(ctx, id)
		switch {
		case err == nil && task.Attempt < attempt:
			wait, awaySince = min(wait*3/2, pace.Longest), time.Time{}
		case err == nil && bytes.Equal(task.Raw, last.Raw) && awaySince.IsZero():
			wait = min(wait*3/2, pace.Longest)
		case err == nil:
			last, wait, awaySince = task, pace.Shortest, time.Time{}
			o.Changed(task)
		case ctx.Err() != nil:
			return last, ctx.Err()
		case !temporary(err):
			return last, err
		case awaySince.IsZero():
			awaySince, wait = time.Now(), pace.Shortest
			o.Trouble(err)
		case time.Since(awaySince) > pace.Patience:
			return last, fmt.Errorf("gave up after %s: %w", pace.Patience, err)
		default:
			wait = min(wait*3/2, pace.Longest)
		}
		if err == nil && task.State.Final() && task.Attempt >= attempt {
			return task, nil
		}
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			pause = refused.RetryAfter
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(max(wait, pause)):
		}
	}
}
