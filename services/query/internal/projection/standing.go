package projection

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
)

// standing is how a stage stands, which all imports are told that are at it.
type standing struct {
	Kind  contracts.Kind
	Stage contracts.Stage
	// DownSince is when it was first seen that no process runs the stage, and
	// PausedUntil until when it is paused. One that is paused has been held on
	// purpose, perhaps for as long as its processes are away: it is not down.
	DownSince   *time.Time
	PausedUntil *time.Time
}

// stages looks at the processes of the stages. It remembers what it saw the time
// before: who was too busy to answer once is not gone.
type stages struct {
	p *Projector
	// missed has the consumers that nobody was seen to run, and since when.
	missed map[string]time.Time
}

// watch looks again and again until ctx is cancelled, and hands on what it sees.
func (s *stages) watch(ctx context.Context, to chan<- []standing) {
	for ctx.Err() == nil {
		seen, err := s.look(ctx)
		if err != nil {
			// Nothing is known now. To wait and see is better than to say of a broken
			// connection that everybody is gone.
			s.missed = nil
			s.p.log.DebugContext(ctx, "the stages could not be looked at", "error", err)
		} else {
			select {
			case to <- seen:
			case <-ctx.Done():
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.p.patience):
		}
	}
}

// look returns how each stage stands of which that is known.
func (s *stages) look(ctx context.Context) ([]standing, error) {
	at := time.Now().UTC()
	there, err := s.p.broker.Presence(ctx)
	if err != nil {
		return nil, err
	}
	missed := make(map[string]time.Time)
	var seen []standing
	for _, c := range s.p.broker.Names().Consumers() {
		backlog, err := s.p.broker.Backlog(ctx, c)
		if err != nil {
			return nil, err
		}
		now := standing{Kind: c.Kind, Stage: c.Stage}
		switch {
		case !backlog.PausedUntil.IsZero():
			now.PausedUntil = &backlog.PausedUntil
		case len(there[c.Name]) == 0:
			first, again := s.missed[c.Name]
			if !again {
				// Whether it is gone is told by the next look; what was said of it
				// until now, perhaps by another projector, stands.
				missed[c.Name] = at
				continue
			}
			now.DownSince, missed[c.Name] = &first, first
		}
		seen = append(seen, now)
	}
	s.missed = missed
	return seen, nil
}

// stand notes how the stages stand at the imports that have not ended, and tells
// of those that change by it. It is done by who folds and behind the same
// checkpoint, so that no version is given away twice.
func (p *Projector) stand(ctx context.Context, sources []*source, seen []standing) error {
	if len(seen) == 0 {
		return nil
	}
	news, err := p.db.NewSelect().With("seen", p.db.NewValues(&seen)).Model((*Import)(nil)).TableExpr("seen AS s").
		ApplyQueryBuilder(standsOtherwise).Exists(ctx)
	if err != nil {
		return fmt.Errorf("how the stages stand: %w", err)
	}
	if !news { // as nearly always: then nothing is written
		return nil
	}
	var changed []Import
	opts := postgres.TxOptions{LockTimeout: lockTimeout, IdleTimeout: idleTimeout}
	err = postgres.InTx(ctx, p.db, opts, func(ctx context.Context, tx *postgres.Tx) error {
		for _, s := range sources {
			if err := move(ctx, tx.Tx, s, s.position); err != nil {
				return err
			}
		}
		if err := inOrder(ctx, tx.Tx); err != nil {
			return err
		}
		return tx.NewUpdate().With("seen", tx.NewValues(&seen)).Model(&changed).TableExpr("seen AS s").
			// An import keeps the first moment, also when another projector takes over.
			Set("stage_down_since = CASE WHEN s.down_since IS NOT NULL THEN coalesce(i.stage_down_since, s.down_since) END").
			Set("stage_paused_until = s.paused_until").
			Set("version = i.version + 1").Set("changed = DEFAULT").
			ApplyQueryBuilder(standsOtherwise).Returning("?TableColumns").Scan(ctx)
	})
	if err != nil {
		return fmt.Errorf("how the stages stand: %w", err)
	}
	p.tell(ctx, changed)
	return nil
}

// standsOtherwise selects the imports that are at a stage which does not stand any
// more as they have it.
func standsOtherwise(q bun.QueryBuilder) bun.QueryBuilder {
	return q.Where("i.state IN (?, ?)", contracts.Pending, contracts.Started).
		Where("i.kind = s.kind AND coalesce(nullif(i.waiting_for, ''), i.stage) = s.stage").
		Where("(i.stage_down_since IS NULL) <> (s.down_since IS NULL) OR i.stage_paused_until IS DISTINCT FROM s.paused_until")
}
