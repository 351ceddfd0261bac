package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Backlog is what a consumer has before it.
type Backlog struct {
	// Waiting is how many messages it was not given yet.
	Waiting int
	// InFlight is how many it was given and has not acknowledged: in hand, or to
	// come again. Tried is how many of these were delivered more than once.
	InFlight, Tried int
	// PausedUntil is when it is given messages again; zero where it is not paused.
	PausedUntil time.Time
}

// Backlog asks what a consumer has before it.
func (b *Broker) Backlog(ctx context.Context, c contracts.Consumer) (Backlog, error) {
	consumer, err := b.js.Consumer(ctx, c.Stream, c.Name)
	if err != nil {
		return Backlog{}, fmt.Errorf("backlog of %s: %w", c.Name, err)
	}
	info := consumer.CachedInfo() // as it was a moment ago, when it was looked up
	backlog := Backlog{
		Waiting:  int(min(info.NumPending, 1<<30)),
		InFlight: info.NumAckPending,
		Tried:    info.NumRedelivered,
	}
	if info.Paused && info.Config.PauseUntil != nil {
		backlog.PausedUntil = info.Config.PauseUntil.UTC()
	}
	return backlog, nil
}

// Oldest tells when the oldest message was stored that a consumer has not
// acknowledged; zero where there is none.
func (b *Broker) Oldest(ctx context.Context, c contracts.Consumer) (time.Time, error) {
	consumer, err := b.js.Consumer(ctx, c.Stream, c.Name)
	if err != nil {
		return time.Time{}, fmt.Errorf("oldest of %s: %w", c.Name, err)
	}
	// All up to the floor is acknowledged, and the next that it hears is not.
	floor := consumer.CachedInfo().AckFloor.Stream
	var oldest Stored
	for _, filter := range c.Filters {
		next, err := b.Next(ctx, c.Stream, filter, floor)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return time.Time{}, fmt.Errorf("oldest of %s: %w", c.Name, err)
		}
		if oldest.Sequence == 0 || next.Sequence < oldest.Sequence {
			oldest = next
		}
	}
	return oldest.Time, nil
}
