package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// soon is how long a test waits for what has to happen.
const soon = time.Minute

// idle is for tests that are idle for longer. A busy machine may stop a process for
// seconds, too.
const idle = 3 * time.Second

func execute(t *testing.T, db bun.IDB, statement string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement, args...)
	require.NoError(t, err)
}

func query[T any](t *testing.T, db bun.IDB, statement string, args ...any) (value T) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), statement, args...).Scan(&value))
	return value
}

func inTx(t *testing.T, db *bun.DB, fn func(context.Context, *postgres.Tx) error) {
	t.Helper()
	require.NoError(t, postgres.InTx(t.Context(), db, postgres.TxOptions{}, fn))
}
