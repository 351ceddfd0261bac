package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestInTxCommitsOrRollsBack(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE things (name text UNIQUE)`)
	count := func() int { return query[int](t, db, `SELECT count(*) FROM things`) }
	insert := func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO things VALUES ('one')`)
		return err
	}

	refused := errors.New("refused")
	err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
		require.NoError(t, insert(ctx, tx))
		return refused
	})
	require.Equal(t, refused, err, "as it is")
	require.Zero(t, count())

	require.PanicsWithValue(t, "oh", func() {
		_ = postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
			require.NoError(t, insert(ctx, tx))
			panic("oh")
		})
	})
	require.Zero(t, count())

	ctx, cancel := context.WithCancel(t.Context())
	err = postgres.InTx(ctx, db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
		require.NoError(t, insert(ctx, tx))
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, count())
	require.False(t, postgres.IsUnavailable(err))

	inTx(t, db, insert)
	require.Equal(t, 1, count())
	err = postgres.InTx(t.Context(), db, postgres.TxOptions{}, insert)
	require.True(t, postgres.IsUniqueViolation(err), "%v", err)
	require.NotEmpty(t, postgres.ViolatedKey(err))
	require.Empty(t, postgres.ViolatedKey(context.Canceled))
	require.Equal(t, 0, db.Stats().InUse, "every connection came back")
}

func TestLockTimeoutEndsTheWaitForALock(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE fence (id int PRIMARY KEY); INSERT INTO fence VALUES (1)`)
	lock := func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `SELECT 1 FROM fence WHERE id = 1 FOR UPDATE`)
		return err
	}
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		require.NoError(t, lock(ctx, tx))
		err := postgres.InTx(ctx, db, postgres.TxOptions{LockTimeout: 50 * time.Millisecond}, lock)
		require.True(t, postgres.IsLockTimeout(err), "%v", err)
		require.False(t, postgres.IsUnavailable(err))
		return nil
	})
	require.NoError(t, postgres.InTx(t.Context(), db, postgres.TxOptions{LockTimeout: 50 * time.Millisecond}, lock))
}

// A process that stops in the middle, be it between two statements or while
// it reads what it upserts, does not keep its locks.
func TestIdleTimeoutFreesWhatAStoppedTransactionHolds(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	execute(t, db, `CREATE TABLE fence (id int PRIMARY KEY); INSERT INTO fence VALUES (1)`)
	for name, rows := range map[string]int{"before the first chunk": 0, "between two chunks": 1500} {
		t.Run(name, func(t *testing.T) {
			opts := postgres.TxOptions{IdleTimeout: idle}
			err := postgres.InTx(t.Context(), db, opts, func(ctx context.Context, tx *postgres.Tx) error {
				_, err := tx.ExecContext(ctx, `SELECT 1 FROM fence WHERE id = 1 FOR UPDATE`)
				require.NoError(t, err)
				_, err = store(ctx, tx, (*speaker)(nil), func(yield func(any, error) bool) {
					for i := range rows {
						if !yield(numbered(i), nil) {
							return
						}
					}
					// Stopped: somebody else gets the lock.
					execute(t, db, `UPDATE fence SET id = 1`)
					yield(numbered(rows), nil)
				})
				return err
			})
			require.Error(t, err)
			require.Zero(t, query[int](t, db, `SELECT count(*) FROM speakers`))
		})
	}
}
