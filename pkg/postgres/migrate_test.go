package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func files(contents map[string]string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for name, sql := range contents {
		fsys[name] = &fstest.MapFile{Data: []byte(sql)}
	}
	return fsys
}

func people(contents map[string]string) postgres.Migrations {
	return postgres.Migrations{Schema: "people", Name: "people", Files: files(contents)}
}

func TestMigrateAppliesWhatIsMissingInOrder(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	contents := map[string]string{
		"0002_more.sql":  `INSERT INTO speakers VALUES (1, '{"a?": "?"}'); ALTER TABLE speakers ADD name text;`,
		"0001_begin.sql": `CREATE TABLE speakers (id int, raw jsonb); CREATE INDEX ON speakers (id);`,
	}
	set := people(contents)
	stages := postgres.Migrations{Schema: "people", Name: "stage", Files: files(map[string]string{
		"0001_begin.sql": `CREATE TABLE fence (id int)`,
	})}
	err := postgres.VerifyMigrations(t.Context(), db, set, stages)
	require.ErrorIs(t, err, postgres.ErrNotMigrated)
	require.ErrorContains(t, err, "people/0001_begin.sql, people/0002_more.sql, people/0001_begin.sql")

	require.NoError(t, postgres.Migrate(t.Context(), db, set, stages))
	require.NoError(t, postgres.Migrate(t.Context(), db, set, stages), "nothing is applied twice")
	require.NoError(t, postgres.VerifyMigrations(t.Context(), db, set, stages))
	require.Equal(t, 1, query[int](t, db, `SELECT count(*) FROM people.speakers WHERE name IS NULL`))
	require.Equal(t, 3, query[int](t, db, `SELECT count(*) FROM people.migrations WHERE applied_at <= now()`))
	require.Equal(t, "public", query[string](t, db, `SELECT current_schema()`), "the search path is left alone")

	contents["0003_last.sql"] = `CREATE TABLE last (id int)`
	require.ErrorContains(t, postgres.VerifyMigrations(t.Context(), db, people(contents)), "missing people/0003_last.sql")
	require.NoError(t, postgres.Migrate(t.Context(), db, people(contents)))
	require.NoError(t, postgres.Migrate(t.Context(), db, set), "what a newer version applied is no error")
	require.NoError(t, postgres.VerifyMigrations(t.Context(), db, set))
}

func TestChangedMigrationIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(t.Context(), db, people(map[string]string{"0001_begin.sql": `CREATE TABLE a ()`})))
	changed := people(map[string]string{"0001_begin.sql": `CREATE TABLE b ()`})
	for _, err := range []error{
		postgres.Migrate(t.Context(), db, changed), postgres.VerifyMigrations(t.Context(), db, changed),
	} {
		require.ErrorIs(t, err, postgres.ErrMigrationChanged)
		require.ErrorContains(t, err, "0001_begin.sql")
	}
}

func TestMigrationsOfANewerVersionAreNamed(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	older := map[string]string{"0001_begin.sql": `CREATE TABLE a ()`}
	unknown, err := postgres.UnknownMigrations(t.Context(), db, people(older))
	require.NoError(t, err)
	require.Empty(t, unknown, "nothing was applied at all")
	require.NoError(t, postgres.Migrate(t.Context(), db,
		people(map[string]string{"0001_begin.sql": `CREATE TABLE a ()`, "0002_more.sql": `CREATE TABLE b ()`}),
		postgres.Migrations{Schema: "people", Name: "later", Files: files(map[string]string{"0001_later.sql": `CREATE TABLE c ()`})}))
	require.NoError(t, postgres.VerifyMigrations(t.Context(), db, people(older)))
	unknown, err = postgres.UnknownMigrations(t.Context(), db, people(older))
	require.NoError(t, err)
	require.Equal(t, []string{"people/0001_later.sql", "people/0002_more.sql"}, unknown)
}

func TestFailingMigrationLeavesNothingOfItself(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	err := postgres.Migrate(t.Context(), db, people(map[string]string{
		"0001_good.sql": `CREATE TABLE good ()`,
		"0002_bad.sql":  `CREATE TABLE half (); SELECT 1/0;`,
	}))
	require.ErrorContains(t, err, "migrations people of schema people: 0002_bad.sql: ")
	require.ErrorContains(t, err, "division by zero")
	require.Equal(t, "0001_good.sql", query[string](t, db, `SELECT string_agg(name, ',') FROM people.migrations`))
	require.True(t, query[bool](t, db, `SELECT to_regclass('people.half') IS NULL`))
}

func TestMigrationsAreNamedByNumberAndWords(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	for _, bad := range []map[string]string{
		{"1_short.sql": ""}, {"0001_Upper.sql": ""}, {"readme.md": ""}, {"0001_a.sql": "", "0001_b.sql": ""},
	} {
		require.Error(t, postgres.Migrate(t.Context(), db, people(bad)))
	}
}

func TestProcessesMayMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	set := people(map[string]string{
		"0001_slow.sql": `CREATE TABLE runs (n int); SELECT pg_sleep(0.1); INSERT INTO runs VALUES (1)`,
		"0002_next.sql": `INSERT INTO runs VALUES (2)`,
	})
	const processes = 4
	results := make(chan error, processes)
	for range processes {
		go func() {
			db, err := postgres.Open(context.Background(), url)
			if err == nil {
				err = postgres.Migrate(context.Background(), db, set)
				_ = db.Close()
			}
			results <- err
		}()
	}
	for range processes {
		require.NoError(t, <-results)
	}
	require.Equal(t, 2, query[int](t, postgrestest.New(t), `SELECT count(*) FROM people.runs`))
}

func TestKilledMigratorLeavesNothingLocked(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	slow := func(seconds int) postgres.Migrations {
		return people(map[string]string{"0001_slow.sql": fmt.Sprintf(`CREATE TABLE done (); SELECT pg_sleep(%d)`, seconds)})
	}
	killed := make(chan error, 1)
	go func() { killed <- postgres.Migrate(context.Background(), db, slow(3600)) }()
	require.Eventually(t, func() bool { return terminateSleepers(t, db) }, soon, 10*time.Millisecond)
	require.Error(t, <-killed)

	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	require.NoError(t, postgres.Migrate(ctx, db, slow(0)))
}

func TestWaitForAnotherMigratorEndsWithTheContext(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	first := make(chan error, 1)
	go func() {
		first <- postgres.Migrate(context.Background(), db, people(map[string]string{"0001_slow.sql": `SELECT pg_sleep(3600)`}))
	}()
	require.Eventually(t, func() bool {
		return query[int](t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`) == 1
	}, soon, 10*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, postgres.Migrate(ctx, db), context.DeadlineExceeded)
	require.True(t, terminateSleepers(t, db))
	require.Error(t, <-first)
}

// terminateSleepers drops the connections that sleep, as if their process had died.
func terminateSleepers(t *testing.T, db *bun.DB) bool {
	t.Helper()
	return query[int](t, db, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event = 'PgSleep'`) > 0
}
