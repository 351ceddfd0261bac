package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// facts purges what the stages of imports came to that have succeeded: they are
// folded, since the end stands behind them in the stream, and nobody begins with
// them any more. The request, which is the memory of idempotency keys and what a
// replay of the whole begins with, and the commands stay. Attempts are named one
// by one, so that one that begins meanwhile loses nothing.
//
// A twin that publishes its outcome again later finds no message in its place and
// is taken: those behind it then find their own runs done.
func facts(ctx context.Context, r *round) error {
	for last := ""; ; {
		var imports []projection.Import
		query := r.db.NewSelect().Model(&imports).Column("id", "kind", "attempt").
			Where("state = ? AND swept_attempt < attempt AND finished_at < ?", contracts.Success, r.begun.Add(-settled)).
			Order("id").Limit(portion)
		if last != "" {
			query.Where("id > ?", last)
		}
		if err := query.Scan(ctx); err != nil {
			return fmt.Errorf("imports that have succeeded: %w", err)
		}
		if len(imports) == 0 {
			return nil
		}
		for _, i := range imports {
			if err := r.purgeFacts(ctx, i); err != nil {
				return err
			}
			if err := r.remember(ctx, i); err != nil {
				return err
			}
			last = i.ID
		}
	}
}

// purgeFacts purges the outcomes of an import, in each attempt up to the one that
// has succeeded. The broker keeps one of each stage.
func (r *round) purgeFacts(ctx context.Context, i projection.Import) error {
	names := r.broker.Names()
	pipeline, _ := contracts.PipelineOf(i.Kind)
	for attempt := 1; attempt <= i.Attempt; attempt++ {
		for _, s := range pipeline.Stages {
			if s == contracts.Ingest {
				continue
			}
			fact, err := r.broker.Last(ctx, names.ImportsStream(), names.AnyOutcome(i.Kind, s, i.ID, attempt))
			if errors.Is(err, broker.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if !r.dry {
				if err := r.broker.Purge(ctx, names.ImportsStream(), fact.Subject); err != nil {
					return err
				}
			}
			r.found(fact.Subject, int64(len(fact.Data)))
		}
	}
	return nil
}

// remember notes that an import need not be looked at again, unless there is another
// attempt. One row at a time, so that the projector never waits for two.
func (r *round) remember(ctx context.Context, i projection.Import) error {
	if r.dry {
		return nil
	}
	_, err := r.db.NewUpdate().Model((*projection.Import)(nil)).Set("swept_attempt = ?", i.Attempt).Where("id = ?", i.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remember what was swept: %w", err)
	}
	return nil
}
