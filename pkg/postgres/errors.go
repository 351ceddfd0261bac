package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	// ErrBadURL means that a database URL could not be read. It never quotes the URL.
	ErrBadURL = errors.New("the database URL is not of the form postgres://user:password@host:port/database")
	// ErrNUL means that a text has a NUL character, which PostgreSQL cannot store.
	ErrNUL = errors.New("the text has a NUL character, which PostgreSQL cannot store")
	// ErrDuplicateOrigin means that two rows of one upsert have the same import and origin.
	ErrDuplicateOrigin = errors.New("two rows have the same import and origin")
	// ErrNotMigrated means that a migration is missing in the database.
	ErrNotMigrated = errors.New("the database is not migrated")
	// ErrMigrationChanged means that a migration's file is not the one that was applied.
	ErrMigrationChanged = errors.New("a migration was changed after it was applied")
	// ErrReadOnly means that the database answers and takes nothing that is written.
	ErrReadOnly = errors.New("the database is read-only")
	// ErrLockLost means that a [Lock] is not held any more.
	ErrLockLost = errors.New("the lock is lost")
)

// Storable tells whether PostgreSQL takes a text: it is UTF-8 and has no NUL.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// SQLSTATE codes, as the PostgreSQL manual lists them in its appendix A.
const (
	codeUniqueViolation       = "23505"
	codeCardinalityViolation  = "21000"
	codeLockNotAvailable      = "55P03"
	codeReadOnlyTransaction   = "25006"
	classConnectionException  = "08"
	classInsufficientResource = "53"
	classOperatorIntervention = "57P"
	classSystemError          = "58"
)

// IsUniqueViolation tells whether err is the breach of a unique key.
func IsUniqueViolation(err error) bool { return code(err) == codeUniqueViolation }

// ViolatedKey names the unique key whose breach err is, as "users_nick_key_key", and is
// "" for every other error.
func ViolatedKey(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == codeUniqueViolation {
		return pg.ConstraintName
	}
	return ""
}

// IsLockTimeout tells whether err means that a lock was not free within
// [TxOptions.LockTimeout].
func IsLockTimeout(err error) bool { return code(err) == codeLockNotAvailable }

// IsUnavailable tells whether err is about the database as a whole (no
// connection to be had or lost, starting, shutting down, out of disk, a standby)
// and not about what was asked of it: the same again may well succeed later.
// A context that ended during a query is not the database's fault.
func IsUnavailable(err error) bool {
	// Before the contexts: the limit on connecting is a deadline as well.
	if connect := new(pgconn.ConnectError); errors.As(err, &connect) {
		return !errors.Is(err, context.Canceled)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if c := code(err); c != "" {
		return c == codeReadOnlyTransaction ||
			strings.HasPrefix(c, classConnectionException) ||
			strings.HasPrefix(c, classInsufficientResource) ||
			strings.HasPrefix(c, classOperatorIntervention) ||
			strings.HasPrefix(c, classSystemError)
	}
	var network net.Error
	return errors.As(err, &network) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// code returns the SQLSTATE of err, and "" where the server did not give one.
func code(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}
