package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// TxOptions bounds what a transaction may hold up. Zero leaves the server's setting.
type TxOptions struct {
	// LockTimeout is how long one statement waits for a lock ([IsLockTimeout]).
	LockTimeout time.Duration
	// IdleTimeout is how long the transaction may wait for us between two
	// statements; after that the server ends the session, so that a stopped
	// process does not keep its locks for ever. It also bounds each COPY of an [Upsert].
	IdleTimeout time.Duration
	// Snapshot has all statements see the database as the first one does, and write
	// nothing.
	Snapshot bool
}

// Tx is a transaction of bun on a dedicated connection, on which pgx can copy
// too. It ends with the function that it was given to; that function neither
// commits nor rolls back. Not safe for concurrent use.
type Tx struct {
	bun.Tx
	conn        bun.Conn
	idleTimeout time.Duration
	upserts     int
	// awake is when StayAwake has last done something.
	awake time.Time
}

// InTx runs fn in a transaction: committed when fn returns nil, rolled back
// when it returns an error (which InTx returns as it is), panics, or ctx ends.
//
// An error of the commit itself leaves open whether it took place.
func InTx(ctx context.Context, db *bun.DB, opts TxOptions, fn func(context.Context, *Tx) error) (err error) {
	ctx, transaction := span(ctx, "transaction")
	defer func() { end(transaction, err) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("database connection: %w", err)
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool

	err = conn.RunInTx(ctx, opts.mode(), func(ctx context.Context, inner bun.Tx) error {
		if settings := opts.sql(); settings != "" {
			if _, err := inner.ExecContext(ctx, settings); err != nil {
				return fmt.Errorf("transaction settings: %w", err)
			}
		}
		return fn(ctx, &Tx{Tx: inner, conn: conn, idleTimeout: opts.IdleTimeout, awake: time.Now()})
	})
	// A transaction whose context has ended is rolled back beside us. Who comes to
	// commit after that hears only that it is over, and not why.
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return err
}

// StayAwake keeps the session from being ended for IdleTimeout while a loop that calls it
// again and again is at work on something else. It costs next to nothing where it is not
// yet time.
func (tx *Tx) StayAwake(ctx context.Context) error {
	if !tx.drowsy(tx.awake) {
		return nil
	}
	tx.awake = time.Now()
	_, err := tx.ExecContext(ctx, "SELECT 1")
	return err
}

// drowsy tells whether a good part of the idle time has passed since.
func (tx *Tx) drowsy(since time.Time) bool {
	return tx.idleTimeout > 0 && time.Since(since) > tx.idleTimeout/3
}

func (o TxOptions) mode() *sql.TxOptions {
	if o.Snapshot {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return nil
}

// sql returns the settings as one text of statements, to cost one round trip.
func (o TxOptions) sql() string {
	var b strings.Builder
	if o.LockTimeout > 0 {
		fmt.Fprintf(&b, "SET LOCAL lock_timeout = %d;", milliseconds(o.LockTimeout))
	}
	if o.IdleTimeout > 0 {
		fmt.Fprintf(&b, "SET LOCAL idle_in_transaction_session_timeout = %d;", milliseconds(o.IdleTimeout))
	}
	return b.String()
}

// copiesBound is SQL for before a COPY: idle time inside of one is bounded as idle time
// between statements is.
func (tx *Tx) copiesBound() string {
	return fmt.Sprintf("SET LOCAL statement_timeout = %d;", milliseconds(tx.idleTimeout))
}

// copiesUnbound takes it back.
const copiesUnbound = "SET LOCAL statement_timeout TO DEFAULT"

// milliseconds rounds up, because 0 would mean no limit at all.
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

// raw runs fn on the pgx connection that the transaction is open on.
func (tx *Tx) raw(fn func(*pgx.Conn) error) error {
	return tx.conn.Raw(func(driverConn any) error {
		return fn(driverConn.(*stdlib.Conn).Conn())
	})
}
