package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/usher-events/usher/pkg/postgres/private"
)

// database is a PostgreSQL as `usher up` runs it, in a folder.
type database struct {
	folder string
	log    *slog.Logger

	mu     sync.Mutex
	server *private.Server
}

func startDatabase(ctx context.Context, folder string, log *slog.Logger) (*database, error) {
	d := &database{folder: folder, log: log}
	return d, d.start(ctx)
}

// start may take as long as the server recovers, and is not given up with ctx:
// nobody else starts it.
func (d *database) start(ctx context.Context) error {
	server, err := private.Start(context.WithoutCancel(ctx), d.folder, d.log)
	if err == nil {
		d.server = server // else it is the one that has ended
	}
	return err
}

func (d *database) kill(ctx context.Context, away time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	pid, err := d.pid()
	if err != nil {
		return err
	}
	// The postmaster alone: its children see that it is gone, and end.
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	<-d.server.Done()
	if err := d.server.Close(); err != nil {
		return err
	}
	pause(ctx, away)
	return d.start(ctx)
}

// freeze stops the postmaster and all sessions.
func (d *database) freeze(ctx context.Context, length time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	pid, err := d.pid()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // first, so that no more are born
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	sessions := children(pid)
	for _, session := range sessions {
		_ = syscall.Kill(session, syscall.SIGSTOP) // it may have ended
	}
	pause(ctx, length)
	for _, session := range append(sessions, pid) {
		_ = syscall.Kill(session, syscall.SIGCONT)
	}
	return nil
}

func (d *database) restart(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.server.Close(); err != nil {
		return err
	}
	return d.start(ctx)
}

func (d *database) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server == nil {
		return nil
	}
	return d.server.Close()
}

func (d *database) pid() (int, error) {
	content, err := os.ReadFile(filepath.Join(d.folder, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := bytes.Cut(content, []byte("\n"))
	pid, err := strconv.Atoi(string(line))
	if err == nil && pid <= 1 {
		err = errors.New("no process")
	}
	if err != nil {
		return 0, fmt.Errorf("postmaster.pid: %w", err)
	}
	return pid, nil
}

// children lists the processes that a process has started. Where there is no
// /proc it finds none.
func children(pid int) []int {
	var found []int
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the only error is a bad pattern
	for _, list := range lists {
		content, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for field := range bytes.FieldsSeq(content) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				found = append(found, child)
			}
		}
	}
	return found
}
