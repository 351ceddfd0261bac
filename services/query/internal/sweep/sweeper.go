// Package sweep removes what nobody needs any more: messages, remaps and blobs
// that were left when their import had ended. Each sweep is a file of its own. The
// query service does it because it sees every view, the broker and the bucket.
//
// Where it cannot be sure it removes nothing: it waits for the projector, leaves
// alone what is older than the database or the stream that would have to know of
// it, and ends with the first error.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/services/query/internal/projection"
)

const (
	// lockName is held by the one who sweeps, of all replicas, and turnName by the one
	// who does so by itself.
	lockName = "usher query sweep"
	turnName = "usher query sweep turn"
	// beginning is how long after its turn began a process sweeps, interval how long
	// after that, and how long a sweep may take: a store may never answer.
	beginning, interval = 5 * time.Minute, time.Hour
	// again is how long a process waits before it looks whether it is its turn.
	again = time.Minute
	// patience is how long a sweep waits for the projector.
	patience = 10 * time.Second
)

var (
	// ErrRunning tells that another one is sweeping.
	ErrRunning = errors.New("a sweep is running")
	// ErrBehind tells that the projector is behind the stream, so that nobody knows
	// what may go.
	ErrBehind = errors.New("the projection is behind the stream")
)

// Sweeper sweeps. It is safe for concurrent use.
type Sweeper struct {
	db     *bun.DB
	broker *broker.Broker
	bucket *bucket.Bucket
	log    *slog.Logger
	// now is the clock that ages are counted by.
	now                           func() time.Time
	beginning, interval, patience time.Duration
}

// New returns a sweeper.
func New(db *bun.DB, b *broker.Broker, blobs *bucket.Bucket, log *slog.Logger) *Sweeper {
	return &Sweeper{
		db: db, broker: b, bucket: blobs, log: log, now: time.Now,
		beginning: beginning, interval: interval, patience: patience,
	}
}

// sweeps are all sweeps, in their order.
var sweeps = []struct {
	name string
	run  func(context.Context, *round) error
}{
	{"facts", facts},
	{"remaps", remaps},
	{"archives", archives},
	{"exports", exports},
	{"orphans", orphans},
	{"cache", copies},
}

// Run sweeps each hour until ctx is cancelled and then returns nil. Of all that run
// on one database one does; the others wait for their turn. What goes wrong is
// logged, and left to the next time.
func (s *Sweeper) Run(ctx context.Context) error {
	for {
		if err := s.turn(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "sweeping was interrupted", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(again):
		}
	}
}

// turn sweeps each hour for as long as its lock is held. It returns nil at once where
// another one holds the lock. That one is not the lock of a sweep, so that whoever
// asks for a sweep may have it from any process.
func (s *Sweeper) turn(ctx context.Context) error {
	lock, mine, err := postgres.TryAdvisoryLock(ctx, s.db, turnName)
	if err != nil || !mine {
		return err
	}
	defer lock.Release()
	for wait := s.beginning; ; wait = s.interval {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if err := lock.Check(ctx); err != nil {
			return err
		}
		_, err := s.Sweep(ctx, false)
		if err != nil && ctx.Err() == nil && !errors.Is(err, ErrRunning) {
			s.log.WarnContext(ctx, "sweeping did not succeed, it comes again", "error", err)
		}
	}
}

// Sweep does all sweeps, one after the other, and tells what each has removed. A
// dry one removes nothing and tells what it would. One that fails does not keep
// the others from being done; the error is ErrRunning or ErrBehind where nothing
// was done at all. It ends after an hour at the latest.
func (s *Sweeper) Sweep(ctx context.Context, dry bool) ([]Swept, error) {
	ctx, cancel := context.WithTimeout(ctx, s.interval)
	defer cancel()
	lock, mine, err := postgres.TryAdvisoryLock(ctx, s.db, lockName)
	if err != nil {
		return nil, err
	}
	if !mine {
		return nil, ErrRunning
	}
	defer lock.Release()
	since, err := s.knowing(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Swept, 0, len(sweeps))
	var errs []error
	for _, sweep := range sweeps {
		if err := lock.Check(ctx); err != nil {
			return all, errors.Join(append(errs, err)...)
		}
		r := &round{
			Sweeper: s, dry: dry, begun: s.now(), since: since,
			swept: Swept{Sweep: sweep.name, Examples: []string{}}, unreadable: make(map[string]bool),
		}
		err := sweep.run(ctx, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("sweep %s: %w", sweep.name, err))
		}
		all = append(all, r.swept)
		s.log.InfoContext(ctx, "swept", "sweep", sweep.name, "dry_run", dry, "count", r.swept.Count, "bytes", r.swept.Bytes, "complete", err == nil)
	}
	return all, errors.Join(errs...)
}

// knowing waits until the projector has caught up and returns since when database
// and stream both have been told of all imports.
func (s *Sweeper) knowing(ctx context.Context) (time.Time, error) {
	waiting, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	stream, err := projection.CaughtUp(waiting, s.db, s.broker)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return stream, ErrBehind
	}
	if err != nil {
		return stream, err
	}
	var database time.Time
	if err := s.db.NewRaw("SELECT min(applied_at) FROM query.migrations").Scan(ctx, &database); err != nil {
		return stream, fmt.Errorf("age of the database: %w", err)
	}
	if database.After(stream) {
		return database, nil
	}
	return stream, nil
}
