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

// Resume ends a pause. Where there is none nothing happens.
func (b *Broker) Resume(ctx context.Context, c contracts.Consumer) error {
	if _, err := b.js.ResumeConsumer(ctx, c.Stream, c.Name); err != nil {
		return fmt.Errorf("resume %s: %w", c.Name, err)
	}
	return nil
}
