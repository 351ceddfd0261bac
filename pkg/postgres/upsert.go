package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// chunkRows and chunkBytes bound what an upsert keeps in memory.
	chunkRows  = 1000
	chunkBytes = 4 << 20
	// recordColumn counts the rows in the order in which they came.
	recordColumn = "usher_record"
)

// Pair ties a row's origin and source id to the id that the database gave it.
type Pair struct {
	Origin string
	// SourceID is empty where the row has none.
	SourceID string
	ID       int64
}

// Upsert stores rows of one bun model: those whose (import_id, origin) is
// there already are overwritten and keep their id, the others are inserted.
// It takes any number of rows in constant memory, and returns how many there
// were, new ones and known ones.
//
// made, which may be nil, is told the id of each row, for models with a column
// id: in the order of the source ids, as new rows got their ids, so that of those
// with the same source id the last of rows comes last. All of them may be told once
// more, with other ids; then these are the rows'.
//
// The model, given as (*Row)(nil), has the columns import_id, attempt and
// origin, a unique key over import_id and origin, and usually id (with the tag
// autoincrement) and source_id. rows yields Row or *Row, all of one import; an error
// from it ends the upsert and is returned as it is. The iterator may use tx itself.
//
// Ids rise with the source ids: as numbers where every source id of the call
// is one, else as bytes; rows without a source id come last, and what is
// equal stays in the order of rows.
//
// A field with the tag default takes it where the value is zero; skipupdate
// leaves a field of a known row as it is.
func Upsert(ctx context.Context, tx *Tx, model any, rows iter.Seq2[any, error], made func(Pair)) (int, error) {
	cols, err := columnsOf(tx.Dialect().Tables().Get(reflect.TypeOf(model)))
	if err != nil {
		return 0, err
	}
	tx.upserts++
	up := &upsert{
		tx: tx, cols: cols, made: made,
		temp: pgx.Identifier{"pg_temp", fmt.Sprintf("usher_upsert_%d", tx.upserts)},
	}
	for row, err := range rows {
		if err != nil {
			return 0, err
		}
		if err := up.add(ctx, row); err != nil {
			return 0, up.wrap(err)
		}
	}
	if err := up.finish(ctx); err != nil {
		return 0, up.wrap(err)
	}
	return up.rows, nil
}

// upsert is one call of Upsert on its way.
//
// Rows are collected. A few go in as the values of one INSERT (few.go); more are copied
// chunk by chunk: straight into their table where that comes to the same (straight.go),
// else into a temporary one, from which one INSERT takes them. One COPY fed by the iterator
// would be a little faster, but the time during which the server waits for the
// next row is then no longer idle time of the transaction: a process that
// stops in the middle would keep its locks for ever, whatever TxOptions says.
type upsert struct {
	tx   *Tx
	cols *columns
	made func(Pair)
	temp pgx.Identifier

	chunk     [][]any
	chunkSize int
	rows      int
	order     order
	// copied is how many rows were copied straight, aside tells that the rows are in
	// the temporary table, or go there.
	copied int
	aside  bool
	// bounded tells that a COPY of the transaction is bounded in time.
	bounded bool
}

func (u *upsert) wrap(err error) error {
	err = duplicateOrigin(err)
	if pg := new(pgconn.PgError); errors.As(err, &pg) && pg.Where != "" {
		// Where names the line and the column of a COPY.
		return fmt.Errorf("upsert into %s: %w (%s)", u.cols.table.Name, err, pg.Where)
	}
	return fmt.Errorf("upsert into %s: %w", u.cols.table.Name, err)
}

func (u *upsert) add(ctx context.Context, row any) error {
	values, size, err := u.cols.values(row)
	if err != nil {
		return fmt.Errorf("row %d, %w", u.rows+1, err)
	}
	u.order.add(u.cols.text(values, u.cols.sourceID))
	u.chunk = append(u.chunk, append(values, int64(u.rows)))
	u.chunkSize += size
	u.rows++
	if len(u.chunk) == chunkRows || u.chunkSize >= chunkBytes {
		return u.flush(ctx)
	}
	return nil
}

// flush copies the chunk.
func (u *upsert) flush(ctx context.Context) error {
	if len(u.chunk) == 0 {
		return nil
	}
	err := u.copyStraight(ctx)
	if errors.Is(err, errAside) {
		err = u.copyAside(ctx)
	}
	u.chunk, u.chunkSize = u.chunk[:0], 0
	return err
}

// copyAside copies the chunk into the temporary table.
func (u *upsert) copyAside(ctx context.Context) error {
	return u.tx.raw(func(conn *pgx.Conn) error {
		if !u.aside {
			u.aside = true
			if _, err := conn.Exec(ctx, u.createSQL()); err != nil {
				return err
			}
		}
		names := append(slices.Clip(u.cols.names), recordColumn)
		_, err := conn.CopyFrom(ctx, u.temp, names, pgx.CopyFromRows(u.chunk))
		return err
	})
}

func (u *upsert) finish(ctx context.Context) error {
	if u.rows == len(u.chunk) { // all of them: they can be put in order here
		u.sort()
		if u.few() {
			return u.insertFew(ctx)
		}
	}
	if err := u.flush(ctx); err != nil {
		return err
	}
	return u.tx.raw(func(conn *pgx.Conn) error {
		if u.bounded {
			if _, err := conn.Exec(ctx, copiesUnbound); err != nil {
				return err
			}
		}
		if !u.aside {
			return nil
		}
		if err := u.insert(ctx, conn); err != nil {
			return err
		}
		// Not left to the commit, so that a transaction of many upserts does
		// not keep them all on disk.
		_, err := conn.Exec(ctx, `DROP TABLE `+u.temp.Sanitize())
		return err
	})
}

// duplicateOrigin names the error of an INSERT, or of a COPY, that has one row twice.
func duplicateOrigin(err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if ok && (pg.Code == codeCardinalityViolation ||
		pg.Code == codeUniqueViolation && strings.Contains(pg.Detail, "("+columnImport+", "+columnOrigin+")=")) {
		return ErrDuplicateOrigin
	}
	return err
}

// bound begins a text of SQL; it bounds the first COPY and those after it.
func (u *upsert) bound() string {
	if u.tx.idleTimeout == 0 || u.bounded {
		return ""
	}
	u.bounded = true
	return u.tx.copiesBound()
}

// createSQL makes the temporary table: the target's columns with their types,
// without its constraints. What was copied straight moves there.
func (u *upsert) createSQL() string {
	create := u.bound() + fmt.Sprintf("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s, 0::bigint AS %s FROM %s WITH NO DATA",
		u.temp.Sanitize(), u.cols.quoted(), recordColumn, u.cols.table.SQLName)
	if u.copied == 0 {
		return create
	}
	return create + u.moveSQL()
}

func (u *upsert) insert(ctx context.Context, conn *pgx.Conn) error {
	query := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s",
		u.cols.table.SQLName, u.cols.quoted(), u.cols.selected(), u.temp.Sanitize(), u.orderSQL()) + u.onConflict()
	if !u.tells() {
		_, err := conn.Exec(ctx, query)
		return err
	}
	rows, err := conn.Query(ctx, query+u.returning())
	if err != nil {
		return err
	}
	var p Pair
	_, err = pgx.ForEachRow(rows, []any{&p.Origin, &p.SourceID, &p.ID}, func() error {
		u.made(p)
		return nil
	})
	return err
}

// tells tells whether somebody wants to know the ids.
func (u *upsert) tells() bool { return u.cols.hasID && u.made != nil }

func (u *upsert) onConflict() string {
	return fmt.Sprintf(" ON CONFLICT (%s, %s) DO UPDATE SET %s", columnImport, columnOrigin, u.cols.updates())
}

// returning gives the columns of a Pair.
func (u *upsert) returning() string {
	sourceID := "''"
	if u.cols.sourceID >= 0 {
		sourceID = "coalesce(" + columnSourceID + ", '')"
	}
	return " RETURNING " + columnOrigin + ", " + sourceID + ", " + columnID
}

// orderSQL sorts by source id. PostgreSQL evaluates the identity of an INSERT …
// SELECT … ORDER BY after the sort, so ids rise in this order.
func (u *upsert) orderSQL() string {
	switch {
	case u.cols.sourceID < 0:
		return recordColumn
	case u.order.named:
		return "nullif(" + columnSourceID + `, '') COLLATE "C" NULLS LAST, ` + recordColumn
	default:
		return "nullif(" + columnSourceID + ", '')::numeric NULLS LAST, " + recordColumn
	}
}
