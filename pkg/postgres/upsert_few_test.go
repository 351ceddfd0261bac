package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// room has no column whose value needs its type, so that a few of them go in
// as values.
type room struct {
	bun.BaseModel `bun:"table:rooms"`

	ID       int64      `bun:"id,pk,autoincrement"`
	ImportID string     `bun:"import_id,type:uuid"`
	Attempt  int        `bun:"attempt"`
	Origin   string     `bun:"origin"`
	SourceID string     `bun:"source_id,nullzero"`
	Name     string     `bun:"name"`
	Floor    *int64     `bun:"floor"`
	Height   *float64   `bun:"height"`
	Open     *bool      `bun:"open"`
	Opens    time.Time  `bun:"opens,nullzero"`
	Closes   *time.Time `bun:"closes"`
	Plan     []byte     `bun:"plan"`
	State    string     `bun:"state,nullzero,default:'free',skipupdate"`
}

func createRooms(t testing.TB, db bun.IDB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), `CREATE TABLE rooms (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		import_id uuid NOT NULL, attempt int NOT NULL, origin text NOT NULL, source_id text COLLATE "und-x-icu",
		name text NOT NULL, floor bigint, height float8, open boolean, opens timestamptz, closes timestamptz, plan bytea,
		state text NOT NULL DEFAULT 'free',
		UNIQUE (import_id, origin))`)
	require.NoError(t, err)
}

func rooms(ids ...string) []*room {
	all := make([]*room, len(ids))
	for i, id := range ids {
		all[i] = &room{ImportID: importA, Attempt: 1, Origin: fmt.Sprint(i), SourceID: id, Name: "Room " + id}
	}
	return all
}

// noTemporaryTable proves that the rows went in as values.
func noTemporaryTable(t *testing.T, db bun.IDB) {
	t.Helper()
	require.Zero(t, query[int](t, db, `SELECT count(*) FROM pg_class WHERE relname LIKE 'usher_upsert%'`))
}

func TestFewRowsKeepEverySortOfValue(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createRooms(t, db)
	floor, height, no := int64(-2), 2.1, false
	closes := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	full := rooms("1")[0]
	full.Name = `O'Brien's \ "hall"? $1 ?0 E'x' λ` + "\t\n"
	full.Floor, full.Height, full.Open, full.Closes = &floor, &height, &no, &closes
	full.Opens, full.Plan = closes.In(time.FixedZone("", 3600)), []byte{0, 1, 0xff}
	full.State = "taken"
	empty := rooms("", "")[1]

	done := upsert(t, db, []*room{full, empty})
	require.Equal(t, []postgres.Pair{{Origin: "0", SourceID: "1", ID: 1}, {Origin: "1", ID: 2}}, done.IDs)
	var got []room
	require.NoError(t, db.NewSelect().Model(&got).Order("id").Scan(t.Context()))
	require.Equal(t, full.Name, got[0].Name)
	require.Equal(t, floor, *got[0].Floor)
	require.InDelta(t, height, *got[0].Height, 0)
	require.False(t, *got[0].Open)
	require.True(t, full.Opens.Equal(got[0].Opens))
	require.True(t, closes.Equal(*got[0].Closes))
	require.Equal(t, full.Plan, got[0].Plan)
	require.Equal(t, "taken", got[0].State)
	for _, column := range []string{"source_id", "floor", "height", "open", "opens", "closes", "plan"} {
		require.True(t, query[bool](t, db, `SELECT ? IS NULL FROM rooms WHERE origin = '1'`, bun.Ident(column)), column)
	}
	require.Equal(t, "free", got[1].State, "the default")

	full.State, full.Name = "broken", "Hall"
	require.Equal(t, done.IDs, upsert(t, db, []*room{full, empty}).IDs)
	require.Equal(t, "taken", query[string](t, db, `SELECT state FROM rooms WHERE origin = '0'`), "skipupdate")
	require.Equal(t, "Hall", query[string](t, db, `SELECT name FROM rooms WHERE origin = '0'`))
}

func TestFewRowsGetTheirIdsInTheOrderOfMany(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("9", 40)
	for name, given := range map[string][]string{
		"numbers":    {"10", "2", huge, "1", "-3", "007", "7", "-0", "0"},
		"texts":      {"10", "2", "b", "B", "é", "1", "2.5"},
		"some none":  {"", "10", "", "2", ""},
		"all none":   {"", "", ""},
		"some twice": {"7", "5", "7", "", "5", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := postgrestest.New(t)
			createRooms(t, db)
			createSpeakers(t, db)
			var few, many []string
			inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
				done, err := store(ctx, tx, (*room)(nil), all(rooms(given...)))
				for i, p := range done.IDs {
					require.Equal(t, int64(i+1), p.ID)
					few = append(few, p.Origin+"="+p.SourceID)
				}
				noTemporaryTable(t, tx)
				return err
			})
			for _, p := range upsert(t, db, withSourceIDs(given...)).IDs {
				many = append(many, p.Origin+"="+p.SourceID)
			}
			require.Equal(t, many, few)
		})
	}
}

func TestFewRowsWithOneTwiceAreRefused(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createRooms(t, db)
	err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
		twice := rooms("1", "2")
		twice[1].Origin = twice[0].Origin
		_, err := store(ctx, tx, (*room)(nil), all(twice))
		return err
	})
	require.ErrorIs(t, err, postgres.ErrDuplicateOrigin)
}

// What few rests on: up to a whole chunk, values are quicker.
func BenchmarkUpsert(b *testing.B) {
	for _, n := range []int{1, 10, 100, 500, 999, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			db := postgrestest.New(b)
			createRooms(b, db)
			rows := rooms(make([]string, n)...)
			for b.Loop() {
				err := postgres.InTx(b.Context(), db, postgres.TxOptions{IdleTimeout: time.Minute}, func(ctx context.Context, tx *postgres.Tx) error {
					_, err := store(ctx, tx, (*room)(nil), all(rows))
					return err
				})
				require.NoError(b, err)
			}
		})
	}
}
