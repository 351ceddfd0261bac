package private

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopLeftover ends the postmaster that a killed process left running on the
// cluster. The caller holds the folder's lock, so nobody else needs it.
//
// It is stopped and not adopted: it is not our child, so we would not learn
// when it ends; it may run with the settings of another version of us; and
// stopping it ends the sessions of the killed process, with the transactions
// and locks that would be in our way.
func stopLeftover(ctx context.Context, data string, log *slog.Logger) error {
	pidFile := filepath.Join(data, "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return nil // half-written; PostgreSQL deals with it
	}
	if !isPostmaster(ctx, pid, data) {
		// The file is of a server that was killed, perhaps before a restart of
		// the machine. Where the number now belongs to somebody else, PostgreSQL
		// would refuse to start. Without the file it still refuses while a process
		// of the old server has the cluster's shared memory.
		if syscall.Kill(pid, 0) == nil {
			return os.Remove(pidFile)
		}
		return nil
	}
	log.Warn("stopping the PostgreSQL that a killed process left running", "pid", pid, "data", data)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gone := make(chan struct{})
	go func() {
		for isPostmaster(ctx, pid, data) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
		close(gone)
	}()
	return shutDown(pid, gone)
}

// isPostmaster tells whether the process is a server on this very cluster and
// not one that was given the same number since.
func isPostmaster(ctx context.Context, pid int, data string) bool {
	args := commandLine(ctx, pid)
	if len(args) == 0 || filepath.Base(args[0]) != "postgres" {
		return false
	}
	want, err := os.Stat(data)
	if err != nil {
		return false
	}
	for i, arg := range args[:len(args)-1] {
		if arg != "-D" {
			continue
		}
		got, err := os.Stat(args[i+1])
		return err == nil && os.SameFile(want, got)
	}
	return false
}

// commandLine returns a process's arguments, and nothing where there is no
// such process (or only its remains).
func commandLine(ctx context.Context, pid int) []string {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err == nil {
		return strings.Split(string(bytes.TrimRight(content, "\x00")), "\x00")
	}
	if _, err := os.Stat("/proc/self"); err == nil {
		return nil
	}
	// Without /proc, as on macOS. A folder with a space in its name cannot be
	// told apart here, so the rest of the line is split at our own options.
	out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil
	}
	program, rest, ok := strings.Cut(strings.TrimSpace(string(out)), " -D ")
	if !ok {
		return nil
	}
	data, _, _ := strings.Cut(rest, " -c ")
	return []string{program, "-D", data}
}
