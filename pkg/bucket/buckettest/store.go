package buckettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func storeKeepsEveryByte(t *testing.T, b *bucket.Bucket) {
	// The last is stored in several parts by a remote store.
	for _, size := range []int{0, 1, 511, 512, 3<<20 + 7, 12<<20 + 5} {
		content := noise(size)
		key := bucket.ArchiveKey("import", fmt.Sprint(size))
		stored, err := b.Store(t.Context(), key, iotest.HalfReader(bytes.NewReader(content)), "application/zip")
		require.NoError(t, err)
		require.Equal(t, bucket.Stored{Size: int64(size), SHA256: hashOf(content)}, stored)
		read, err := b.ReadAll(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, content, read)
	}
}

// A try that comes again stores under the key of the one before, and whoever reads then
// must see what was stored last.
func laterStoreWins(t *testing.T, b *bucket.Bucket) {
	for _, size := range []int{3<<20 + 7, 10, 0, 7<<20 + 1} {
		content := noise(size)
		stored, err := b.Store(t.Context(), "media/i/1", bytes.NewReader(content), "")
		require.NoError(t, err)
		require.Equal(t, hashOf(content), stored.SHA256)
		read, err := b.ReadAll(t.Context(), "media/i/1")
		require.NoError(t, err)
		require.Equal(t, hashOf(content), hashOf(read), "%d bytes", size)
		require.Equal(t, []string{"media/i/1"}, keys(t, b))
	}
}

func storeTakesManyAtOnce(t *testing.T, b *bucket.Bucket) {
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			content := bytes.Repeat([]byte{byte(i)}, 1000+i)
			stored, err := b.Store(t.Context(), bucket.MediaKey(fmt.Sprint(i%3), fmt.Sprint(i)), bytes.NewReader(content), "")
			if err != nil || stored.SHA256 != hashOf(content) {
				t.Errorf("%d: %+v, %v", i, stored, err)
			}
		})
	}
	group.Wait()
	require.Len(t, keys(t, b), 64)
	for i := range 64 {
		read, err := b.ReadAll(t.Context(), bucket.MediaKey(fmt.Sprint(i%3), fmt.Sprint(i)))
		require.NoError(t, err)
		require.Equal(t, bytes.Repeat([]byte{byte(i)}, 1000+i), read)
	}
}

func brokenReaderLeavesNothing(t *testing.T, b *bucket.Bucket) {
	broken := errors.New("client gone")
	for _, before := range []int{0, 1, 100_000, 5 << 20} {
		_, err := b.Store(t.Context(), "archives/i/u", io.MultiReader(bytes.NewReader(noise(before)), iotest.ErrReader(broken)), "")
		require.Equal(t, broken, err, "the reader's own error, as it is")
	}
	require.Empty(t, keys(t, b))
}

func canceledStoreLeavesNothing(t *testing.T, b *bucket.Bucket) {
	ctx, cancel := context.WithCancel(t.Context())
	endsCanceled := io.MultiReader(bytes.NewReader(noise(100_000)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, io.EOF
	}))
	_, err := b.Store(ctx, "archives/i/u", endsCanceled, "")
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, bucket.ErrUnavailable)
	require.Empty(t, keys(t, b))
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
