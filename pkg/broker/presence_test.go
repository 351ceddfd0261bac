package broker

import (
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

// requirePresent asks which consumers run in how many processes until that is as it
// should be, and returns the answer. A process may have been too busy to answer.
func requirePresent(t *testing.T, b *Broker, want map[string]int, why ...any) (there map[string][]Instance) {
	t.Helper()
	require.Eventually(t, func() bool {
		answers, err := b.Presence(t.Context())
		counts := make(map[string]int)
		for consumer, instances := range answers {
			counts[consumer] = len(instances)
		}
		there = answers
		return err == nil && maps.Equal(want, counts)
	}, soon, time.Millisecond, why...)
	return there
}

func TestPresenceTellsWhichProcessesRunWhichConsumers(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	one, two, other := connect(t, srv, ""), connect(t, srv, ""), connect(t, srv, "other")
	requirePresent(t, one, nil, "nobody has announced anything")

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
	requirePresent(t, other, map[string]int{"other-event-archive-people": 1}, "an installation is asked alone")
	there := requirePresent(t, two, map[string]int{"event-archive-media": 2, "event-archive-notify": 1})
	media := there["event-archive-media"]
	require.NotEqual(t, media[0].ID, media[1].ID)
	require.NotEmpty(t, media[0].Host)
	require.WithinRange(t, media[0].Since, before.Truncate(time.Second), time.Now())

	stop()
	require.NoError(t, one.nc.Flush())
	requirePresent(t, two, map[string]int{"event-archive-media": 1})
	two.Close()
	requirePresent(t, one, nil, "who is not connected is not there")
}

func TestSilentBrokerIsNotTakenForTheAbsenceOfEverybody(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, quiet)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	g := newGate(t, srv)
	b, err := Connect(t.Context(), Config{URL: g.url, Replicas: 1}, quiet)
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
	requirePresent(t, b, map[string]int{"event-archive-media": 1})
}
