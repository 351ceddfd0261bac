//go:build browser

package browser_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// hold has the schedule wait until the test lets go: an import then stands there for as
// long as the test looks at it. A lock would not do, which the stage gives up after a while.
func hold(t *testing.T) (letGo func()) {
	t.Helper()
	db := postgrestest.New(t)
	_, err := db.ExecContext(t.Context(), `
		CREATE TABLE held AS SELECT true AS is;
		CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			WHILE EXISTS (SELECT FROM held) LOOP PERFORM pg_sleep(0.02); END LOOP;
			RETURN NULL;
		END $$;
		CREATE TRIGGER hold BEFORE INSERT ON schedule.import_fence EXECUTE FUNCTION hold();`)
	require.NoError(t, err)
	release := func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, `DELETE FROM held`)
		return err
	}
	t.Cleanup(func() { _ = release(context.WithoutCancel(t.Context())) }) // where the test ended before it let go
	return func() { require.NoError(t, release(t.Context())) }
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
