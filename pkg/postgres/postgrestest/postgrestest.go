// Package postgrestest gives tests a real PostgreSQL: one private server for
// each test process, one fresh database for each test. A package that uses it
// has
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
//
// It never skips a test: without PostgreSQL the tests fail and say how to
// install it. USHER_TEST_DATABASE_URL names a server to use instead, as a user
// who may create databases.
package postgrestest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/private"
)

const (
	// folderPattern is what the folders of test servers are called.
	folderPattern = "usher-pg-"
	// abandonedAfter spares the folder of a process that has only just begun.
	abandonedAfter = time.Minute
)

// suite is what the tests of one process share. It is global because TestMain
// has no other way to hand something to the tests.
var suite struct {
	sync.Mutex
	running bool
	server  *private.Server
	dir     string
	url     string
	err     error
	byTest  map[testing.TB]string
	options []private.Option
}

// Main runs the tests of a package and exits with their result. The server
// starts with the first test that asks for a database, and is stopped and
// removed at the end. Where that cannot happen, because a test panicked or the
// process was killed, the server ends with the process on Linux; what else is
// left the next run of any test removes.
//
// The options are for the server.
func Main(m *testing.M, options ...private.Option) {
	suite.running, suite.options = true, append(options, private.Throwaway())
	os.Exit(run(m))
}

func run(m *testing.M) (status int) {
	defer func() {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, "postgrestest:", err)
			status = max(status, 1)
		}
	}()
	return m.Run()
}

// New opens the test's database. Connection and database last until the test ends.
func New(t testing.TB) *bun.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), URL(t), postgres.WithName(t.Name()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// URL returns the URL of the test's database, which is made at the first call
// and dropped when the test ends, whoever is still connected. A subtest is a
// test of its own.
func URL(t testing.TB) string {
	t.Helper()
	suite.Lock()
	defer suite.Unlock()
	if known, ok := suite.byTest[t]; ok {
		return known
	}
	require.NoError(t, start(), "postgrestest")

	name := "test_" + strings.ToLower(rand.Text())
	execute(t, "CREATE DATABASE "+name)
	u, err := url.Parse(suite.url)
	require.NoError(t, err)
	u.Path = "/" + name

	suite.byTest[t] = u.String()
	t.Cleanup(func() {
		suite.Lock()
		delete(suite.byTest, t)
		suite.Unlock()
		execute(t, "DROP DATABASE "+name+" WITH (FORCE)")
	})
	return u.String()
}

// Program is the path of a program that comes with the server, such as psql.
func Program(t testing.TB, name string) string {
	t.Helper()
	suite.Lock()
	defer suite.Unlock()
	require.NoError(t, start(), "postgrestest")
	if suite.server != nil {
		return suite.server.Program(name)
	}
	path, err := exec.LookPath(name)
	require.NoError(t, err)
	return path
}

// execute runs one statement on the server's own database.
func execute(t testing.TB, statement string) {
	t.Helper()
	db, err := postgres.Open(context.Background(), suite.url, postgres.WithMaxConns(1))
	require.NoError(t, err)
	_, err = db.ExecContext(context.Background(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// start starts the server, once; the caller holds the mutex.
func start() error {
	if !suite.running {
		return fmt.Errorf("the package needs func TestMain(m *testing.M) { postgrestest.Main(m) }")
	}
	if suite.url != "" || suite.err != nil {
		return suite.err
	}
	suite.byTest = make(map[testing.TB]string)
	if suite.url = os.Getenv("USHER_TEST_DATABASE_URL"); suite.url != "" {
		return nil
	}
	suite.err = startPrivate()
	return suite.err
}

func startPrivate() (err error) {
	log := slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	removeAbandoned(ctx, log)
	if suite.dir, err = os.MkdirTemp("", folderPattern); err != nil {
		return err
	}
	if suite.server, err = private.Start(ctx, suite.dir, log, suite.options...); err != nil {
		return err
	}
	suite.url = suite.server.URL()
	return nil
}

// removeAbandoned removes what killed test processes left behind. What another
// process uses, or another user owns, stays.
func removeAbandoned(ctx context.Context, log *slog.Logger) {
	found, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPattern+"*", "lock"))
	for _, lock := range found {
		if info, err := os.Stat(lock); err == nil && time.Since(info.ModTime()) > abandonedAfter {
			_ = private.Remove(ctx, filepath.Dir(lock), log)
		}
	}
}

func stop() error {
	suite.Lock()
	defer suite.Unlock()
	if suite.server != nil {
		if err := suite.server.Close(); err != nil {
			return err
		}
	}
	if suite.dir != "" {
		return os.RemoveAll(suite.dir)
	}
	return nil
}
