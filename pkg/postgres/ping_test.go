package postgres_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestDatabaseThatIsReadOnlyAnswersAndIsFoundOutUntilItTakesWritesAgain(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	db.SetMaxOpenConns(1)
	operator, err := postgrestest.New(t).Conn(t.Context()) // whose own setting stays as it is
	require.NoError(t, err)
	defer func() { require.NoError(t, operator.Close()) }()
	name := query[string](t, operator, "SELECT current_database()")
	set := func(value string) {
		execute(t, operator, fmt.Sprintf("ALTER DATABASE %s SET default_transaction_read_only = %s", name, value))
	}
	require.NoError(t, postgres.PingWritable(t.Context(), db))
	execute(t, db, "SET default_transaction_read_only = on") // as a server that was demoted
	require.ErrorIs(t, postgres.PingWritable(t.Context(), db), postgres.ErrReadOnly)
	require.NoError(t, postgres.PingWritable(t.Context(), db), "another connection is asked then")
	set("on")
	db.SetMaxIdleConns(-1)
	db.SetMaxIdleConns(1)
	require.ErrorIs(t, postgres.PingWritable(t.Context(), db), postgres.ErrReadOnly)
	require.ErrorIs(t, postgres.PingWritable(t.Context(), db), postgres.ErrReadOnly)
	set("off")
	require.NoError(t, postgres.PingWritable(t.Context(), db))
	require.Equal(t, 1, db.Stats().Idle, "connections are kept as before")
}
