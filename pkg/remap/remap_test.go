package remap_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/remap"
)

func newStore(t *testing.T) (*remap.Store, jetstream.KeyValue) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, log)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	nc, err := nats.Connect("", server.Option())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	kv, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: "REMAPS"})
	require.NoError(t, err)
	return remap.NewStore(kv), kv
}

func numbered(n int) remap.Map {
	m := make(remap.Map, n)
	for i := range n {
		m[fmt.Sprintf("source %d", i)] = int64(i) + 1_000_000
	}
	return m
}

func TestMapOfAnySizeIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	for _, n := range []int{0, 1, 4000, 4001, 25_000} {
		key := remap.Key("0190", n+1, contracts.Sessions)
		require.NoError(t, store.Put(t.Context(), key, numbered(n)))
		m, err := store.Get(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, numbered(n), m)
	}
}

// JSON writes each of these characters as six.
func TestMapOfIDsThatAreWrittenLongIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	for _, n := range []int{3000, 5000} {
		long := make(remap.Map, n)
		for i := range n {
			long[fmt.Sprintf("%s%04d", strings.Repeat("<", 196), i)] = int64(i)
		}
		key := remap.Key("0190", n, contracts.Speakers)
		require.NoError(t, store.Put(t.Context(), key, long))
		m, err := store.Get(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, long, m)
	}
}

func TestWritingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	key := remap.Key("0190", 1, contracts.Speakers)
	for range 2 {
		require.NoError(t, store.Put(t.Context(), key, numbered(9000)))
	}
	m, err := store.Get(t.Context(), key)
	require.NoError(t, err)
	require.Len(t, m, 9000)
}

func TestMapThatIsNotWholeIsMissing(t *testing.T) {
	t.Parallel()
	store, kv := newStore(t)
	_, err := store.Get(t.Context(), remap.Key("0190", 1, contracts.Tracks))
	require.ErrorIs(t, err, remap.ErrMissing, "never written")

	key := remap.Key("0190", 2, contracts.Tracks)
	require.NoError(t, store.Put(t.Context(), key, numbered(9000)))
	require.NoError(t, kv.Delete(t.Context(), key+".1"))
	_, err = store.Get(t.Context(), key)
	require.ErrorIs(t, err, remap.ErrMissing, "a chunk is gone")

	require.NoError(t, store.Put(t.Context(), key, numbered(9000)))
	_, err = kv.Put(t.Context(), key+".1", []byte(`{"source 1":5}`))
	require.NoError(t, err)
	_, err = store.Get(t.Context(), key)
	require.ErrorIs(t, err, remap.ErrMissing, "a chunk is another's")

	_, err = kv.Put(t.Context(), key, []byte(`no JSON`))
	require.NoError(t, err)
	_, err = store.Get(t.Context(), key)
	require.ErrorIs(t, err, remap.ErrMissing, "the value is broken")
}

func TestDeleteRemovesTheMapsOfOneTypeOfAllAttempts(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	gone := []string{remap.Key("0190", 1, contracts.Sessions), remap.Key("0190", 2, contracts.Sessions)}
	kept := []string{remap.Key("0190", 1, contracts.SessionTypes), remap.Key("0191", 1, contracts.Sessions)}
	for _, key := range append(gone, kept...) {
		require.NoError(t, store.Put(t.Context(), key, numbered(9000)))
	}
	for range 2 { // nothing to delete is no error
		require.NoError(t, store.Delete(t.Context(), "0190", contracts.Sessions))
		for _, key := range gone {
			_, err := store.Get(t.Context(), key)
			require.ErrorIs(t, err, remap.ErrMissing)
		}
	}
	for _, key := range kept {
		m, err := store.Get(t.Context(), key)
		require.NoError(t, err)
		require.Len(t, m, 9000)
	}
}
