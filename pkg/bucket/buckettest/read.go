package buckettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func rangesAreTheBytesThemselves(t *testing.T, b *bucket.Bucket) {
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 13<<20 + 12345} {
		content := noise(size)
		key := bucket.ArchiveKey("import", fmt.Sprint(size))
		_, err := b.Store(t.Context(), key, bytes.NewReader(content), "")
		require.NoError(t, err)
		r, err := b.ReaderAt(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, int64(size), r.Size())

		var group sync.WaitGroup
		for seed := range 4 {
			group.Go(func() { compare(t, r, bytes.NewReader(content), rand.New(rand.NewPCG(uint64(size), uint64(seed)))) })
		}
		group.Wait()

		poured := new(bytes.Buffer)
		require.NoError(t, b.Pour(t.Context(), poured, key, int64(size), make([]byte, 1<<20)))
		require.True(t, bytes.Equal(content, poured.Bytes()), "%d bytes", size)
	}
}

func missingBlobIsNotFound(t *testing.T, b *bucket.Bucket) {
	_, err := b.ReaderAt(t.Context(), "archives/i/none")
	require.ErrorIs(t, err, bucket.ErrNotFound)
	require.ErrorContains(t, err, "archives/i/none")
	err = b.Pour(t.Context(), new(bytes.Buffer), "archives/i/none", 10, make([]byte, 4))
	require.ErrorIs(t, err, bucket.ErrNotFound)

	_, err = b.Store(t.Context(), "archives/i/u", bytes.NewReader(noise(3<<20)), "")
	require.NoError(t, err)
	r, err := b.ReaderAt(t.Context(), "archives/i/u")
	require.NoError(t, err)
	require.NoError(t, b.Delete(t.Context(), "archives/i/u"))
	_, err = r.ReadAt(make([]byte, 10), 0)
	require.ErrorIs(t, err, bucket.ErrNotFound)
}

func readingEndsWithItsContext(t *testing.T, b *bucket.Bucket) {
	_, err := b.Store(t.Context(), "archives/i/u", bytes.NewReader(noise(3<<20)), "")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := b.ReaderAt(ctx, "archives/i/u")
	require.NoError(t, err)
	cancel()
	if _, err = r.ReadAt(make([]byte, 10), 0); err != nil { // local drivers need not notice
		require.ErrorIs(t, err, context.Canceled)
	}
}

// compare reads the same random ranges, also beyond both ends, from both.
func compare(t *testing.T, got, want io.ReaderAt, random *rand.Rand) {
	for range 100 {
		length := random.IntN(1 << random.IntN(22))
		offset := random.Int64N(15<<20) - 10
		a, b := make([]byte, length), make([]byte, length)
		n, err := got.ReadAt(a, offset)
		m, wanted := want.ReadAt(b, offset)
		// At the very end an empty read may say EOF or not; both are allowed.
		same := n == m && bytes.Equal(a[:n], b[:m]) && (length == 0 || errors.Is(err, io.EOF) == errors.Is(wanted, io.EOF) && (err == nil) == (wanted == nil))
		if !same {
			t.Errorf("%d bytes at %d: got %d, %v; want %d, %v", length, offset, n, err, m, wanted)
			return
		}
	}
}
