//go:build browser

package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/services/standalone/internal/command"
)

// asUsher makes the test binary the program under test, as in the tests of
// package standalone.
const asUsher = "USHER_TEST_AS_USHER"

// patience bounds every wait of these tests.
const patience = time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(asUsher) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := command.Main(ctx, "test", os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	postgrestest.Main(m)
}

// usher is a running `usher up`.
type usher struct {
	cmd    *exec.Cmd
	done   chan struct{}
	folder string
	// url is where it serves, link the one that it has printed to sign in.
	url, link string
	log       *syncBuffer
}

// anywhere is where usher listens when the port does not matter.
const anywhere = "127.0.0.1:0"

// up runs `usher up` on a folder, with the test's database, and reads what it prints.
func up(t *testing.T, folder, listen string, env ...string) *usher {
	t.Helper()
	u := &usher{cmd: program(t, "up", "--data", folder, "--listen", listen, "--nats-listen", anywhere), done: make(chan struct{}), folder: folder, log: new(syncBuffer)}
	u.cmd.Env = append(append(u.cmd.Env, "USHER_DATABASE_URL="+postgrestest.URL(t)), env...)
	u.cmd.Stderr = u.log
	// A group of its own, so that ending it does not reach the test.
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := u.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, u.cmd.Start())
	go func() {
		defer close(u.done)
		_, _ = u.cmd.Process.Wait() // how it ended is not what these tests are about
	}()
	t.Cleanup(func() {
		u.stop(t)
		if t.Failed() {
			t.Logf("usher up:\n%s", u.log.String())
		}
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "usher is ready: "); ok {
			u.url = url
		}
		if link, ok := strings.CutPrefix(lines.Text(), "sign in: "); ok {
			u.link = link
			return u
		}
	}
	require.FailNow(t, "usher up has ended", u.log.String())
	return nil
}

func (u *usher) stop(t *testing.T) {
	t.Helper()
	_ = u.cmd.Process.Signal(syscall.SIGTERM) // it may have ended before
	select {
	case <-u.done:
	case <-time.After(patience):
		require.FailNow(t, "usher does not end")
	}
}

// another returns a fresh link, as `usher signin` prints it.
func (u *usher) another(t *testing.T) string {
	t.Helper()
	out, err := program(t, "signin", "--data", u.folder, "--server", u.url, "--email", "olga@organizers.example").Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// who is somebody that a token is for, as flags of `usher token`.
type who []string

var (
	organizer = who{"--email", "olga@organizers.example"}
	operator  = who{"--email", "operator@admins.example", "--admin"}
)

// token returns a token, as `usher token` prints it.
func (u *usher) token(t *testing.T, w who) string {
	t.Helper()
	out, err := program(t, append([]string{"token", "--data", u.folder}, w...)...).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// as is a command of somebody on the command line, ready to run.
func (u *usher) as(t *testing.T, w who, args ...string) *exec.Cmd {
	t.Helper()
	cmd := program(t, append(args, "--server", u.url)...)
	cmd.Env = append(cmd.Env, "USHER_TOKEN="+u.token(t, w))
	return cmd
}

// account makes an account, as an administrator does on the command line.
func (u *usher) account(t *testing.T, nick, password string) {
	t.Helper()
	cmd := u.as(t, operator, "user", "add", "--nick", nick, "--email", nick+"@accounts.example")
	cmd.Stdin = strings.NewReader(password + "\n")
	told, err := cmd.CombinedOutput()
	require.NoError(t, err, string(told))
}

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asUsher+"=1")
	return cmd
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

// syncBuffer takes what a process writes while the test may read it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
