package stage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
)

// Clear removes what this stage has made of an import that was taken back, and
// leaves a tombstone in the place of its fence: the state that the command gives
// to the import. So whatever comes of the import afterwards, a redelivery or a
// twin that was stopped, finds that there is nothing to do. It may be repeated.
func (r *Runner) Clear(ctx context.Context, importID string, state contracts.State) error {
	opts := postgres.TxOptions{LockTimeout: lockTimeout, IdleTimeout: idleTimeout}
	err := postgres.InTx(ctx, r.res.DB, opts, func(ctx context.Context, tx *postgres.Tx) error {
		return r.erase(ctx, tx.Tx, importID, state)
	})
	if err == nil {
		// The rows are gone before the bytes: dying in between leaves blobs that
		// nothing names, and the command, which is not acked yet and comes again.
		err = r.clearEffects(ctx, importID)
	}
	if err != nil {
		return fmt.Errorf("clear import %s: %w", importID, err)
	}
	return nil
}

func (r *Runner) erase(ctx context.Context, tx bun.Tx, importID string, state contracts.State) error {
	schema := string(r.stage.Name)
	// The fence first, as in every transaction: a run that holds it is waited
	// for, and one that comes later finds the tombstone.
	_, err := tx.NewRaw(`INSERT INTO ?.import_fence AS f (import_id, attempt, state) VALUES (?, 0, ?)
		ON CONFLICT (import_id) DO UPDATE SET state = excluded.state, updated_at = now()`,
		bun.Ident(schema), importID, strings.ToLower(string(state))).Exec(ctx)
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

// clearEffects removes what the stage keeps outside of the database.
func (r *Runner) clearEffects(ctx context.Context, importID string) error {
	for _, e := range r.stage.Entities {
		if e.remapped {
			if err := r.res.Remaps.Delete(ctx, importID, e.Type); err != nil {
				return err
			}
		}
	}
	if r.stage.DiscardEffects == nil {
		return nil
	}
	return r.stage.DiscardEffects(ctx, r.res, importID)
}

// tidyTimeout bounds tidy, which may be about a run whose own time is over.
const tidyTimeout = 10 * time.Second

// tidy removes what a run may have left behind the back of
// the command that took its import back: that one removes what is there when it
// comes, and a run that was stopped meanwhile wakes up with an upload in its hand.
// What cannot be removed now is left to the sweep.
func (r *Runner) tidy(ctx context.Context, run *Run) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTimeout)
	defer cancel()
	var state string
	err := run.DB.NewRaw("SELECT state FROM ? WHERE import_id = ?", run.table("import_fence"), run.ImportID).Scan(ctx, &state)
	if errors.Is(err, sql.ErrNoRows) || err == nil && state == live {
		return
	}
	if err == nil {
		err = r.clearEffects(ctx, run.ImportID)
	}
	if err != nil {
		run.Log.WarnContext(ctx, "what the run may have left is not removed", "error", err)
	}
}

// tellCleared says that this stage has nothing of the import any more.
func (r *Runner) tellCleared(ctx context.Context, env contracts.Envelope) error {
	env = r.stage.answer(env)
	data, err := contracts.Encode(env, &contracts.StageCleared{Stage: r.stage.Name})
	if err != nil {
		return err
	}
	msg := message.NewMessage(env.ID, data)
	msg.SetContext(ctx)
	if err := r.res.Broker.Publisher().Publish(r.res.Broker.Names().Status(env.Kind, env.Import), msg); err != nil {
		return fmt.Errorf("clearing: %w", err)
	}
	return nil
}
