//go:build browser

package browser_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// hold keeps everybody from the sessions until the test lets go: an import then
// stands in the schedule for as long as the test looks at it.
func hold(t *testing.T) (letGo func()) {
	t.Helper()
	tx, err := postgrestest.New(t).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() }) // where the test ended before it let go
	_, err = tx.ExecContext(t.Context(), `LOCK TABLE schedule.sessions IN ACCESS EXCLUSIVE MODE`)
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Commit()) }
}

// refuse makes the database refuse every session, as a full disk would.
func refuse(t *testing.T) *bun.DB {
	t.Helper()
	db := postgrestest.New(t)
	_, err := db.ExecContext(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the table is closed'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON schedule.sessions EXECUTE FUNCTION refuse();`)
	require.NoError(t, err)
	return db
}
