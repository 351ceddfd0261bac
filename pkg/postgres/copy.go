package postgres

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
)

// copyRows is how many rows a Copy sends at once. Each chunk costs a round trip and more.
const copyRows = 2000

// Copy copies rows into the given columns of a table, any number of them in constant
// memory, and returns how many there were. They go in chunks, as those of an [Upsert]
// do, and for its reason; while one is on its way the next is made of rows. An error of
// rows ends the copying and is returned as it is; rows must not use tx itself. Where rows
// come slowly a chunk is sent before it is full, so that the transaction is never idle for
// long. A nil row is none: it tells that the next one may take a while yet.
func (tx *Tx) Copy(ctx context.Context, table pgx.Identifier, columns []string, rows iter.Seq2[[]any, error]) (int, error) {
	if tx.idleTimeout > 0 {
		if _, err := tx.ExecContext(ctx, tx.copiesBound()); err != nil {
			return 0, fmt.Errorf("copy into %s: %w", table.Sanitize(), err)
		}
	}
	n, err := tx.copyChunks(ctx, table, columns, rows)
	if err == nil && tx.idleTimeout > 0 {
		_, err = tx.ExecContext(ctx, copiesUnbound)
	}
	return n, err
}

func (tx *Tx) copyChunks(ctx context.Context, table pgx.Identifier, columns []string, rows iter.Seq2[[]any, error]) (int, error) {
	arrived := make(chan error, 1)
	arrived <- nil // nothing is on its way
	send := func(chunk [][]any) {
		err := tx.raw(func(conn *pgx.Conn) error {
			_, err := conn.CopyFrom(ctx, table, columns, pgx.CopyFromRows(chunk))
			return err
		})
		if err != nil {
			err = fmt.Errorf("copy into %s: %w", table.Sanitize(), err)
		}
		arrived <- err
	}
	n, last := 0, time.Now()
	chunk, sent := make([][]any, 0, copyRows), make([][]any, 0, copyRows)
	for row, err := range rows {
		if err != nil {
			// Nobody else may use the connection before.
			if failed := <-arrived; failed != nil {
				return n, failed
			}
			return n, err
		}
		if row != nil {
			n++
			chunk = append(chunk, row)
		}
		if len(chunk) < copyRows && !tx.drowsy(last) {
			continue
		}
		if err := <-arrived; err != nil {
			return n, err
		}
		go send(chunk)
		chunk, sent, last = sent[:0], chunk, time.Now()
	}
	if err := <-arrived; err != nil {
		return n, err
	}
	send(chunk)
	return n, <-arrived
}
