package broker

import (
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

// present asks which consumers run in how many processes.
func present(t *testing.T, b *Broker) map[string]int {
	t.Helper()
	there, err := b.Presence(t.Context())
	require.NoError(t, err)
	counts := make(map[string]int)
	for consumer, instances := range there {
		counts[consumer] = len(instances)
	}
	return counts
}

func TestPresenceTellsWhichProcessesRunWhichConsumers(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	one, two, other := connect(t, srv, ""), connect(t, srv, ""), connect(t, srv, "other")
	require.Empty(t, present(t, one), "nobody has announced anything")

	before := time.Now().Add(-time.Second)
	stop, err := one.Announce([]string{"event-archive-media", "event-archive-notify"})
	require.NoError(t, err)
	_, err = two.Announce([]string{"event-archive-media"})
	require.NoError(t, err)
	_, err = other.Announce([]string{"other-event-archive-people"})
	require.NoError(t, err)
	for _, b := range []*Broker{one, two, other} {
		require.NoError(t, b.nc.Flush()) // an announcement waits for nothing
	}
	require.Equal(t, map[string]int{"event-archive-media": 2, "event-archive-notify": 1}, present(t, two))
	require.Equal(t, map[string]int{"other-event-archive-people": 1}, present(t, other), "an installation is asked alone")

	there, err := two.Presence(t.Context())
	require.NoError(t, err)
	media := there["event-archive-media"]
	require.NotEqual(t, media[0].ID, media[1].ID)
	require.NotEmpty(t, media[0].Host)
	require.WithinRange(t, media[0].Since, before.Truncate(time.Second), time.Now())

	stop()
	require.NoError(t, one.nc.Flush())
	require.Equal(t, map[string]int{"event-archive-media": 1}, present(t, two))
	two.Close()
	require.Empty(t, present(t, one), "who is not connected is not there")
}

func TestSilentBrokerIsNotTakenForTheAbsenceOfEverybody(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, quiet)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL())
	require.NoError(t, err)
	g := newGate(t, at.Host)
	b, err := Connect(t.Context(), Config{URL: "nats://" + g.addr, Replicas: 1}, quiet)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	media := connect(t, srv, "")
	_, err = media.Announce([]string{"event-archive-media"})
	require.NoError(t, err)
	require.NoError(t, media.nc.Flush())

	g.Lock()
	_, err = b.Presence(t.Context())
	require.Error(t, err)
	g.Unlock()
	require.NotEmpty(t, present(t, b))
}
