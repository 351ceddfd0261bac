package broker

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

func TestConnectWaitsForAServerThatIsSlowToGreet(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, quiet)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	slow := greetsAfter(t, srv.URL(), nats.DefaultTimeout+time.Second/2)
	b, err := Connect(t.Context(), Config{URL: slow, Replicas: 1}, quiet)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ping(t.Context()))
}

// greetsAfter stands before a server and lets through what it says only after a while.
func greetsAfter(t *testing.T, server string, delay time.Duration) string {
	t.Helper()
	to, err := url.Parse(server)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var open sync.WaitGroup
	t.Cleanup(open.Wait)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	open.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return // it is closed
			}
			open.Go(func() {
				defer from.Close() //nolint:errcheck // either side may have ended it
				behind, err := net.Dial("tcp", to.Host)
				if err != nil {
					return
				}
				open.Go(func() {
					defer behind.Close() //nolint:errcheck // as above
					_, _ = io.Copy(behind, from)
				})
				select {
				case <-time.After(delay):
					_, _ = io.Copy(from, behind)
				case <-t.Context().Done():
				}
			})
		}
	})
	return "nats://" + l.Addr().String()
}

func TestConnectionOutlastsAPasswordThatIsRefusedForAWhile(t *testing.T) {
	t.Parallel()
	door := &door{}
	door.open.Store(true)
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, NoSigs: true, JetStream: true, StoreDir: t.TempDir(), CustomClientAuthentication: door,
	})
	require.NoError(t, err)
	srv.Start()
	t.Cleanup(srv.WaitForShutdown)
	t.Cleanup(srv.Shutdown)
	require.True(t, srv.ReadyForConnections(soon))
	b, err := Connect(t.Context(), Config{URL: srv.ClientURL(), Replicas: 1}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(b.Close)

	door.open.Store(false)
	require.NoError(t, b.nc.ForceReconnect())
	require.Eventually(t, func() bool { return door.refused.Load() > 4 }, soon, 10*time.Millisecond)
	require.Error(t, b.Ping(t.Context()))
	door.open.Store(true)
	require.Eventually(t, func() bool { return b.Ping(t.Context()) == nil }, soon, 10*time.Millisecond)
}

// door lets in whoever comes, while it is open.
type door struct {
	open    atomic.Bool
	refused atomic.Int64
}

func (d *door) Check(server.ClientAuthentication) bool {
	if !d.open.Load() {
		d.refused.Add(1)
		return false
	}
	return true
}
