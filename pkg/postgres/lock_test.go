package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestAdvisoryLockHasOneHolder(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	lock, ok, err := postgres.TryAdvisoryLock(t.Context(), db, "projector")
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, lock.Check(t.Context()))

	second, ok, err := postgres.TryAdvisoryLock(t.Context(), db, "projector")
	require.NoError(t, err)
	require.False(t, ok)
	require.Nil(t, second)
	other, ok, err := postgres.TryAdvisoryLock(t.Context(), db, "another")
	require.NoError(t, err)
	require.True(t, ok, "another key is another lock")
	other.Release()

	lock.Release()
	lock.Release()
	require.ErrorIs(t, lock.Check(t.Context()), postgres.ErrLockLost)
	// Through another pool: the same session could take a forgotten lock twice.
	third, ok, err := postgres.TryAdvisoryLock(t.Context(), postgrestest.New(t), "projector")
	require.NoError(t, err)
	require.True(t, ok)
	third.Release()
	require.Equal(t, 0, db.Stats().InUse)
}

func TestLossOfTheLocksConnectionIsNoticed(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	lock, ok, err := postgres.TryAdvisoryLock(t.Context(), db, "projector")
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, query[bool](t, db, `SELECT bool_and(pg_terminate_backend(pid)) FROM pg_locks
		WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`))

	require.ErrorIs(t, lock.Check(t.Context()), postgres.ErrLockLost)
	var next *postgres.Lock
	require.Eventually(t, func() bool {
		next, ok, err = postgres.TryAdvisoryLock(t.Context(), db, "projector")
		return err == nil && ok
	}, soon, 10*time.Millisecond, "another one may take it")
	require.ErrorIs(t, lock.Check(t.Context()), postgres.ErrLockLost, "it never comes back by itself")
	lock.Release()
	require.NoError(t, next.Check(t.Context()), "the lost one releases nothing")
	next.Release()
}
