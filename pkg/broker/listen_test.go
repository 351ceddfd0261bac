package broker

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

// heard is what a listener was called with.
type heard struct{ subject, data string }

// listen listens until the test ends.
func listen(t *testing.T, b *Broker, subject string) (<-chan heard, func()) {
	t.Helper()
	all := make(chan heard, 100)
	stop, err := b.Listen(subject, func(subject string, data []byte) { all <- heard{subject, string(data)} })
	require.NoError(t, err)
	t.Cleanup(stop)
	return all, stop
}

func TestListenerHearsWhatIsToldUntilItStops(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	some, stop := listen(t, b, "live.>")
	all, _ := listen(t, b, "*.*")
	require.NoError(t, b.Tell("live.a", []byte("1")))
	require.NoError(t, b.Tell("other.a", []byte("2")))
	require.NoError(t, b.Tell("live.b", []byte("3")))
	require.Equal(t, heard{"live.a", "1"}, <-some)
	require.Equal(t, heard{"live.b", "3"}, <-some)
	stop()
	require.NoError(t, b.Tell("live.c", []byte("4")))
	for range 3 {
		<-all
	}
	require.Equal(t, heard{"live.c", "4"}, <-all)
	require.Empty(t, some)
	stop() // twice is nothing
}

func TestListenerGoesOnWhenTheServerRestarts(t *testing.T) {
	t.Parallel()
	cfg := embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), cfg, quiet)
	require.NoError(t, err)
	t.Cleanup(func() { srv.Close() })
	g := newGate(t, srv)
	b, err := Connect(t.Context(), Config{URL: g.url, Replicas: 1}, quiet)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	all, _ := listen(t, b, "live.>")

	srv.Close()
	srv, err = embedded.Start(t.Context(), cfg, quiet)
	require.NoError(t, err)
	g.lead(t, srv)
	require.Eventually(t, func() bool {
		_ = b.Tell("live.a", nil) // fails until the connection is restored
		return len(all) > 0
	}, soon, 10*time.Millisecond)
	require.Equal(t, heard{"live.a", ""}, <-all)
}
