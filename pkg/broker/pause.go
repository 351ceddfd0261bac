package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Pause keeps new messages from a consumer until the given time, and with them
// those that are to come again; what it has in hand it may finish. The broker
// keeps the pause: it outlasts all processes and a restart of the broker, and
// provisioning leaves it alone. Another pause takes its place.
func (b *Broker) Pause(ctx context.Context, c contracts.Consumer, until time.Time) error {
	answer, err := b.js.PauseConsumer(ctx, c.Stream, c.Name, until)
	if err == nil && !answer.Paused {
		err = errors.New("the time is over by the clock of the broker")
	}
	if err != nil {
		return fmt.Errorf("pause %s: %w", c.Name, err)
	}
	return nil
}

// resumeWithin is how long a pause still lasts that is ended, if the broker is quick.
const resumeWithin = 20 * time.Millisecond

// Resume ends a pause. Where there is none nothing happens.
//
// The server wakes those who wait for a message when a pause runs out, but not when it is
// taken away: they would get one with their next heartbeat, ten seconds later. So it is set
// to run out in a moment, by the clock of the broker.
func (b *Broker) Resume(ctx context.Context, c contracts.Consumer) error {
	if err := b.resume(ctx, c); err != nil {
		return fmt.Errorf("resume %s: %w", c.Name, err)
	}
	return nil
}

func (b *Broker) resume(ctx context.Context, c contracts.Consumer) error {
	for within := resumeWithin; ; within *= 4 {
		paused, err := b.js.Consumer(ctx, c.Stream, c.Name)
		if err != nil {
			return err
		}
		info := paused.CachedInfo()
		if !info.Paused && within == resumeWithin {
			return nil
		}
		answer, err := b.js.PauseConsumer(ctx, c.Stream, c.Name, info.TimeStamp.Add(within))
		if err != nil {
			return err
		}
		if !answer.Paused {
			continue // it was over before the server heard of it, which wakes nobody
		}
		if !pause(ctx, answer.PauseRemaining) {
			return ctx.Err()
		}
		return nil
	}
}
