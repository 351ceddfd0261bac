package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// unlockTimeout bounds the good-bye to a server that may not answer any more.
const unlockTimeout = 5 * time.Second

// Lock is a lock that one session of the database holds: one holder among all
// processes on the same database. It lives on a connection of its own, taken
// from the pool, and is lost with it; the holder asks [Lock.Check] before it
// relies on it.
//
// The connection must reach the server itself or through a pooler in session
// mode. Not safe for concurrent use.
type Lock struct {
	key  string
	conn *sql.Conn
}

// TryAdvisoryLock takes the lock named key, or returns false at once where
// another one holds it. The caller releases the lock.
func TryAdvisoryLock(ctx context.Context, db *bun.DB, key string) (*Lock, bool, error) {
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("lock %q: %w", key, err)
	}
	lock := &Lock{key: key, conn: conn}
	var ok bool
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock(hashtextextended($1, 0))`, key).Scan(&ok)
	if err != nil {
		lock.discard() // the server may have taken it before the error
		return nil, false, fmt.Errorf("lock %q: %w", key, err)
	}
	if !ok {
		_ = conn.Close()
		return nil, false, nil
	}
	return lock, true, nil
}

// advisoryLock waits until the lock is free or ctx ends.
func advisoryLock(ctx context.Context, db *bun.DB, key string) (*Lock, error) {
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", key, err)
	}
	lock := &Lock{key: key, conn: conn}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtextextended($1, 0))`, key); err != nil {
		lock.discard()
		return nil, fmt.Errorf("lock %q: %w", key, err)
	}
	return lock, nil
}

// Check returns nil while the lock is held, and [ErrLockLost] with the cause
// once its connection is gone. A lost lock must still be released. An ended
// ctx costs the connection, and so the lock.
func (l *Lock) Check(ctx context.Context) error {
	// The session is the lock: while it answers, the lock is held. A
	// sql.Conn never reconnects behind our back.
	if _, err := l.conn.ExecContext(ctx, `SELECT 1`); err != nil {
		return fmt.Errorf("lock %q: %w: %w", l.key, ErrLockLost, err)
	}
	return nil
}

// Release gives the lock up. It may be called more than once.
func (l *Lock) Release() {
	ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
	defer cancel()
	if _, err := l.conn.ExecContext(ctx, `SELECT pg_advisory_unlock(hashtextextended($1, 0))`, l.key); err != nil {
		l.discard()
		return
	}
	_ = l.conn.Close()
}

// discard closes the connection for good, and with it whatever it holds.
func (l *Lock) discard() {
	_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = l.conn.Close()
}
