package list

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/postgres"
)

const (
	// sweepLock is held by the one who sweeps, of all replicas.
	sweepLock = "usher people sweep"
	// sweepEvery is how often what is kept of lists is swept.
	sweepEvery = time.Hour
	// sweepMargin is how much longer it is kept than it may be asked for, so that what was
	// begun in the last minute finds it.
	sweepMargin = time.Hour
)

// Sweeper removes what is kept of lists for whoever replays, starts or mends them, once
// nobody can any more: hashes of passwords, rows that were left out, previews. The lists
// themselves are swept by query, which knows the bucket's blobs of every import.
type Sweeper struct {
	DB     *bun.DB
	Broker *broker.Broker
	Log    *slog.Logger
}

// Run sweeps each hour until ctx is cancelled.
func (s Sweeper) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(sweepEvery):
		}
		if err := s.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "what is kept of lists is not swept now", "error", err)
		}
	}
}

// Sweep removes what is kept of lists that have ended long enough before now. It does
// nothing while another one sweeps.
func (s Sweeper) Sweep(ctx context.Context, now time.Time) error {
	lock, mine, err := postgres.TryAdvisoryLock(ctx, s.DB, sweepLock)
	if err != nil || !mine {
		return err
	}
	defer lock.Release()
	var imports []string
	err = s.DB.NewRaw(`SELECT import_id FROM people.list_hashes UNION SELECT import_id FROM people.failed_rows
		UNION SELECT import_id FROM people.failed_titles UNION SELECT import_id FROM people.previews`).Scan(ctx, &imports)
	if err != nil {
		return fmt.Errorf("lists of which something is kept: %w", err)
	}
	for _, id := range imports {
		ended, err := s.endedBefore(ctx, id, now.Add(-contracts.ListKept-sweepMargin))
		if errors.Is(err, errUnreadable) {
			// It stays until the stream has forgotten the command; the others shall not wait for that.
			s.Log.WarnContext(ctx, "what is kept of a list is not swept", "import", id, "error", err)
			continue
		}
		if err != nil {
			return err
		}
		if !ended {
			continue
		}
		if err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return forget(ctx, tx, id) }); err != nil {
			return fmt.Errorf("list %s: %w", id, err)
		}
		s.Log.InfoContext(ctx, "nothing is kept of the list any more", "import", id)
	}
	return nil
}

// errUnreadable is a command of which nobody knows what it says.
var errUnreadable = errors.New("the last command cannot be read")

// endedBefore tells whether an import had ended by then, and nothing of it was begun
// since. The broker says so, which decides what is begun: the newest command is an end or
// a taking back, or the stream has forgotten the import.
func (s Sweeper) endedBefore(ctx context.Context, id string, then time.Time) (bool, error) {
	names := s.Broker.Names()
	for _, kind := range []contracts.Kind{contracts.UserList, contracts.ListCheck} {
		last, err := s.Broker.Last(ctx, names.ImportsStream(), names.Control(kind, id))
		if errors.Is(err, broker.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		_, command, err := contracts.Decode(last.Data)
		if err != nil {
			return false, fmt.Errorf("%w: %w", errUnreadable, err)
		}
		_, begun := command.(*contracts.ReplayRequested)
		return !begun && last.Time.Before(then), nil
	}
	_, err := s.Broker.Last(ctx, names.ImportsStream(), names.AnyRequest(id))
	if errors.Is(err, broker.ErrNotFound) {
		return true, nil
	}
	return false, err
}
