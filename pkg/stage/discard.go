package stage

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
)

// Discard removes what this stage has made of an import, and leaves a tombstone
// in the place of its fence, so that whatever comes of the import afterwards, a
// redelivery or a twin that was stopped, finds that there is nothing to do. It
// may be repeated.
func (r *Runner) Discard(ctx context.Context, importID string) error {
	opts := postgres.TxOptions{LockTimeout: lockTimeout, IdleTimeout: idleTimeout}
	err := postgres.InTx(ctx, r.res.DB, opts, func(ctx context.Context, tx *postgres.Tx) error {
		return r.erase(ctx, tx.Tx, importID)
	})
	if err != nil {
		return fmt.Errorf("discard %s: %w", importID, err)
	}
	for _, e := range r.stage.Entities {
		if e.remapped {
			if err := r.res.Remaps.Delete(ctx, importID, e.Type); err != nil {
				return fmt.Errorf("discard %s: %w", importID, err)
			}
		}
	}
	if r.stage.DiscardEffects == nil {
		return nil
	}
	// The rows are gone before the bytes: dying in between leaves blobs that
	// nothing names, and the command, which is not acked yet and comes again.
	if err := r.stage.DiscardEffects(ctx, r.res, importID); err != nil {
		return fmt.Errorf("discard %s: %w", importID, err)
	}
	return nil
}

func (r *Runner) erase(ctx context.Context, tx bun.Tx, importID string) error {
	schema := string(r.stage.Name)
	// The fence first, as in every transaction: a run that holds it is waited
	// for, and one that comes later finds the tombstone.
	_, err := tx.NewRaw(`INSERT INTO ?.import_fence AS f (import_id, attempt, state) VALUES (?, 0, 'discarded')
		ON CONFLICT (import_id) DO UPDATE SET state = 'discarded', updated_at = now()`,
		bun.Ident(schema), importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("fence: %w", err)
	}
	if r.stage.Discard != nil {
		if err := r.stage.Discard(ctx, tx, importID); err != nil {
			return err
		}
	}
	for _, e := range slices.Backward(r.stage.Entities) {
		if _, err := tx.NewDelete().Model(e.model).Where("import_id = ?", importID).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", e.Type, err)
		}
	}
	for _, table := range []string{"issues", "stage_run"} {
		_, err := tx.NewDelete().ModelTableExpr("?", bun.Ident(schema+"."+table)).Where("import_id = ?", importID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}
