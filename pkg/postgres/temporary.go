package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
)

// Temporary makes a temporary table, which goes with the transaction, and copies rows
// into its given columns ([Tx.Copy]). The table has the columns of a query, whose own
// rows do not count.
func (tx *Tx) Temporary(ctx context.Context, name, query string, columns []string, rows iter.Seq2[[]any, error]) error {
	table := pgx.Identifier{"pg_temp", name}
	if _, err := tx.ExecContext(ctx, "CREATE TEMPORARY TABLE "+table.Sanitize()+" ON COMMIT DROP AS "+query+" WITH NO DATA"); err != nil {
		return fmt.Errorf("temporary table %s: %w", name, err)
	}
	if _, err := tx.Copy(ctx, table, columns, rows); err != nil {
		return err
	}
	// The planner knows nothing of a table that is this young.
	if _, err := tx.ExecContext(ctx, "ANALYZE "+table.Sanitize()); err != nil {
		return fmt.Errorf("temporary table %s: %w", name, err)
	}
	return nil
}
