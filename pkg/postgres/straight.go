package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// errAside tells that a chunk cannot be copied straight.
var errAside = errors.New("the rows need a temporary table")

// copyStraight copies the chunk into its table, with ids that the database has reserved
// for it. That is an upsert where the import has no rows there yet, as is usual, and where
// the rows come in the order in which they get their ids. The way by a temporary table,
// which has to be made and to be removed and has each row written twice, takes three times as
// long for some dozens of rows, and half as long again for thousands.
//
// Where a chunk is out of order (errAside) what was copied moves to the temporary table.
func (u *upsert) copyStraight(ctx context.Context) error {
	if u.aside || u.defaulted() || !u.order.sorted() {
		return errAside
	}
	return u.tx.raw(func(conn *pgx.Conn) error {
		ids, err := u.reserve(ctx, conn)
		if err != nil {
			return err
		}
		names := u.cols.names
		if u.cols.hasID {
			names = append(slices.Clip(names), columnID)
		}
		last := len(u.cols.names) // where the number of the record is
		for i, row := range u.chunk {
			if u.cols.hasID {
				row[last] = ids[i]
			} else {
				u.chunk[i] = row[:last]
			}
		}
		if _, err := conn.CopyFrom(ctx, pgx.Identifier(strings.Split(u.cols.table.Name, ".")), names, pgx.CopyFromRows(u.chunk)); err != nil {
			return err
		}
		u.copied += len(u.chunk)
		if u.tells() {
			for i, row := range u.chunk {
				u.made(Pair{Origin: u.cols.text(row, u.cols.origin), SourceID: u.cols.text(row, u.cols.sourceID), ID: ids[i]})
			}
		}
		return nil
	})
}

// reserve returns an id for each row of the chunk, rising; errAside where the import has
// rows already. Behind the fence of its import nobody else makes any.
func (u *upsert) reserve(ctx context.Context, conn *pgx.Conn) ([]int64, error) {
	id, n := "0", 1
	if u.cols.hasID {
		// In a SELECT of its own, so that the sequence is looked up once.
		id = "nextval((SELECT pg_get_serial_sequence(" + u.literal(string(u.cols.table.SQLName)) + ", " + u.literal(columnID) + ")::regclass))"
		n = len(u.chunk)
	}
	query := u.bound() + fmt.Sprintf("SELECT %s FROM generate_series(1, %d)", id, n)
	if u.copied == 0 {
		query += fmt.Sprintf(" WHERE NOT EXISTS (SELECT FROM %s WHERE %s = %s)",
			u.cols.table.SQLName, columnImport, u.importID())
	}
	results, err := conn.PgConn().Exec(ctx, query).ReadAll()
	if err != nil {
		return nil, err
	}
	rows := results[len(results)-1].Rows
	if len(rows) == 0 {
		return nil, errAside
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		if ids[i], err = strconv.ParseInt(string(row[0]), 10, 64); err != nil {
			return nil, fmt.Errorf("reserved id: %w", err)
		}
	}
	return ids, nil
}

// defaulted tells whether a row of the chunk takes what the database has for a column,
// which a COPY cannot say of single rows.
func (u *upsert) defaulted() bool {
	for i, f := range u.cols.fields {
		if f.SQLDefault != "" && slices.ContainsFunc(u.chunk, func(row []any) bool { return row[i] == nil }) {
			return true
		}
	}
	return false
}

// sort puts the chunk into the order of the source ids.
func (u *upsert) sort() {
	if u.cols.sourceID < 0 || u.order.sorted() {
		return
	}
	slices.SortStableFunc(u.chunk, func(a, b []any) int {
		return u.order.compare(u.cols.text(a, u.cols.sourceID), u.cols.text(b, u.cols.sourceID))
	})
	u.order.unsortedNames, u.order.unsortedNumbers = false, false
}

// moveSQL takes what was copied straight into the temporary table. Its ids, in whose
// order it came, are lost: others come before some of it.
func (u *upsert) moveSQL() string {
	order := columnOrigin // of rows without ids no order is promised
	if u.cols.hasID {
		order = columnID
	}
	return fmt.Sprintf(";WITH copied AS (DELETE FROM %s WHERE %s = %s RETURNING *) INSERT INTO %s SELECT %s, row_number() OVER (ORDER BY %s) - 1 FROM copied",
		u.cols.table.SQLName, columnImport, u.importID(), u.temp.Sanitize(), u.cols.quoted(), order)
}

// importID is the import of the rows, as SQL.
func (u *upsert) importID() string { return u.literal(u.cols.text(u.chunk[0], u.cols.importID)) }

func (u *upsert) literal(s string) string {
	return string(u.tx.Dialect().AppendString(nil, s))
}
