package bucket_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "gocloud.dev/blob/s3blob"

	"github.com/usher-events/usher/pkg/bucket"
)

// limitedStore is a server that speaks as much S3 as is needed to store, and to be
// full: then it takes no object of more than the given size, as a disk on which
// others have left a little room.
type limitedStore struct {
	room   atomic.Int64
	stored atomic.Int64
	// probing is told of each probe, which then waits for more; both may be nil.
	probing chan struct{}
	more    chan struct{}
}

func (s *limitedStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPut:
		if s.probing != nil && strings.HasSuffix(r.URL.Path, "/probe") {
			s.probing <- struct{}{}
			<-s.more
		}
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil || n > s.room.Load() {
			w.WriteHeader(http.StatusInsufficientStorage)
			return
		}
		s.stored.Add(1)
	case http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = io.WriteString(w, `<ListBucketResult><Name>usher</Name></ListBucketResult>`)
	}
}

// openLimited opens the bucket of such a server, on which a Store has failed.
func openLimited(t *testing.T, store *limitedStore) *bucket.Bucket {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "usher")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	b := open(t, "s3://usher?region=us-east-1&use_path_style=true&endpoint="+server.URL)
	require.NoError(t, b.Ping(t.Context()))
	require.Zero(t, store.stored.Load(), "nothing is stored where nothing has failed")
	storeInVain(t, b, 1000)
	return b
}

func storeInVain(t *testing.T, b *bucket.Bucket, size int) {
	t.Helper()
	_, err := b.Store(t.Context(), "blob", strings.NewReader(strings.Repeat("x", size)), "")
	require.ErrorIs(t, err, bucket.ErrUnavailable)
}

func TestPingAfterAStoreThatFailedSaysWhetherAsMuchCanBeStored(t *testing.T) {
	store := new(limitedStore)
	b := openLimited(t, store)
	require.ErrorIs(t, b.Ping(t.Context()), bucket.ErrUnavailable)
	store.room.Store(500)
	require.ErrorIs(t, b.Ping(t.Context()), bucket.ErrUnavailable, "there is room for less than what has failed")
	store.room.Store(1 << 20)
	require.NoError(t, b.Ping(t.Context()))
	require.NoError(t, b.Ping(t.Context()))
	require.EqualValues(t, 1, store.stored.Load(), "the doubt has ended")
}

func TestProbeOfASlowStoreOutlivesAnImpatientPing(t *testing.T) {
	store := &limitedStore{probing: make(chan struct{}), more: make(chan struct{})}
	b := openLimited(t, store)
	store.room.Store(1 << 20)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- b.Ping(ctx) }()
	<-store.probing
	cancel()
	require.ErrorIs(t, <-answer, context.Canceled)
	close(store.more)
	require.NoError(t, b.Ping(t.Context()))
	require.EqualValues(t, 1, store.stored.Load(), "the first probe has ended the doubt")
}

func TestStoreThatHangsInAProbeKeepsNobodyWaiting(t *testing.T) {
	store := &limitedStore{probing: make(chan struct{}), more: make(chan struct{})}
	b := openLimited(t, store)
	first := make(chan error)
	go func() { first <- b.Ping(t.Context()) }()
	<-store.probing
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, b.Ping(impatient), context.DeadlineExceeded)
	storeInVain(t, b, 1000)

	store.room.Store(1500)
	close(store.more)
	require.NoError(t, <-first)
	second := make(chan error)
	go func() { second <- b.Ping(t.Context()) }()
	<-store.probing
	require.ErrorIs(t, <-second, bucket.ErrUnavailable, "what has failed meanwhile is doubted still")
}

func TestProbeIsSmallHoweverMuchWasStoredInVain(t *testing.T) {
	store := new(limitedStore)
	b := openLimited(t, store)
	storeInVain(t, b, 3<<20)
	store.room.Store(1<<20 + 1)
	require.NoError(t, b.Ping(t.Context()))
}
