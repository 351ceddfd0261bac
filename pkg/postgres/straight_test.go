package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// room has a default for one of its columns only, so that rooms which say its state are
// copied straight.
type room struct {
	bun.BaseModel `bun:"table:rooms"`

	ID       int64           `bun:"id,pk,autoincrement"`
	ImportID string          `bun:"import_id,type:uuid"`
	Attempt  int             `bun:"attempt"`
	Origin   string          `bun:"origin"`
	SourceID string          `bun:"source_id,nullzero"`
	Name     string          `bun:"name"`
	Floor    *int64          `bun:"floor"`
	Height   *float64        `bun:"height"`
	Open     *bool           `bun:"open"`
	Opens    time.Time       `bun:"opens,nullzero"`
	Closes   *time.Time      `bun:"closes"`
	Plan     []byte          `bun:"plan"`
	Facts    json.RawMessage `bun:"facts,type:jsonb"`
	State    string          `bun:"state,nullzero,default:'free',skipupdate"`
}

func createRooms(t testing.TB, db bun.IDB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), `CREATE TABLE rooms (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		import_id uuid NOT NULL, attempt int NOT NULL, origin text NOT NULL, source_id text COLLATE "und-x-icu",
		name text NOT NULL, floor bigint, height float8, open boolean, opens timestamptz, closes timestamptz, plan bytea, facts jsonb,
		state text NOT NULL DEFAULT 'free',
		UNIQUE (import_id, origin))`)
	require.NoError(t, err)
}

func rooms(ids ...string) []*room {
	all := make([]*room, len(ids))
	for i, id := range ids {
		all[i] = &room{ImportID: importA, Attempt: 1, Origin: fmt.Sprint(i), SourceID: id, Name: "Room " + id, State: "free"}
	}
	return all
}

// noTemporaryTable proves that the rows were copied straight.
func noTemporaryTable(t *testing.T, db bun.IDB) {
	t.Helper()
	require.Zero(t, query[int](t, db, `SELECT count(*) FROM pg_class WHERE relname LIKE 'usher_upsert%'`))
}

// padded adds so many rooms that they are no few, behind the others.
func padded(rows []*room) []*room {
	for range 40 {
		rows = append(rows, &room{ImportID: importA, Attempt: 1, Origin: fmt.Sprint(len(rows)), State: "free"})
	}
	return rows
}

func TestFewRowsAndThoseThatAreCopiedStraightKeepEverySortOfValue(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]func([]*room) []*room{
		"few": func(rows []*room) []*room { return rows }, "straight": padded,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := postgrestest.New(t)
			createRooms(t, db)
			floor, height, no := int64(-2), 2.1, false
			closes := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
			full := rooms("1")[0]
			full.Name = `O'Brien's \ "hall"? $1 ?0 E'x' λ` + "\t\n"
			full.Floor, full.Height, full.Open, full.Closes = &floor, &height, &no, &closes
			full.Opens, full.Plan = closes.In(time.FixedZone("", 3600)), []byte{0, 1, 0xff}
			full.Facts = json.RawMessage(`{"it's": "\\u00e9 \\\" ?", "n": [1, 2.50]}`)
			full.State = "taken"
			empty := rooms("", "")[1]
			rows := more([]*room{full, empty})

			done := upsert(t, db, rows)
			noTemporaryTable(t, db)
			require.Equal(t, []postgres.Pair{{Origin: "0", SourceID: "1", ID: 1}, {Origin: "1", ID: 2}}, done.IDs[:2])
			var got []room
			require.NoError(t, db.NewSelect().Model(&got).Order("id").Scan(t.Context()))
			require.Equal(t, full.Name, got[0].Name)
			require.Equal(t, floor, *got[0].Floor)
			require.InDelta(t, height, *got[0].Height, 0)
			require.False(t, *got[0].Open)
			require.True(t, full.Opens.Equal(got[0].Opens))
			require.True(t, closes.Equal(*got[0].Closes))
			require.Equal(t, full.Plan, got[0].Plan)
			require.JSONEq(t, string(full.Facts), string(got[0].Facts))
			require.Equal(t, "taken", got[0].State)
			for _, column := range []string{"source_id", "floor", "height", "open", "opens", "closes", "plan", "facts"} {
				require.True(t, query[bool](t, db, `SELECT ? IS NULL FROM rooms WHERE origin = '1'`, bun.Ident(column)), column)
			}

			full.State, full.Name, empty.State = "broken", "Hall", ""
			require.Equal(t, done.IDs, upsert(t, db, rows).IDs)
			require.Equal(t, "taken", query[string](t, db, `SELECT state FROM rooms WHERE origin = '0'`), "skipupdate")
			require.Equal(t, "Hall", query[string](t, db, `SELECT name FROM rooms WHERE origin = '0'`))

			for _, row := range rows {
				row.ImportID, row.State = importB, ""
			}
			upsert(t, db, rows)
			require.Equal(t, "free", query[string](t, db, `SELECT state FROM rooms WHERE origin = '1' AND import_id = ?`, importB), "the default")
		})
	}
}

func TestIdsComeInTheSameOrderHoweverRowsAreWritten(t *testing.T) {
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
			var aside []string
			for _, p := range upsert(t, db, withSourceIDs(given...)).IDs {
				aside = append(aside, p.Origin+"="+p.SourceID)
			}
			first := int64(0)
			for _, rows := range [][]*room{rooms(given...), padded(rooms(given...))} {
				importID := uuid.NewString()
				for _, row := range rows {
					row.ImportID = importID
				}
				var told []string
				inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
					done, err := store(ctx, tx, (*room)(nil), all(rows))
					for i, p := range done.IDs {
						require.Equal(t, first+int64(i+1), p.ID)
						told = append(told, p.Origin+"="+p.SourceID)
					}
					noTemporaryTable(t, tx)
					return err
				})
				first += int64(len(rows))
				require.Equal(t, aside, told[:len(given)])
			}
		})
	}
}

func TestRowsOfWhichOneStandsTwiceAreRefused(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createRooms(t, db)
	for name, twice := range map[string][]*room{"few": rooms("1", "2"), "straight": padded(rooms("1", "2"))} {
		twice[1].Origin = twice[0].Origin
		err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := store(ctx, tx, (*room)(nil), all(twice))
			return err
		})
		require.ErrorIs(t, err, postgres.ErrDuplicateOrigin, name)
	}
}

// ascending gives rooms with rising source ids from 1 on, and then the given ones.
func ascending(n int, last ...string) []*room {
	ids := make([]string, n, n+len(last))
	for i := range ids {
		ids[i] = fmt.Sprint(i + 1)
	}
	return rooms(append(ids, last...)...)
}

func TestManyRowsInOrderAreCopiedStraight(t *testing.T) {
	t.Parallel()
	const many = 3500
	db := postgrestest.New(t)
	createRooms(t, db)
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		done, err := store(ctx, tx, (*room)(nil), all(ascending(many)))
		noTemporaryTable(t, tx)
		require.Equal(t, many, done.Rows)
		for i, p := range done.IDs {
			require.Equal(t, postgres.Pair{Origin: fmt.Sprint(i), SourceID: fmt.Sprint(i + 1), ID: int64(i + 1)}, p)
		}
		return err
	})
	require.Equal(t, many, query[int](t, db, `SELECT count(*) FROM rooms WHERE id::text = source_id AND origin::int = id - 1`))
}

func TestIdsRiseWithTheSourceIdsAlsoWhereTheDisorderComesLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		last  []string
		order string
	}{
		"numbers":         {[]string{"5", "-1", ""}, `source_id::numeric NULLS LAST, origin::int`},
		"one is a name":   {[]string{"Hall"}, `source_id COLLATE "C", origin::int`},
		"in a full chunk": {append([]string{"0"}, make([]string, 1200)...), `source_id::numeric NULLS LAST, origin::int`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := postgrestest.New(t)
			createRooms(t, db)
			rows := ascending(2100, c.last...)
			done := upsert(t, db, rows)
			require.Equal(t, len(rows), done.Rows)
			require.Equal(t, len(rows), query[int](t, db, `SELECT count(*) FROM rooms`))
			var stored, ordered []int64
			require.NoError(t, db.NewSelect().Table("rooms").Column("id").OrderExpr(c.order).Scan(t.Context(), &stored))
			require.IsIncreasing(t, stored)
			told := make(map[string]int64)
			for _, p := range done.IDs {
				told[p.Origin] = p.ID
			}
			var origins []string
			require.NoError(t, db.NewSelect().Table("rooms").Column("origin").OrderExpr(c.order).Scan(t.Context(), &origins))
			for _, origin := range origins {
				ordered = append(ordered, told[origin])
			}
			require.Equal(t, stored, ordered, "what is told of a row last is so")
		})
	}
}

func TestRowThatStandsInTwoChunksIsRefused(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createRooms(t, db)
	for name, rows := range map[string]int{"the second is the last": 1500, "the second is a full one": 2500} {
		err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
			twice := ascending(rows)
			twice[1200].Origin = twice[3].Origin
			_, err := store(ctx, tx, (*room)(nil), all(twice))
			return err
		})
		require.ErrorIs(t, err, postgres.ErrDuplicateOrigin, name)
	}
}

// What few and copyStraight rest on; "again" goes by a temporary table where it is no few.
func BenchmarkUpsert(b *testing.B) {
	for _, n := range []int{1, 10, 32, 33, 100, 500, 1000, 5000} {
		for _, again := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/again=%t", n, again), func(b *testing.B) {
				db := postgrestest.New(b)
				createRooms(b, db)
				rows := ascending(n)
				for b.Loop() {
					err := postgres.InTx(b.Context(), db, postgres.TxOptions{IdleTimeout: time.Minute}, func(ctx context.Context, tx *postgres.Tx) error {
						if !again {
							if _, err := tx.ExecContext(ctx, `DELETE FROM rooms`); err != nil {
								return err
							}
						}
						_, err := store(ctx, tx, (*room)(nil), all(rows))
						return err
					})
					require.NoError(b, err)
				}
			})
		}
	}
}
