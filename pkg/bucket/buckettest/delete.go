package buckettest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func deleteRemovesOnce(t *testing.T, b *bucket.Bucket) {
	_, err := b.Store(t.Context(), "archives/i/u", strings.NewReader("x"), "")
	require.NoError(t, err)
	require.NoError(t, b.Delete(t.Context(), "archives/i/u"))
	require.Empty(t, keys(t, b))
	require.NoError(t, b.Delete(t.Context(), "archives/i/u"), "what is gone is gone")
}

func deleteBelowRemovesByPrefix(t *testing.T, b *bucket.Bucket) {
	for _, key := range []string{"media/i/1", "media/i/2", "media/ij/1", "cache/i/1"} {
		_, err := b.Store(t.Context(), key, strings.NewReader("x"), "")
		require.NoError(t, err)
	}
	for range 2 {
		require.NoError(t, b.DeleteBelow(t.Context(), "media/i/"))
		require.Equal(t, []string{"cache/i/1", "media/ij/1"}, keys(t, b))
	}
}
