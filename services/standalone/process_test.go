package standalone_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// patience bounds every wait of these tests. It is long, because a message of a
// process that was killed comes again only after the ack wait, and a mail that it
// had taken only after the lease, which is three minutes.
const patience = 5 * time.Minute

// glance is how often they look for what will come: eight of them wait at the same time,
// beside processes that need the cores.
const glance = 100 * time.Millisecond

// process is a running usher, or a server that it stands on.
type process struct {
	cmd *exec.Cmd
	// url is where it serves, for `usher up`.
	url  string
	log  *logFile
	done chan struct{}
}

// start runs usher with the given arguments and environment.
func start(t *testing.T, env []string, args ...string) (*process, *bufio.Scanner) {
	t.Helper()
	return launch(t, usher(t, env, args...))
}

// launch starts a program and ends it with the test.
func launch(t *testing.T, cmd *exec.Cmd) (*process, *bufio.Scanner) {
	t.Helper()
	p := &process{cmd: cmd, log: newLogFile(t), done: make(chan struct{})}
	p.cmd.Stderr = p.log.file
	// A group of its own, so that killing it does not reach the test.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // with all that it has said; how it ended is what the test is about
	}()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(cmd.Args, " "), p.log.String())
		}
	})
	return p, bufio.NewScanner(stdout)
}

// up runs `usher up` on a folder, with the test's database, and waits until it is ready.
func up(t *testing.T, folder string, env ...string) *process {
	t.Helper()
	return upAlone(t, folder, slices.Concat([]string{"USHER_DATABASE_URL=" + postgrestest.URL(t)}, env)...)
}

// upAlone runs `usher up` as people do, with PostgreSQL in the folder too. That takes
// seconds more, so it is for tests of just that, and for those that pull the plug.
func upAlone(t *testing.T, folder string, env ...string) *process {
	t.Helper()
	p, lines := start(t, env, "up", "--data", folder, "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	t.Cleanup(func() { p.holdMessages(t) })
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "usher is ready: "); ok {
			p.url = url
			return p
		}
	}
	require.FailNow(t, "usher up has ended", p.log.String())
	return nil
}

// kill ends the process as a power failure would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGKILL))
	p.wait(t)
}

// stop ends the process as a deployment would.
func (p *process) stop(t *testing.T) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended before
	p.wait(t)
}

func (p *process) wait(t *testing.T) {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		require.FailNow(t, "the process does not end", p.log.String())
	}
}

// output runs usher to its end and returns what it printed.
func output(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := usher(t, env, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return strings.TrimSpace(string(out))
}

func usher(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, args...)
	cmd.Env = append(append(os.Environ(), asUsher+"=1"), env...)
	return cmd
}

// logFile is what a process has written. It writes into a file, where all is by the time
// that the process goes on or has ended: what goes through a pipe comes a moment later.
type logFile struct{ file *os.File }

func newLogFile(t *testing.T) *logFile {
	t.Helper()
	file, err := os.CreateTemp("", "usher") //nolint:usetesting // it outlives the cleanups that look into it
	require.NoError(t, err)
	require.NoError(t, os.Remove(file.Name()))
	return &logFile{file}
}

func (l *logFile) String() string {
	content, _ := io.ReadAll(io.NewSectionReader(l.file, 0, math.MaxInt64)) // what is missing fails the test
	return string(content)
}

func testLog(t *testing.T) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// dataFolder makes a folder for `usher up`. As root its database runs as another
// user, who may not pass through the folders that t.TempDir makes.
func dataFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "usher") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chmod(folder, 0o755))
	return folder
}
