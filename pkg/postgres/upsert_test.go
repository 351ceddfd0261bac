package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

const (
	importA = "018f0000-0000-7000-8000-00000000000a"
	importB = "018f0000-0000-7000-8000-00000000000b"
)

type mood string

// speaker has every sort of column that a row may have.
type speaker struct {
	bun.BaseModel `bun:"table:speakers"`

	ID       int64   `bun:"id,pk,autoincrement"`
	ImportID string  `bun:"import_id,type:uuid"`
	Attempt  int     `bun:"attempt"`
	Origin   string  `bun:"origin"`
	SourceID *string `bun:"source_id"`

	Name     string            `bun:"name"`
	Mood     mood              `bun:"mood,nullzero"`
	Email    *string           `bun:"email"`
	Position int               `bun:"position"`
	Height   *float64          `bun:"height"`
	Featured *bool             `bun:"featured"`
	Starts   time.Time         `bun:"starts,nullzero"`
	Ends     *time.Time        `bun:"ends"`
	Raw      json.RawMessage   `bun:"raw,type:jsonb"`
	Bytes    []byte            `bun:"bytes,type:jsonb"`
	Links    map[string]string `bun:"links,type:jsonb"`
	Nested   struct {
		Deep string `json:"deep"`
	} `bun:"nested,type:jsonb"`
	Tags   []string  `bun:"tags,array"`
	Stored time.Time `bun:"stored,nullzero,notnull,default:current_timestamp,skipupdate"`
}

func createSpeakers(t *testing.T, db bun.IDB) {
	t.Helper()
	execute(t, db, `CREATE TABLE speakers (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		import_id uuid NOT NULL, attempt int NOT NULL, origin text NOT NULL,
		source_id text COLLATE "und-x-icu", -- sorts as people do, which ids must not
		name text NOT NULL, mood text, email text, position int NOT NULL, height float8, featured bool,
		starts timestamptz, ends timestamptz, raw jsonb, bytes jsonb, links jsonb, nested jsonb, tags text[],
		stored timestamptz NOT NULL,
		UNIQUE (import_id, origin))`)
}

func numbered(n int) *speaker {
	return &speaker{ImportID: importA, Attempt: 1, Origin: fmt.Sprint(n), Name: fmt.Sprintf("Speaker %d", n)}
}

// withSourceIDs makes one row for each source id; "" is none.
func withSourceIDs(ids ...string) []*speaker {
	rows := make([]*speaker, len(ids))
	for i, id := range ids {
		rows[i] = numbered(i)
		if id != "" {
			rows[i].SourceID = &id
		}
	}
	return rows
}

func all[T any](rows []T) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// upserted is what an upsert came to.
type upserted struct {
	Rows int
	IDs  []postgres.Pair
}

// store upserts and keeps what is told of the rows.
func store(ctx context.Context, tx *postgres.Tx, model any, rows iter.Seq2[any, error]) (done upserted, err error) {
	done.Rows, err = postgres.Upsert(ctx, tx, model, rows, func(p postgres.Pair) { done.IDs = append(done.IDs, p) })
	return done, err
}

func upsert[T any](t *testing.T, db *bun.DB, rows []*T) (done upserted) {
	t.Helper()
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) (err error) {
		done, err = store(ctx, tx, (*T)(nil), all(rows))
		return err
	})
	return done
}

func TestUpsertStoresEverySortOfValue(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	email, height, no := "ada@example.example", 1.75, false
	ends := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	full := numbered(0)
	full.Name = "Ada \"x\"\tλ\n\\N"
	full.Mood = "calm"
	full.Email, full.Height, full.Featured, full.Ends = &email, &height, &no, &ends
	full.Starts = ends.In(time.FixedZone("", 3600))
	full.Raw = json.RawMessage(`{"b": [1, "\\"]}`)
	full.Bytes = []byte(`[1]`)
	full.Links = map[string]string{"web": "https://ada.example"}
	full.Nested.Deep = "well"
	full.Tags = []string{"a", "b,c"}
	empty := numbered(1)

	done := upsert(t, db, []*speaker{full, empty})
	require.Equal(t, 2, done.Rows)

	var got []speaker
	require.NoError(t, db.NewSelect().Model(&got).Order("id").Scan(t.Context()))
	require.Equal(t, full.Name, got[0].Name)
	require.Equal(t, mood("calm"), got[0].Mood)
	require.Equal(t, email, *got[0].Email)
	require.InDelta(t, height, *got[0].Height, 0)
	require.False(t, *got[0].Featured)
	require.True(t, full.Starts.Equal(got[0].Starts))
	require.True(t, ends.Equal(*got[0].Ends))
	require.JSONEq(t, string(full.Raw), string(got[0].Raw))
	require.Equal(t, full.Links, got[0].Links)
	require.Equal(t, "well", got[0].Nested.Deep)
	require.Equal(t, full.Tags, got[0].Tags)
	require.Equal(t, "array", query[string](t, db, `SELECT jsonb_typeof(bytes) FROM speakers WHERE origin = '0'`))

	for _, column := range []string{"source_id", "mood", "email", "height", "featured", "starts", "ends", "raw", "bytes", "links", "tags"} {
		require.True(t, query[bool](t, db, `SELECT ? IS NULL FROM speakers WHERE origin = '1'`, bun.Ident(column)), column)
	}
	require.False(t, got[1].Stored.IsZero(), "the default")
}

func TestIdsRiseWithTheSourceIds(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("9", 40)
	for name, c := range map[string]struct{ given, want []string }{
		"as numbers where all are": {
			[]string{"10", "2", huge, "1", "-3", "007"}, []string{"-3", "1", "2", "007", "10", huge},
		},
		"as bytes where one is not": {
			[]string{"10", "2", "b", "B", "é", "1"}, []string{"1", "10", "2", "B", "b", "é"},
		},
		"none come last, in the order given": {
			[]string{"", "10", "", "2"}, []string{"2", "10", "", ""},
		},
		"a fraction is not a plain number": {
			[]string{"10", "2.5", "3"}, []string{"10", "2.5", "3"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := postgrestest.New(t)
			createSpeakers(t, db)
			done := upsert(t, db, withSourceIDs(c.given...))
			var returned []string
			for i, p := range done.IDs {
				returned = append(returned, p.SourceID)
				require.Equal(t, int64(i+1), p.ID)
			}
			require.Equal(t, c.want, returned)
			var stored []string
			require.NoError(t, db.NewSelect().Table("speakers").ColumnExpr("coalesce(source_id, '')").
				Order("id").Scan(t.Context(), &stored))
			require.Equal(t, c.want, stored)
		})
	}
}

func TestRepeatedSourceIdsKeepTheOrderGiven(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	var origins []string
	for _, p := range upsert(t, db, withSourceIDs("7", "5", "7", "", "5", "")).IDs {
		origins = append(origins, p.Origin)
	}
	require.Equal(t, []string{"1", "4", "0", "2", "3", "5"}, origins)
}

func TestUpsertAgainKeepsIdsAndTakesTheNewValues(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	first := withSourceIDs("3", "1", "2")
	before := upsert(t, db, first)
	other := withSourceIDs("1")
	other[0].ImportID = importB
	upsert(t, db, other)
	stored := query[time.Time](t, db, `SELECT stored FROM speakers WHERE origin = '0' AND import_id = ?`, importA)

	second := withSourceIDs("3", "", "2", "0")
	for _, s := range second {
		s.Attempt, s.Name, s.Stored = 2, s.Name+" again", time.Unix(0, 0)
	}
	after := upsert(t, db, second)

	ids := func(u upserted) map[string]int64 {
		m := make(map[string]int64)
		for _, p := range u.IDs {
			m[p.Origin] = p.ID
		}
		return m
	}
	require.Len(t, after.IDs, 4)
	for origin, id := range ids(before) {
		require.Equal(t, id, ids(after)[origin])
	}
	require.Equal(t, 4, query[int](t, db, `SELECT count(*) FROM speakers WHERE attempt = 2 AND name LIKE '% again'`))
	require.True(t, query[bool](t, db, `SELECT source_id IS NULL FROM speakers WHERE origin = '1'`), "a value may go away")
	require.Equal(t, "Speaker 0", query[string](t, db, `SELECT name FROM speakers WHERE import_id = ?`, importB), "another import is another row")
	require.Equal(t, stored, query[time.Time](t, db, `SELECT stored FROM speakers WHERE origin = '0' AND import_id = ?`, importA), "skipupdate")
}

func TestDeleteOlderDeletesWhatAnAttemptDidNotStoreAgain(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	upsert(t, db, withSourceIDs("1", "2", "3"))
	other := withSourceIDs("1")
	other[0].ImportID = importB
	upsert(t, db, other)
	again := numbered(1)
	again.Attempt = 2
	upsert(t, db, []*speaker{again})

	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		n, err := postgres.DeleteOlder(ctx, tx, (*speaker)(nil), importA, 2)
		require.Equal(t, int64(2), n)
		return err
	})
	var left []string
	require.NoError(t, db.NewSelect().Table("speakers").ColumnExpr("attempt || '/' || origin").Order("id").Scan(t.Context(), &left))
	require.Equal(t, []string{"2/1", "1/0"}, left)
}

func TestUpsertStreamsManyRows(t *testing.T) {
	t.Parallel()
	const many = 50_000
	db := postgrestest.New(t)
	createSpeakers(t, db)
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		done, err := store(ctx, tx, (*speaker)(nil), func(yield func(any, error) bool) {
			var ( // the iterator may use them again
				row speaker
				raw []byte
			)
			for i := range many {
				id := fmt.Sprint(many - i)
				raw = fmt.Appendf(raw[:0], `{"n": %d}`, i)
				row = *numbered(i)
				row.SourceID, row.Raw = &id, raw
				if !yield(row, nil) {
					return
				}
			}
		})
		require.Equal(t, many, done.Rows)
		require.Len(t, done.IDs, many)
		return err
	})
	require.Equal(t, many, query[int](t, db, `SELECT count(*) FROM speakers
		WHERE id = source_id::int AND origin::int + id = ? AND raw->>'n' = origin`, many))
}

func TestBigRowsDoNotWaitForAFullChunk(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := store(ctx, tx, (*speaker)(nil), func(yield func(any, error) bool) {
			for i := range 2 {
				row := numbered(i)
				row.Name = strings.Repeat("x", 3<<20)
				if !yield(row, nil) {
					return
				}
			}
			require.Equal(t, 2, query[int](t, tx, `SELECT count(*) FROM pg_temp.usher_upsert_1`), "not kept in memory")
		})
		return err
	})
	require.Equal(t, 6<<20, query[int](t, db, `SELECT sum(length(name)) FROM speakers`))
}

func TestErrorOfTheIteratorRollsEverythingBack(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	broken := errors.New("the archive is broken")
	err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := store(ctx, tx, (*speaker)(nil), all(withSourceIDs("1")))
		require.NoError(t, err)
		_, err = store(ctx, tx, (*speaker)(nil), func(yield func(any, error) bool) {
			for i := range 2500 {
				if !yield(numbered(i), nil) {
					return
				}
			}
			yield(nil, broken)
		})
		return err
	})
	require.Equal(t, broken, err)
	require.Zero(t, query[int](t, db, `SELECT count(*) FROM speakers`))
}

func TestIteratorMayUseTheTransaction(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := store(ctx, tx, (*speaker)(nil), func(yield func(any, error) bool) {
			for i := range 1001 {
				require.Equal(t, i, query[int](t, tx, `SELECT ?`, i))
				if !yield(numbered(i), nil) {
					return
				}
			}
		})
		return err
	})
	require.Equal(t, 1001, query[int](t, db, `SELECT count(*) FROM speakers`))
}

// See the comment at upsert: within a COPY, idle time is the statement's.
func TestEachCopyIsBoundedByTheIdleTimeout(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	timeout := func(tx *postgres.Tx) string {
		return query[string](t, tx, `SELECT current_setting('statement_timeout')`)
	}
	err := postgres.InTx(t.Context(), db, postgres.TxOptions{IdleTimeout: time.Minute}, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := store(ctx, tx, (*speaker)(nil), func(yield func(any, error) bool) {
			for i := range 1000 {
				if !yield(numbered(i), nil) {
					return
				}
			}
			require.Equal(t, "1min", timeout(tx))
		})
		require.Equal(t, "0", timeout(tx))
		return err
	})
	require.NoError(t, err)
}

func TestUpsertOfNothingDoesNothing(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	require.Equal(t, upserted{}, upsert[speaker](t, db, nil))
}

func TestUpsertSaysWhichRowPostgreSQLCannotStore(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	createSpeakers(t, db)
	nul, badJSON, badID, twice := numbered(1), numbered(1), numbered(1), numbered(0)
	nul.Name = "A\x00da"
	badJSON.Raw = json.RawMessage(`{"a": "\u0000"}`)
	badID.ImportID = "no uuid"
	for name, c := range map[string]struct {
		row   *speaker
		is    error
		words []string
	}{
		"NUL in a text":      {nul, postgres.ErrNUL, []string{"speakers", `row 2, origin "1", column name`}},
		"NUL in JSON":        {badJSON, nil, []string{"speakers", "line 2, column raw"}},
		"not a uuid":         {badID, nil, []string{"speakers", "no uuid"}},
		"the same row again": {twice, postgres.ErrDuplicateOrigin, []string{"speakers"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := postgres.InTx(t.Context(), db, postgres.TxOptions{}, func(ctx context.Context, tx *postgres.Tx) error {
				_, err := store(ctx, tx, (*speaker)(nil), all([]*speaker{numbered(0), c.row}))
				return err
			})
			require.Error(t, err)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			for _, word := range c.words {
				require.ErrorContains(t, err, word)
			}
			require.False(t, postgres.IsUnavailable(err))
		})
	}
}

// link has neither id nor source id, and lies in a schema.
type link struct {
	bun.BaseModel `bun:"table:people.links"`

	ImportID string `bun:"import_id,pk,type:uuid"`
	Attempt  int    `bun:"attempt"`
	Origin   string `bun:"origin,pk"`
	Order    int    `bun:"order"`
}

func TestModelNeedsNeitherIdNorSourceId(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	execute(t, db, `CREATE SCHEMA people; CREATE TABLE people.links (
		import_id uuid, attempt int NOT NULL, origin text, "order" int NOT NULL, stored serial, PRIMARY KEY (import_id, origin))`)
	rows := []*link{{ImportID: importA, Attempt: 1, Origin: "b", Order: 1}, {ImportID: importA, Attempt: 1, Origin: "a", Order: 2}}
	require.Equal(t, upserted{Rows: 2}, upsert(t, db, rows))
	rows[0].Order = 3
	require.Equal(t, upserted{Rows: 2}, upsert(t, db, rows))
	var order []int
	require.NoError(t, db.NewSelect().Model((*link)(nil)).Column("order").Order("stored").Scan(t.Context(), &order))
	require.Equal(t, []int{3, 2}, order)
}

func TestUpsertRefusesAModelOrARowThatDoesNotFit(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	type stray struct {
		bun.BaseModel `bun:"table:strays"`
		Origin        string
	}
	inTx(t, db, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := store(ctx, tx, (*stray)(nil), all([]*stray{{}}))
		require.ErrorContains(t, err, "no column import_id")
		_, err = store(ctx, tx, (*speaker)(nil), all([]*stray{{}}))
		require.ErrorContains(t, err, "stray")
		_, err = store(ctx, tx, (*speaker)(nil), all([]*speaker{nil}))
		require.ErrorContains(t, err, "speaker")
		return nil
	})
}
