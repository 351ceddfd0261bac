package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/postgres"
)

const (
	// lockName is held by the one projector that folds, of all replicas.
	lockName = "usher query projector"
	// patience is how long a projector waits before it looks again: whether
	// the lock is free, what failed works again, the streams are still the same.
	patience = 3 * time.Second
	// maxBatch is how many messages one transaction folds at most.
	maxBatch = 500
)

// Projector folds the streams IMPORTS and STATUS into the table of imports. Of
// all that run on one database one folds; the others wait for their turn.
type Projector struct {
	db       *bun.DB
	broker   *broker.Broker
	log      *slog.Logger
	patience time.Duration

	observers Observers
}

// New returns a projector.
func New(db *bun.DB, b *broker.Broker, log *slog.Logger, observers Observers) *Projector {
	return &Projector{db: db, broker: b, log: log, patience: patience, observers: observers}
}

// Run folds until ctx is cancelled and then returns nil. What goes wrong is
// logged and tried again: the streams keep what is to be folded.
func (p *Projector) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		switch err := p.turn(ctx); {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, errReset):
			continue
		default:
			p.log.WarnContext(ctx, "folding was interrupted", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.patience):
		}
	}
	return nil
}

// turn folds for as long as the lock is held and all goes well. It returns nil
// at once where another one holds the lock.
func (p *Projector) turn(ctx context.Context) error {
	lock, mine, err := postgres.TryAdvisoryLock(ctx, p.db, lockName)
	if err != nil || !mine {
		return err
	}
	defer lock.Release()

	messages := make(chan received, maxBatch)
	var sources []*source
	for _, stream := range []string{p.broker.Names().ImportsStream(), p.broker.Names().StatusStream()} {
		s, err := p.open(ctx, stream)
		if err != nil {
			return err
		}
		stop, err := p.follow(ctx, s, messages)
		if err != nil {
			return err
		}
		defer stop()
		sources = append(sources, s)
	}
	// Beside the folding, because waiting for answers takes a second.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	standings := make(chan []standing)
	go (&stages{p: p}).watch(ctx, standings)
	p.log.InfoContext(ctx, "folding")
	return p.fold(ctx, lock, sources, messages, standings)
}

func (p *Projector) fold(ctx context.Context, lock *postgres.Lock, sources []*source, messages <-chan received, standings <-chan []standing) error {
	look := time.NewTicker(p.patience)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			if err := p.check(ctx, lock, sources); err != nil {
				return err
			}
		case seen := <-standings:
			if err := p.stand(ctx, sources, seen); err != nil {
				return err
			}
		case first := <-messages:
			batch := p.gather(ctx, first, messages)
			if err := p.commit(ctx, batch); err != nil {
				return err
			}
		}
	}
}

// gather takes what is there and waits for nothing: a lone message is folded at
// once, and while a batch is committed the next one comes together.
func (p *Projector) gather(ctx context.Context, first received, messages <-chan received) []received {
	batch := []received{first}
	for more := true; more && len(batch) < maxBatch; {
		select {
		case next := <-messages:
			batch = append(batch, next)
		default:
			more = false
		}
	}
	for _, r := range batch {
		if r.unread != nil { // the checkpoint passes it, so this is said once
			p.log.ErrorContext(ctx, "message cannot be read", "stream", r.source.stream, "sequence", r.sequence, "error", r.unread)
		}
	}
	return batch
}

// check ends a turn whose lock is lost, though the checkpoint guards against
// that too, or whose streams are not the same any more.
func (p *Projector) check(ctx context.Context, lock *postgres.Lock, sources []*source) error {
	if err := lock.Check(ctx); err != nil {
		return err
	}
	for _, s := range sources {
		if err := p.verify(ctx, s); err != nil {
			return fmt.Errorf("look at the streams: %w", err)
		}
	}
	return nil
}
