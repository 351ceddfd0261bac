package private_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres/private"
)

// The test binary plays the process that is killed: started with these, it
// runs a server on the folder until it is told to go.
const (
	childDir       = "PRIVATE_TEST_DIR"
	childThrowaway = "PRIVATE_TEST_THROWAWAY"
)

const patience = time.Minute

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		var opts []private.Option
		if os.Getenv(childThrowaway) != "" {
			opts = append(opts, private.Throwaway())
		}
		s, err := private.Start(context.Background(), dir, slog.New(slog.DiscardHandler), opts...)
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(s.URL())
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestServerKeepsItsDataFromStartToStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)

	s := startDurable(t, dir)
	require.Contains(t, s.URL(), "host="+url.QueryEscape(filepath.Join(dir, "run")))
	execute(t, s.URL(), `CREATE TABLE kept AS SELECT 42 AS answer`)
	require.NoError(t, s.Err())
	require.NoError(t, s.Close())
	<-s.Done()
	require.NoError(t, s.Err(), "it ended because it was asked to")
	require.NoError(t, s.Close(), "once more does no harm")

	s = startDurable(t, dir)
	require.Equal(t, "42", query(t, s.URL(), `SELECT answer::text FROM kept`))
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
		"listen_addresses": "", "server_encoding": "UTF8", "max_connections": "200",
	} {
		require.Equal(t, want, query(t, s.URL(), `SELECT current_setting('`+setting+`')`), setting)
	}
	require.Equal(t, "C", query(t, s.URL(), `SELECT datcollate FROM pg_database WHERE datname = current_database()`))
}

func TestNextStartTakesOverAfterAKill(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child, childURL := startChild(t, dir, false)
	execute(t, childURL, `CREATE TABLE kept AS SELECT 42 AS answer`)
	old := connect(t, childURL)
	lock(t, old)
	pid := postmaster(t, dir)

	kill(t, child)
	require.NoError(t, syscall.Kill(pid, 0), "the server outlives its parent")

	s := start(t, dir)
	require.NotEqual(t, pid, postmaster(t, dir))
	require.False(t, running(pid), "never two servers")
	require.Equal(t, "42", query(t, s.URL(), `SELECT answer::text FROM kept`))
	require.Error(t, old.Ping(t.Context()), "sessions of the killed process are over")
	lock(t, connect(t, s.URL()))
}

func TestStartRecoversWhenServerAndParentWereKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child, childURL := startChild(t, dir, false)
	execute(t, childURL, `CREATE TABLE kept AS SELECT 42 AS answer`)
	busy := connect(t, childURL)
	go func() { _, _ = busy.Exec(context.Background(), `SELECT pg_sleep(3600)`) }()
	require.Eventually(t, func() bool {
		return query(t, childURL, `SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()`) == "1"
	}, patience, 10*time.Millisecond)

	pid := postmaster(t, dir)
	kill(t, child)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))

	s := start(t, dir)
	require.Equal(t, "42", query(t, s.URL(), `SELECT answer::text FROM kept`))
}

// A backend that is busy, or frozen, learns late that its postmaster is gone.
func TestStartWaitsForTheLastProcessesOfAServerWhosePostmasterWasKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child, childURL := startChild(t, dir, false)
	last, err := strconv.Atoi(query(t, childURL, `SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'checkpointer'`))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(last, syscall.SIGSTOP))
	t.Cleanup(func() { _ = syscall.Kill(last, syscall.SIGKILL) })
	pid := postmaster(t, dir)
	kill(t, child)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))

	started := make(chan error, 1)
	go func() {
		s, err := private.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
		if err == nil {
			err = s.Close()
		}
		started <- err
	}()
	const more = 7 // than what else is tried
	require.Eventually(t, func() bool {
		log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
		return err == nil && strings.Count(string(log), "pre-existing shared memory block") >= more
	}, patience, 10*time.Millisecond)
	require.NoError(t, syscall.Kill(last, syscall.SIGCONT))
	require.NoError(t, <-started)
}

func TestKillDuringInitdbLeavesNothingHalfMade(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child := childCommand(t, dir, false)
	child.Env = append(child.Env, "PATH="+endlessInstallation(t, filepath.Dir(dir))+":"+os.Getenv("PATH"))
	require.NoError(t, child.Start())
	require.Eventually(t, func() bool {
		begun, err := filepath.Glob(filepath.Join(dir, "data.new-*", "PG_VERSION"))
		return err == nil && len(begun) > 0
	}, patience, time.Millisecond)
	kill(t, child)
	require.NoDirExists(t, filepath.Join(dir, "data"))

	s := start(t, dir)
	require.Equal(t, "1", query(t, s.URL(), `SELECT '1'`))
}

// endlessInstallation makes a folder with programs of a version newer than any, whose
// initdb is in the middle of its work until somebody removes that.
func endlessInstallation(t *testing.T, parent string) (bin string) {
	t.Helper()
	bin = filepath.Join(parent, "bin")
	require.NoError(t, os.Mkdir(bin, 0o755))
	for name, script := range map[string]string{
		"postgres": "echo 'postgres (PostgreSQL) 999.0'\n",
		"initdb": `for arg; do case "$arg" in --pgdata=*) data=${arg#--pgdata=};; esac; done
echo 999 > "$data/PG_VERSION"
while [ -e "$data" ]; do sleep 0.1; done
`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o755))
	}
	return bin
}

func TestTwoServersOnOneFolderAreRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)

	_, err := private.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, private.ErrInUse)
	require.ErrorContains(t, err, dir)
	out, err := childCommand(t, dir, false).Output()
	require.Error(t, err, "another process neither")
	require.Contains(t, string(out), private.ErrInUse.Error())
	require.ErrorIs(t, private.Remove(t.Context(), dir, slog.New(slog.DiscardHandler)), private.ErrInUse)
	require.Equal(t, "1", query(t, s.URL(), `SELECT '1'`), "the first one is not disturbed")

	require.NoError(t, s.Close())
	start(t, dir)
}

func TestFolderOfAnotherMajorVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("9\n"), 0o600))

	_, err := private.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, private.ErrWrongVersion)
	require.ErrorContains(t, err, "made by 9, installed: ")
	require.ErrorContains(t, err, "install PostgreSQL 9 or choose another --data")
	require.NotContains(t, err.Error(), "\n")
}

func TestFolderWithALongPathListensOnLoopbackWithAPassword(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long", 30))
	s := start(t, dir)
	u, err := url.Parse(s.URL())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", u.Hostname())
	require.Equal(t, "1", query(t, s.URL(), `SELECT '1'`))

	u.User = url.UserPassword("usher", "guessed")
	_, err = pgx.Connect(t.Context(), u.String())
	require.ErrorContains(t, err, "password authentication failed")

	require.NoError(t, s.Close())
	require.Equal(t, "1", query(t, start(t, dir).URL(), `SELECT '1'`), "the password lasts")
}

func TestFolderMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for name, socket := range map[string]bool{`a "b" & c%`: true, "a, b": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, filepath.Join(folder(t), name))
			require.Equal(t, "1", query(t, s.URL(), `SELECT '1'`))
			require.Equal(t, socket, strings.HasPrefix(s.URL(), "postgres://usher@/"))
		})
	}
}

func TestServerRunsAsAnOrdinaryUserInAGroupOfItsOwn(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	start(t, dir)
	pid := postmaster(t, dir)

	info, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	uid := int(info.Sys().(*syscall.Stat_t).Uid)
	require.NotZero(t, uid, "never root")
	if os.Geteuid() != 0 {
		require.Equal(t, os.Geteuid(), uid)
	}
	group, err := syscall.Getpgid(pid)
	require.NoError(t, err)
	require.NotEqual(t, syscall.Getpgrp(), group, "Ctrl-C in the terminal does not reach it")
	for _, name := range []string{"", "run", "data"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), name)
	}
}

func TestServerThatDiesIsNoticed(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	// By somebody else, and cleanly: that leaves us without a server all the same.
	require.NoError(t, syscall.Kill(postmaster(t, dir), syscall.SIGINT))
	select {
	case <-s.Done():
	case <-time.After(patience):
		require.FailNow(t, "not noticed")
	}
	require.ErrorContains(t, s.Err(), "postgres.log")
	require.NotContains(t, s.Err().Error(), "%!")
	require.NoError(t, s.Close())
	start(t, dir)
}

func TestRemoveEndsALeftServerAndDeletesTheFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child, _ := startChild(t, dir, false)
	pid := postmaster(t, dir)
	kill(t, child)

	require.NoError(t, private.Remove(t.Context(), dir, slog.New(slog.DiscardHandler)))
	require.NoDirExists(t, dir)
	require.False(t, running(pid))
	require.NoError(t, private.Remove(t.Context(), dir, slog.New(slog.DiscardHandler)), "nothing there, nothing to do")
}

// folder returns a folder whose path is short enough for a socket, which that
// of t.TempDir is not for every test's name.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "usher-private-") //nolint:usetesting // another user must pass, which t.TempDir forbids
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "pg")
}

// start starts a server that does not wait for the disk.
func start(t *testing.T, dir string) *private.Server {
	t.Helper()
	return startDurable(t, dir, private.Throwaway())
}

func startDurable(t *testing.T, dir string, opts ...private.Option) *private.Server {
	t.Helper()
	s, err := private.Start(t.Context(), dir, slog.New(slog.DiscardHandler), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func childCommand(t *testing.T, dir string, throwaway bool) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	if throwaway {
		cmd.Env = append(cmd.Env, childThrowaway+"=1")
	}
	return cmd
}

// startChild starts a process with a server on dir and returns the server's URL.
func startChild(t *testing.T, dir string, throwaway bool) (*exec.Cmd, string) {
	t.Helper()
	cmd := childCommand(t, dir, throwaway)
	_, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	line = strings.TrimSpace(line)
	require.NotContains(t, line, "error:")
	return cmd, line
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

// running does not count a process that ended and waits to be reaped.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(string(out), "Z")
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	conn := connect(t, url)
	_, err := conn.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func query(t *testing.T, url, statement string) (value string) {
	t.Helper()
	conn := connect(t, url)
	require.NoError(t, conn.QueryRow(t.Context(), statement).Scan(&value))
	require.NoError(t, conn.Close(t.Context()))
	return value
}

// lock takes a lock that only one session may have.
func lock(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	var ok bool
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT pg_try_advisory_lock(1)`).Scan(&ok))
	require.True(t, ok)
}
