package buckettest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func pingTellsThatItIsThere(t *testing.T, b *bucket.Bucket) {
	require.NoError(t, b.Ping(t.Context()))
	require.Empty(t, keys(t, b), "it stores nothing where nothing has failed")
}

// A store that gives out addresses serves there what was stored, as the type that it was
// stored with. One that gives none is as good.
func linkServesWhatWasStored(t *testing.T, b *bucket.Bucket) {
	_, err := b.Store(t.Context(), "media/i/1", strings.NewReader("a picture"), "image/png")
	require.NoError(t, err)
	link, err := b.Link(t.Context(), "media/i/1", time.Minute)
	require.NoError(t, err)
	if link == "" {
		return
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	require.NoError(t, err)
	res, err := (&http.Client{Timeout: time.Minute}).Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	served, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "a picture", string(served))
	require.Equal(t, "image/png", res.Header.Get("Content-Type"))
}
