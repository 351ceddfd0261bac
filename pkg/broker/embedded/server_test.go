package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

var quiet = slog.New(slog.DiscardHandler)

func start(t *testing.T, cfg embedded.Config) *embedded.Server {
	t.Helper()
	srv, err := embedded.Start(t.Context(), cfg, quiet)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	return srv
}

func stream(ctx context.Context, srv *embedded.Server) (jetstream.JetStream, jetstream.Stream, error) {
	nc, err := nats.Connect("", srv.Option())
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, nil, err
	}
	s, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, MaxBytes: 10 << 30})
	return js, s, err
}

func TestServerKeepsItsStoreOverARestart(t *testing.T) {
	t.Parallel()
	cfg := embedded.Config{Dir: t.TempDir()}
	srv := start(t, cfg)
	require.Empty(t, srv.URL())
	js, _, err := stream(t.Context(), srv)
	require.NoError(t, err)
	_, err = js.Publish(t.Context(), "s", []byte("x"))
	require.NoError(t, err)
	srv.Close()
	srv.Close()

	_, s, err := stream(t.Context(), start(t, cfg))
	require.NoError(t, err)
	require.EqualValues(t, 1, s.CachedInfo().State.Msgs)
}

func TestServerListensForOthers(t *testing.T) {
	t.Parallel()
	srv := start(t, embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	nc, err := nats.Connect(srv.URL())
	require.NoError(t, err)
	nc.Close()
}

func TestTakenPortIsOneClearSentence(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close() //nolint:errcheck // nothing follows
	addr := l.Addr().String()
	_, err = embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: addr}, quiet)
	require.EqualError(t, err, "embedded broker: "+addr+" is taken by another process")
}

func TestListenAddressIsChecked(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"4222", "127.0.0.1:nats", "127.0.0.1:99999"} {
		_, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: addr}, quiet)
		require.ErrorContains(t, err, "embedded broker", addr)
	}
}

func TestTwoServersNeverShareAFolder(t *testing.T) {
	t.Parallel()
	cfg := embedded.Config{Dir: t.TempDir()}
	srv := start(t, cfg)
	_, err := embedded.Start(t.Context(), cfg, quiet)
	require.ErrorContains(t, err, "in use by another process")
	srv.Close()
	start(t, cfg)
}

// crashDir makes this test binary the process that TestStoreOutlivesACrash kills.
const crashDir = "USHER_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		publishUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func publishUntilKilled(dir string) {
	ctx := context.Background()
	srv, err := embedded.Start(ctx, embedded.Config{Dir: dir}, quiet)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	js, _, err := stream(ctx, srv)
	for err == nil {
		var ack *jetstream.PubAck
		if ack, err = js.Publish(ctx, "s", []byte("x")); err == nil {
			fmt.Println(ack.Sequence)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

func TestStoreOutlivesACrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var confirmed uint64
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		confirmed, err = strconv.ParseUint(strings.TrimSpace(lines.Text()), 10, 64)
		require.NoError(t, err, lines.Text())
		if confirmed >= 100 && !killed {
			killed = true
			require.NoError(t, child.Process.Kill())
		}
	}
	require.Error(t, child.Wait())
	require.True(t, killed)

	_, s, err := stream(t.Context(), start(t, embedded.Config{Dir: dir}))
	require.NoError(t, err)
	require.GreaterOrEqual(t, s.CachedInfo().State.Msgs, confirmed)
}
