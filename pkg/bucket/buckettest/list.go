package buckettest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/pkg/bucket"
)

// keys lists every key of the bucket, temporary files of a file bucket included.
func keys(t *testing.T, b *bucket.Bucket) []string {
	t.Helper()
	var all []string
	for list := b.List(nil); ; {
		object, err := list.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, object.Key)
	}
}

// More than a page of any store, each once, whatever lies beside them.
func listsAreCompleteBeyondAPage(t *testing.T, b *bucket.Bucket) {
	var want []string
	var group errgroup.Group
	group.SetLimit(16)
	for n := range 1100 {
		key := bucket.MediaKey("import", fmt.Sprintf("%04d", n))
		want = append(want, key)
		group.Go(func() error {
			_, err := b.Batch().Store(t.Context(), key, strings.NewReader("x"), "")
			return err
		})
	}
	for _, beside := range []string{"media/import2/1", "media/impor", "archives/import/1"} {
		group.Go(func() error {
			_, err := b.Batch().Store(t.Context(), beside, strings.NewReader("x"), "")
			return err
		})
	}
	require.NoError(t, group.Wait())
	var got []string
	for listed, err := range b.Below(t.Context(), "media/import/") {
		require.NoError(t, err)
		got = append(got, listed.Key)
	}
	require.ElementsMatch(t, want, got)
}

// Whoever lists may remove what is listed.
func listsGoOnWhileTheirBlobsGo(t *testing.T, b *bucket.Bucket) {
	for n := range 30 {
		_, err := b.Batch().Store(t.Context(), bucket.MediaKey("import", fmt.Sprint(n)), strings.NewReader("x"), "")
		require.NoError(t, err)
	}
	n := 0
	for listed, err := range b.Below(t.Context(), "media/import/") {
		require.NoError(t, err)
		require.NoError(t, b.Delete(t.Context(), listed.Key))
		n++
	}
	require.Equal(t, 30, n)
	require.Empty(t, keys(t, b))
}

// The sweeps go by them.
func listsTellSizeAndTime(t *testing.T, b *bucket.Bucket) {
	_, err := b.Store(t.Context(), "archives/i/u", strings.NewReader("twelve bytes"), "")
	require.NoError(t, err)
	for listed, err := range b.Below(t.Context(), "archives/") {
		require.NoError(t, err)
		require.Equal(t, "archives/i/u", listed.Key)
		require.Equal(t, int64(12), listed.Size)
		require.WithinDuration(t, time.Now(), listed.Time, time.Hour)
	}
	require.Len(t, keys(t, b), 1)
}
