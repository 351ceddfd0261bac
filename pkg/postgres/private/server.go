package private

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// startTries covers what passes by itself, such as a port that was taken in
	// between.
	startTries = 5
	// maxLast bounds how long the last processes of a server whose postmaster was
	// killed are waited for. They end when they look for it, which a busy one does late.
	maxLast     = time.Minute
	betweenTry  = 500 * time.Millisecond
	maxLogBytes = 16 << 20
	// maxSilence bounds the time until a new server answers at all; how long it
	// then recovers is not bounded.
	maxSilence = time.Minute
	// sharedMemoryInUse is what a server says that finds processes of the one before.
	sharedMemoryInUse = "pre-existing shared memory block"
	// codeStarting is the SQLSTATE of a server that starts or recovers.
	codeStarting = "57P03"
)

var (
	// errNotReady means that a server ended before it was ready.
	errNotReady = errors.New("PostgreSQL did not start")
	// errStillThere means that it did because processes of an earlier one are still there.
	errStillThere = fmt.Errorf("%w", errNotReady)
)

// Option changes how [Start] runs the server.
type Option func(*options)

type options struct {
	throwaway bool
	tls       *encrypted
}

// Throwaway is for tests: nothing is made durable, and on Linux the server
// dies with the process that started it.
func Throwaway() Option { return func(o *options) { o.throwaway = true } }

// Server is a running PostgreSQL. It belongs to the process that started it
// and, but for [Throwaway], outlives it when that is killed; the next [Start]
// on the folder then takes over. Safe for concurrent use.
type Server struct {
	folder   folder
	programs installation
	endpoint endpoint
	process  *process
	lock     *folderLock
	closing  atomic.Bool
	close    func() error
}

// Start runs a server on the folder dir, which it creates where needed, and
// returns when it answers; a server that has to recover first may take its
// time, until ctx ends. An end of ctx after that has no effect.
//
// At most one server runs on a folder ([ErrInUse]). Of several installed
// versions it takes the one that made the folder ([ErrWrongVersion] where it is
// gone), for a new folder the newest. As root it runs the server as another
// user ([ErrUnreachable]). Each of these errors is a sentence for the operator.
func Start(ctx context.Context, dir string, log *slog.Logger, opts ...Option) (*Server, error) {
	var o options
	for _, set := range opts {
		set(&o)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := folder(dir)
	as, err := accountFor(f.data())
	if err != nil {
		return nil, err
	}
	if err := f.make(as); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir, as)
	if err != nil {
		return nil, err
	}
	s := &Server{folder: f, lock: lock}
	s.close = sync.OnceValue(s.shutDown)
	if err := s.start(ctx, as, log, o); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return s, nil
}

// make creates the folder. Its parents may be passed by everybody, because the
// server may run as another user; the folder itself is the server's alone.
func (f folder) make(as account) error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o711); err != nil {
		return err
	}
	for _, path := range []string{string(f), f.run()} {
		if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := os.Chmod(path, 0o700); err != nil {
			return err
		}
		if err := as.own(path); err != nil {
			return err
		}
	}
	return as.reach(string(f))
}

func (s *Server) start(ctx context.Context, as account, log *slog.Logger, o options) error {
	pg, err := choose(installed(ctx, places()), s.folder.data())
	if err != nil {
		return err
	}
	if err := s.folder.makeCluster(ctx, pg, as, o.throwaway); err != nil {
		return err
	}
	if err := s.folder.keepCertificate(o.tls, as); err != nil {
		return err
	}
	s.programs = pg
	giveUp := time.Now().Add(maxLast)
	for try := 1; ; try++ {
		if err := stopLeftover(ctx, s.folder.data(), log); err != nil {
			return err
		}
		err := s.run(ctx, pg, as, o)
		if err == nil {
			return nil
		}
		switch {
		case errors.Is(err, errStillThere) && time.Now().Before(giveUp):
		case try >= startTries, !errors.Is(err, errNotReady):
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(betweenTry):
		}
	}
}

// run starts the server once and waits until it answers.
func (s *Server) run(ctx context.Context, pg installation, as account, o options) (err error) {
	if s.endpoint, err = chooseEndpoint(s.folder, o.tls); err != nil {
		return err
	}
	output, err := s.folder.openLog(as)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, output.Close()) }() // the server has its own copy
	begin, err := output.Seek(0, 2)
	if err != nil {
		return err
	}
	//nolint:noctx // the server outlives the context that it is started in; Close ends it
	cmd := exec.Command(pg.program("postgres"), arguments(s.folder, s.endpoint, o.throwaway)...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = string(s.folder), environment(), as.sysProcAttr()
	cmd.Stdout, cmd.Stderr = output, output
	if s.process, err = launch(cmd, o.throwaway); err != nil {
		return fmt.Errorf("%s: %w", cmd.Path, err)
	}
	if err := s.waitReady(ctx); err != nil {
		if errors.Is(err, errNotReady) {
			complaint := s.folder.complaint(begin)
			if strings.HasPrefix(complaint, sharedMemoryInUse) {
				err = errStillThere
			}
			return fmt.Errorf("%w: %s (all of it in %s)", err, complaint, s.folder.log())
		}
		return errors.Join(err, shutDown(s.process.pid, s.process.done))
	}
	return nil
}

// arguments overrule every file and every ALTER SYSTEM: the settings are
// those of the program that starts the server, not of the one that made the folder.
func arguments(f folder, e endpoint, throwaway bool) []string {
	durable, connections := "on", 200
	if throwaway { // and shared by the processes of many tests
		durable, connections = "off", 800
	}
	settings := append(e.settings(),
		"fsync="+durable, "full_page_writes="+durable, "synchronous_commit="+durable,
		// Each service has a pool of its own; the defaults are for one.
		fmt.Sprintf("max_connections=%d", connections),
		"shared_buffers=128MB",
		"log_destination=stderr", "logging_collector=off", "log_checkpoints=off",
		"cluster_name=usher",
	)
	args := []string{"-D", f.data()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// waitReady returns when the database usher can be used.
func (s *Server) waitReady(ctx context.Context) error {
	silent := time.After(maxSilence)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.makeDatabase(ctx)
		if err == nil {
			return nil
		}
		// Nothing answers at first, and then it is said that the server starts.
		if pg := new(pgconn.PgError); errors.As(err, &pg) {
			if pg.Code != codeStarting {
				return err
			}
			silent = nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL is not ready yet: %w", ctx.Err())
		case <-s.process.done:
			return errNotReady
		case <-silent:
			return fmt.Errorf("PostgreSQL runs but does not answer: %w", err)
		case <-tick.C:
		}
	}
}

func (s *Server) makeDatabase(ctx context.Context) (err error) {
	conn, err := pgx.Connect(ctx, s.endpoint.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, superuser).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+superuser)
	return err
}

// URL is how to connect to the database usher, as its owner. It may contain a password.
func (s *Server) URL() string { return s.endpoint.url(superuser) }

// Program is the path of a program that belongs to the server, such as psql: beside it,
// or where PATH has it, because packages put those of clients elsewhere.
func (s *Server) Program(name string) string {
	path := s.programs.program(name)
	if _, err := os.Stat(path); err != nil {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return path
}

// Done is closed when the server has ended, by Close or on its own.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// Err tells, after Done, why the server ended on its own; nil while it runs and
// after Close.
func (s *Server) Err() error {
	select {
	case <-s.process.done:
		if s.closing.Load() {
			return nil
		}
		return fmt.Errorf("PostgreSQL ended by itself (%w); see %s", s.process.err, s.folder.log())
	default:
		return nil
	}
}

// Close shuts the server down, waits until it has ended, and frees the folder.
// Sessions that are still open are cut off. More calls return what the first did.
func (s *Server) Close() error { return s.close() }

func (s *Server) shutDown() error {
	s.closing.Store(true)
	err := shutDown(s.process.pid, s.process.done)
	return errors.Join(err, s.lock.release())
}

// Remove deletes the folder dir, after it stopped a server that a killed
// process left running there. It returns [ErrInUse] while a process uses the
// folder, and nil where there is none.
func Remove(ctx context.Context, dir string, log *slog.Logger) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	release, err := Hold(ctx, dir, log)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), release())
}
