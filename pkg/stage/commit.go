package stage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
)

const (
	// lockTimeout is how long a run waits for a twin that holds the import's fence.
	lockTimeout = 10 * time.Second
	// idleTimeout ends the transaction of a twin that was stopped in it, so that
	// it does not hold the fence for ever. It is longer than the consumers' ack
	// wait, because a bucket that is slow to answer is no reason to begin anew.
	idleTimeout = 30 * time.Second
)

// live is the state of the fence of an import that was not taken back.
const live = "live"

// outcome is what a stage came to, as it stands in stage_run: the very message
// that is published, however often that has to be tried.
type outcome struct {
	Outcome   contracts.Outcome `bun:"outcome"`
	MessageID string            `bun:"message_id"`
	Message   json.RawMessage   `bun:"message"`
}

// commit runs work in one transaction behind the import's fence. Where work
// returns a payload the stage ends with it: issues and stage_run are written in
// the same transaction. It returns errFenced where the import has moved on, and
// errStands with the outcome where this attempt was committed before.
func (r *Run) commit(ctx context.Context, work func(context.Context, *postgres.Tx) (contracts.Payload, error)) (outcome, error) {
	var out outcome
	opts := postgres.TxOptions{LockTimeout: lockTimeout, IdleTimeout: idleTimeout}
	r.reach(BeforeFence)
	err := postgres.InTx(ctx, r.DB, opts, func(ctx context.Context, tx *postgres.Tx) error {
		if err := r.lockFence(ctx, tx.Tx); err != nil {
			return err
		}
		r.reach(AfterFence)
		// Nobody else can be past the fence now, so what this reads stays true.
		var err error
		if out, err = r.standing(ctx, tx); err == nil {
			return errStands
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		payload, err := work(ctx, tx)
		if err == nil && payload != nil {
			out, err = r.closeWith(ctx, tx.Tx, payload)
		}
		if err == nil {
			r.reach(BeforeCommit)
		}
		return err
	})
	if err == nil {
		r.reach(AfterCommit)
	}
	return out, err
}

// Ahead runs work in a transaction of its own behind the import's fence, for what the
// hook Before stores so that the next try finds it. It returns an error, and nothing is
// stored, where the import has moved on or this attempt was committed by a twin: what is
// put away after the commit then stays away.
func (r *Run) Ahead(ctx context.Context, work func(ctx context.Context, tx bun.Tx) error) error {
	_, err := r.commit(ctx, func(ctx context.Context, tx *postgres.Tx) (contracts.Payload, error) {
		return nil, work(ctx, tx.Tx)
	})
	return err
}

// closeWith writes the outcome of the run and what it has found.
func (r *Run) closeWith(ctx context.Context, tx bun.Tx, payload contracts.Payload) (outcome, error) {
	if err := r.findings.store(ctx, tx, r); err != nil {
		return outcome{}, err
	}
	return r.insertOutcome(ctx, tx, payload)
}

// lockFence takes the row lock that orders everything that touches the import
// in this schema, and refuses where the import has moved on.
func (r *Run) lockFence(ctx context.Context, tx bun.Tx) error {
	var fence struct {
		Attempt int
		State   string
	}
	err := tx.NewRaw(`INSERT INTO ? AS f (import_id, attempt) VALUES (?, ?)
		ON CONFLICT (import_id) DO UPDATE
		SET attempt = greatest(f.attempt, excluded.attempt), updated_at = now()
		RETURNING attempt, state`,
		r.table("import_fence"), r.ImportID, r.Attempt).Scan(ctx, &fence)
	if err != nil {
		return fmt.Errorf("fence: %w", err)
	}
	if fence.State != live || fence.Attempt > r.Attempt {
		return fmt.Errorf("%w: the fence says attempt %d, %s", errFenced, fence.Attempt, fence.State)
	}
	return nil
}

// standing reads the outcome of this attempt, sql.ErrNoRows where there is none.
func (r *Run) standing(ctx context.Context, db bun.IDB) (outcome, error) {
	var out outcome
	err := db.NewRaw(`SELECT outcome, message_id, message FROM ? WHERE import_id = ? AND stage = ? AND attempt = ?`,
		r.table("stage_run"), r.ImportID, r.stage.Name, r.Attempt).Scan(ctx, &out)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("stage_run: %w", err)
	}
	return out, err
}

func (r *Run) insertOutcome(ctx context.Context, tx bun.Tx, payload contracts.Payload) (outcome, error) {
	env := r.envelope()
	b, err := contracts.Encode(env, payload)
	if err != nil {
		return outcome{}, err
	}
	out := outcome{Outcome: contracts.OutcomeCompleted, MessageID: env.ID, Message: b}
	if _, failed := payload.(*contracts.StageFailed); failed {
		out.Outcome = contracts.OutcomeFailed
	}
	res, err := tx.NewRaw(`INSERT INTO ? (import_id, stage, attempt, outcome, message_id, message)
		VALUES (?, ?, ?, ?, ?, ?::json) ON CONFLICT DO NOTHING`,
		r.table("stage_run"), r.ImportID, r.stage.Name, r.Attempt, out.Outcome, out.MessageID, string(b)).Exec(ctx)
	if err != nil {
		return outcome{}, fmt.Errorf("stage_run: %w", err)
	}
	// The fence makes this impossible; the unique key is what it rests on.
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return outcome{}, errors.Join(errStands, err)
	}
	return out, nil
}
