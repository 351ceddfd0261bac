package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
)

// Temporary makes a temporary table, which goes with the transaction, and copies rows
// into its given columns, any number of them in constant memory. The table has the
// columns of a query, whose own rows do not count. An error of rows ends the copying
// and is returned as it is; rows must not use tx itself.
func (tx *Tx) Temporary(ctx context.Context, name, query string, columns []string, rows iter.Seq2[[]any, error]) error {
	table := pgx.Identifier{"pg_temp", name}
	fill := func(chunk [][]any) error {
		return tx.raw(func(conn *pgx.Conn) error {
			_, err := conn.CopyFrom(ctx, table, columns, pgx.CopyFromRows(chunk))
			return err
		})
	}
	make := "CREATE TEMPORARY TABLE " + table.Sanitize() + " ON COMMIT DROP AS " + query + " WITH NO DATA"
	if tx.idleTimeout > 0 { // as in an Upsert
		make = fmt.Sprintf("SET LOCAL statement_timeout = %d;", milliseconds(tx.idleTimeout)) + make
	}
	err := tx.raw(func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, make)
		return err
	})
	if err != nil {
		return fmt.Errorf("temporary table %s: %w", name, err)
	}
	var chunk [][]any
	for row, err := range rows {
		if err != nil {
			return err
		}
		if chunk = append(chunk, row); len(chunk) == chunkRows {
			if err := fill(chunk); err != nil {
				return fmt.Errorf("temporary table %s: %w", name, err)
			}
			chunk = chunk[:0]
		}
	}
	err = fill(chunk)
	if err == nil {
		// The planner knows nothing of a table that is this young.
		_, err = tx.ExecContext(ctx, "SET LOCAL statement_timeout TO DEFAULT; ANALYZE "+table.Sanitize())
	}
	if err != nil {
		return fmt.Errorf("temporary table %s: %w", name, err)
	}
	return nil
}
