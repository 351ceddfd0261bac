package postgres

import (
	"context"

	"github.com/uptrace/bun"
)

// PingWritable tells whether the database answers and takes what is written; the error
// of one that takes nothing is ErrReadOnly. A plain ping does not tell: a standby
// answers it, and so does a server that was demoted behind the back of its connections.
// Those that are idle are closed then, so that the next ones find who took its place.
func PingWritable(ctx context.Context, db *bun.DB) error {
	var readOnly bool
	// In recovery every transaction is read-only.
	if err := db.NewRaw("SELECT current_setting('transaction_read_only')::boolean").Scan(ctx, &readOnly); err != nil {
		return err
	}
	if !readOnly {
		return nil
	}
	db.SetMaxIdleConns(-1)
	db.SetMaxIdleConns(db.Stats().MaxOpenConnections)
	return ErrReadOnly
}
