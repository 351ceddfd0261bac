package buckettest

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func copyOutlivesItsSource(t *testing.T, b *bucket.Bucket) {
	content := noise(2 << 20)
	_, err := b.Store(t.Context(), "archives/1/a", bytes.NewReader(content), "application/zip")
	require.NoError(t, err)
	require.NoError(t, b.Copy(t.Context(), "archives/1/a", "archives/2/b"))
	require.NoError(t, b.Delete(t.Context(), "archives/1/a"))
	copied, err := b.ReadAll(t.Context(), "archives/2/b")
	require.NoError(t, err)
	require.Equal(t, content, copied)
}

func copyOfNothingLeavesNothing(t *testing.T, b *bucket.Bucket) {
	require.ErrorIs(t, b.Copy(t.Context(), "archives/1/a", "archives/2/b"), bucket.ErrNotFound)
	require.Empty(t, keys(t, b))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Copy(ctx, "archives/1/a", "archives/2/b"), context.Canceled)
}
