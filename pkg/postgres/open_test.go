package postgres_test

import (
	"context"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestOpenSetsTheSession(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), postgrestest.URL(t), postgres.WithName("people"), postgres.WithMaxConns(3))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.Equal(t, "people", query[string](t, db, `SELECT current_setting('application_name')`))
	require.Equal(t, "on", query[string](t, db, `SELECT current_setting('synchronous_commit')`))
	require.Equal(t, "UTC", query[string](t, db, `SELECT current_setting('timezone')`))
	require.Equal(t, 3, db.Stats().MaxOpenConnections)
}

func TestSettingsInTheURLWin(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(postgrestest.URL(t))
	require.NoError(t, err)
	q := u.Query()
	q.Set("application_name", "mine")
	u.RawQuery = q.Encode()
	db, err := postgres.Open(t.Context(), u.String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.Equal(t, "mine", query[string](t, db, `SELECT current_setting('application_name')`))
}

func TestErrorsOfOpenNeverHaveThePassword(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"postgres://usher:s3cr3t@127.0.0.1:1/usher",
		"postgres://usher:s3cr3t@127.0.0.1:port/usher",
		"postgres://usher:s3cr3t/%zz@127.0.0.1/usher",
		"postgres://usher:s3cr3t@@@/:/usher?sslmode=what",
		"host=127.0.0.1 port=1 password=s3cr3t' dbname=usher",
		"s3cr3t",
		"mysql://usher:s3cr3t@127.0.0.1/usher",
	} {
		_, err := postgres.Open(t.Context(), bad)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "s3cr3t")
	}
}

func TestServerThatDoesNotAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), "postgres://usher@127.0.0.1:1/usher")
	require.True(t, postgres.IsUnavailable(err), "%v", err)
	require.ErrorContains(t, err, `database "usher" on 127.0.0.1:1`)
}

func TestServerThatNeverAnswersIsUnavailable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	_, err = postgres.Open(t.Context(), "postgres://usher@"+silent.Addr().String()+"/usher?connect_timeout=1")
	require.True(t, postgres.IsUnavailable(err), "%v", err)
}

func TestEndOfAContextIsNotTheDatabasesFault(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := db.ExecContext(ctx, `SELECT pg_sleep(3600)`)
	require.Error(t, err)
	require.False(t, postgres.IsUnavailable(err), "%v", err)
}

func TestConnectionThatIsCutOffIsUnavailable(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
	require.True(t, postgres.IsUnavailable(err), "%v", err)
}
