package postgrestest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	urls := make(map[string]bool)
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			db := postgrestest.New(t)
			urls[postgrestest.URL(t)] = true
			_, err := db.ExecContext(t.Context(), `CREATE TABLE things (id int)`)
			require.NoError(t, err, "the database is empty")
		})
	}
	require.Len(t, urls, 2)
	for url := range urls {
		_, err := postgres.Open(context.Background(), url)
		require.ErrorContains(t, err, "does not exist", "it is dropped when the test ends")
	}
}

func TestDatabaseIsTheSameWithinOneTest(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	var name string
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name))
	require.Contains(t, postgrestest.URL(t), name)
	first := postgrestest.URL(t)
	require.Equal(t, first, postgrestest.URL(t))
}

func TestDatabaseIsDroppedThoughSomebodyIsConnected(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("leaves a connection open", func(t *testing.T) {
		url = postgrestest.URL(t)
		db, err := postgres.Open(t.Context(), url)
		require.NoError(t, err)
		require.NoError(t, db.PingContext(t.Context()))
	})
	_, err := postgres.Open(context.Background(), url)
	require.ErrorContains(t, err, "does not exist")
}
