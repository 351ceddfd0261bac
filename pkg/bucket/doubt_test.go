package bucket_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

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
}

func (s *limitedStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPut:
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

func TestPingAfterAStoreThatFailedSaysWhetherAsMuchCanBeStored(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "usher")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	store := new(limitedStore)
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	b := open(t, "s3://usher?region=us-east-1&use_path_style=true&endpoint="+server.URL)

	require.NoError(t, b.Ping(t.Context()))
	require.Zero(t, store.stored.Load(), "nothing is stored where nothing has failed")
	_, err := b.Store(t.Context(), "blob", strings.NewReader(strings.Repeat("x", 1000)), "")
	require.ErrorIs(t, err, bucket.ErrUnavailable)
	require.ErrorIs(t, b.Ping(t.Context()), bucket.ErrUnavailable)
	store.room.Store(500)
	require.ErrorIs(t, b.Ping(t.Context()), bucket.ErrUnavailable, "there is room for less than what has failed")
	store.room.Store(1 << 20)
	require.NoError(t, b.Ping(t.Context()))
	require.NoError(t, b.Ping(t.Context()))
	require.EqualValues(t, 1, store.stored.Load(), "the doubt has ended")
}
