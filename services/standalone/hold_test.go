package standalone_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// Whom hold keeps from going on.
const (
	writers   = "SHARE"
	everybody = "ACCESS EXCLUSIVE"
)

// hold keeps those that come to a table from going on until they are let go: so they are
// still under way when a test has looked, or has killed somebody.
func hold(t *testing.T, db *bun.DB, table, whom string) (letGo func()) {
	t.Helper()
	held, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = held.Rollback() }) // it is over where the test succeeds
	_, err = held.ExecContext(t.Context(), "LOCK TABLE "+table+" IN "+whom+" MODE")
	require.NoError(t, err)
	return func() { require.NoError(t, held.Rollback()) }
}

// heldBy are the locks of those that hold keeps from a table, and not from one of another
// test's database, which may have the same number.
func heldBy(table string) string {
	return "pg_locks WHERE NOT granted AND relation = '" + table + "'::regclass" +
		" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
}

// awaitHeld waits until hold keeps somebody from a table.
func awaitHeld(t *testing.T, db *bun.DB, table string) {
	t.Helper()
	require.Eventually(t, func() bool { return howMany(t, db, heldBy(table)) > 0 }, patience, 10*time.Millisecond)
}
