package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

var numbers = pgx.Identifier{"numbers"}

// upTo yields rows with the numbers below n, and then an error if there is one.
func upTo(n int, end error) func(func([]any, error) bool) {
	return func(yield func([]any, error) bool) {
		for i := range n {
			if !yield([]any{i}, nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

func TestCopyStoresAllRowsInTheirOrder(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE numbers (id bigint GENERATED ALWAYS AS IDENTITY, n integer)`)
	for _, n := range []int{0, 1, 1999, 2000, 2001, 10_500} {
		execute(t, db, `TRUNCATE numbers RESTART IDENTITY`)
		inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
			copied, err := tx.Copy(ctx, numbers, []string{"n"}, upTo(n, nil))
			require.Equal(t, n, copied)
			return err
		})
		require.Equal(t, n, query[int](t, db, `SELECT count(*) FROM numbers WHERE id = n + 1`))
	}
}

func TestCopyReturnsTheErrorOfItsRowsAsItIs(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE numbers (n integer)`)
	unreadable := errors.New("unreadable")
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Copy(ctx, numbers, []string{"n"}, upTo(6500, unreadable))
		require.Equal(t, unreadable, err)
		require.Equal(t, 1, query[int](t, tx, `SELECT 1`), "the transaction goes on")
		return nil
	})
}

func TestCopyEndsByARowThatTheTableRefuses(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE numbers (n integer UNIQUE)`)
	execute(t, db, `INSERT INTO numbers VALUES (500)`)
	for _, n := range []int{501, 100_000} {
		err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Copy(ctx, numbers, []string{"n"}, upTo(n, nil))
			return err
		})
		require.True(t, postgres.IsUniqueViolation(err), "%v", err)
		require.Equal(t, 1, query[int](t, db, `SELECT count(*) FROM numbers`))
	}
}

func TestCopyLeavesTheBoundOfItsStatementsBehind(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE numbers (n integer)`)
	require.NoError(t, postgres.InTx(t.Context(), db, postgres.TxOptions{IdleTimeout: time.Minute}, func(ctx context.Context, tx *postgres.Tx) error {
		rows := upTo(1, nil)
		_, err := tx.Copy(ctx, numbers, []string{"n"}, rows)
		require.Equal(t, "0", query[string](t, tx, `SHOW statement_timeout`))
		return err
	}))
}

func TestCopyIsNeverIdleForLongWhereRowsComeSlowly(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE TABLE numbers (n integer)`)
	slowly := func(yield func([]any, error) bool) {
		for end := time.After(2 * idle); busy(end); {
			if !yield(nil, nil) {
				return
			}
		}
		yield([]any{1}, nil)
	}
	require.NoError(t, postgres.InTx(t.Context(), db, postgres.TxOptions{IdleTimeout: idle}, func(ctx context.Context, tx *postgres.Tx) error {
		n, err := tx.Copy(ctx, numbers, []string{"n"}, slowly)
		require.Equal(t, 1, n)
		return err
	}))
	require.Equal(t, 1, query[int](t, db, `SELECT count(*) FROM numbers`))
}

// busy is true for a moment after a moment, until the end has come.
func busy(end <-chan time.Time) bool {
	select {
	case <-end:
		return false
	case <-time.After(10 * time.Millisecond):
		return true
	}
}

func TestTransactionStaysAwakeWhileItsOwnerIsAtWork(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	work := func(awake bool) error {
		return postgres.InTx(t.Context(), db, postgres.TxOptions{IdleTimeout: idle}, func(ctx context.Context, tx *postgres.Tx) error {
			for end := time.After(2 * idle); busy(end); {
				if awake {
					require.NoError(t, tx.StayAwake(ctx))
				}
			}
			_, err := tx.ExecContext(ctx, `SELECT 1`)
			return err
		})
	}
	require.NoError(t, work(true))
	require.Error(t, work(false))
}
