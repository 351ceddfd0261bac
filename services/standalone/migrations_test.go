package standalone_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
)

// While a new version is rolled out the processes of the release before go on, on the
// database of the new one. So what a release has made only ever grows in the next: it is
// taken away one release later, when nobody uses it any more.

// harmless are findings of the tests below that may stand, and why: what the newest
// release uses no more, or what takes all that it took before.
var harmless = map[string]string{}

// shape is what a database offers those who use it: its columns, by schema, table and
// name, and what its tables refuse.
type shape struct {
	columns  map[string]column
	refusals map[string]bool
}

type column struct {
	Schema, Table, Name string
	Type                string
	// Empty tells whether it may be, and Filled that one that is left out gets a value.
	Empty, Filled bool
}

func shapeOf(ctx context.Context, t *testing.T, db bun.IDB) shape {
	t.Helper()
	schemas := make(map[string]bool)
	for _, set := range service.Migrations(standalone.Services()...) {
		schemas[set.Schema] = true
	}
	names := bun.List(slices.Sorted(maps.Keys(schemas)))
	var columns []column
	require.NoError(t, db.NewRaw(`SELECT table_schema AS schema, table_name AS table, column_name AS name,
			data_type || ' ' || udt_name AS type, is_nullable = 'YES' AS empty,
			column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' AS filled
		FROM information_schema.columns WHERE table_schema IN (?)`, names).Scan(ctx, &columns))
	var refusals []string
	require.NoError(t, db.NewRaw(`SELECT c.conrelid::regclass || ' refuses what is not ' || pg_get_constraintdef(c.oid)
			FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname IN (?0) AND c.contype IN ('c', 'f', 'x')
		UNION SELECT i.indrelid::regclass || ' refuses what is not one by ' || substring(pg_get_indexdef(i.indexrelid) FROM 'USING .*')
			FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_namespace n ON n.oid = r.relnamespace
			WHERE n.nspname IN (?0) AND i.indisunique`, names).Scan(ctx, &refusals))
	s := shape{columns: make(map[string]column), refusals: make(map[string]bool)}
	for _, c := range columns {
		s.columns[c.Schema+"."+c.Table+"."+c.Name] = c
	}
	for _, r := range refusals {
		s.refusals[r] = true
	}
	return s
}

// tables are those that there are, views too.
func (s shape) tables() map[string]bool {
	all := make(map[string]bool)
	for _, c := range s.columns {
		all[c.Schema+"."+c.Table] = true
	}
	return all
}

// taken tells what those who use the database as it was before cannot do any more.
func taken(before, after shape) []string {
	var found []string
	for name, was := range before.columns {
		switch is, ok := after.columns[name]; {
		case !ok:
			found = append(found, name+" is gone")
		case is.Type != was.Type:
			found = append(found, fmt.Sprintf("%s is %s, was %s", name, is.Type, was.Type))
		case was.Empty && !is.Empty:
			found = append(found, name+" must not be empty any more")
		case !was.Empty && is.Empty:
			found = append(found, name+" may be empty now, which nobody expects who reads it")
		case !is.Empty && was.Filled && !is.Filled:
			found = append(found, name+" must be given now")
		}
	}
	tables := before.tables()
	for name, is := range after.columns {
		if _, ok := before.columns[name]; !ok && tables[is.Schema+"."+is.Table] && !is.Empty && !is.Filled {
			found = append(found, name+" is new and must be given")
		}
	}
	for refusal := range after.refusals {
		table, _, _ := strings.Cut(refusal, " ")
		if !before.refusals[refusal] && tables[table] {
			found = append(found, refusal)
		}
	}
	slices.Sort(found)
	return found
}

// releasedMigrations are those of a release, which must be as they were.
func releasedMigrations(t *testing.T, release string) []postgres.Migrations {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(release, "migrations.sha256"))
	require.NoError(t, err)
	sums := make(map[string]string)
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		require.Len(t, fields, 2)
		sums[fields[1]] = fields[0]
	}
	sets := service.Migrations(standalone.Services()...)
	for i, set := range sets {
		folder := "services/" + set.Schema + "/migrations/"
		if set.Name == "stage" {
			folder = "pkg/stage/migrations/"
		}
		files := make(fstest.MapFS)
		for path, sum := range sums {
			name, ok := strings.CutPrefix(path, folder)
			if !ok {
				continue
			}
			content, err := fs.ReadFile(set.Files, name)
			require.NoError(t, err, "%s was released and must stay", path)
			got := sha256.Sum256(content)
			require.Equal(t, sum, hex.EncodeToString(got[:]), "%s was released and must not change", path)
			files[name] = &fstest.MapFile{Data: content}
		}
		sets[i].Files = files
	}
	return sets
}

func TestMigrationsOnlyAddToWhatTheReleaseBeforeUses(t *testing.T) {
	t.Parallel()
	releases, err := filepath.Glob(filepath.Join(repository, "contracts/testdata/releases/v*"))
	require.NoError(t, err)
	require.NotEmpty(t, releases)
	db := postgrestest.New(t)
	for _, release := range releases {
		require.NoError(t, postgres.Migrate(t.Context(), db, releasedMigrations(t, release)...))
	}
	// Only from the newest release is it upgraded while its processes run.
	before := shapeOf(t.Context(), t, db)
	require.Contains(t, before.columns, "people.users.nick")
	require.NoError(t, postgres.Migrate(t.Context(), db, service.Migrations(standalone.Services()...)...))
	found := taken(before, shapeOf(t.Context(), t, db))
	for _, finding := range found {
		require.Contains(t, harmless, finding, "the release before would stumble over it; see \"Upgrades\" in ARCHITECTURE.md")
	}
	for finding := range harmless {
		require.Contains(t, found, finding, "nothing is to be said of it any more")
	}
}

func TestMigrationThatTakesSomethingAwayIsFound(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(t.Context(), db, service.Migrations(standalone.Services()...)...))
	before := shapeOf(t.Context(), t, db)
	for statement, complaint := range map[string]string{
		"ALTER TABLE people.users DROP COLUMN web CASCADE":                                 "people.users.web is gone",
		"ALTER TABLE query.imports RENAME COLUMN swept_attempt TO swept":                   "query.imports.swept_attempt is gone",
		"ALTER TABLE query.imports RENAME TO runs":                                         "query.imports.id is gone",
		"DROP VIEW people.api_accounts":                                                    "people.api_accounts.id is gone",
		"ALTER TABLE query.imports ALTER COLUMN swept_attempt TYPE bigint":                 "query.imports.swept_attempt is bigint int8, was integer int4",
		"ALTER TABLE query.imports ALTER COLUMN waiting_since SET NOT NULL":                "query.imports.waiting_since must not be empty any more",
		"ALTER TABLE query.imports ALTER COLUMN swept_attempt DROP NOT NULL":               "query.imports.swept_attempt may be empty now, which nobody expects who reads it",
		"ALTER TABLE query.imports ALTER COLUMN swept_attempt DROP DEFAULT":                "query.imports.swept_attempt must be given now",
		"ALTER TABLE query.imports ADD COLUMN mood text NOT NULL":                          "query.imports.mood is new and must be given",
		"ALTER TABLE query.imports ADD CONSTRAINT few CHECK (swept_attempt < 9)":           "query.imports refuses what is not CHECK ((swept_attempt < 9))",
		"CREATE UNIQUE INDEX ON query.imports (swept_attempt)":                             "query.imports refuses what is not one by USING btree (swept_attempt)",
		"ALTER TABLE query.imports ADD COLUMN mood text":                                   "",
		"ALTER TABLE query.imports ADD COLUMN mood text NOT NULL DEFAULT 'calm'":           "",
		"CREATE INDEX ON query.imports (swept_attempt)":                                    "",
		"CREATE TABLE query.moods (import_id uuid PRIMARY KEY, mood text NOT NULL UNIQUE)": "",
	} {
		t.Run(statement, func(t *testing.T) {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			defer func() { require.NoError(t, tx.Rollback()) }()
			_, err = tx.ExecContext(t.Context(), statement)
			require.NoError(t, err)
			found := taken(before, shapeOf(t.Context(), t, tx))
			if complaint == "" {
				require.Empty(t, found)
			} else {
				require.Contains(t, found, complaint)
			}
		})
	}
}
