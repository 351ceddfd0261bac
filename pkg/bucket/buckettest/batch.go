package buckettest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func batchStoresMany(t *testing.T, b *bucket.Bucket) {
	batch := b.Batch()
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			content := bytes.Repeat([]byte{byte(i)}, 1000+i)
			stored, err := batch.Store(t.Context(), bucket.MediaKey(fmt.Sprint(i%3), fmt.Sprint(i)), bytes.NewReader(content), "")
			if err != nil || stored.SHA256 != hashOf(content) {
				t.Errorf("%d: %+v, %v", i, stored, err)
			}
		})
	}
	group.Wait()
	require.NoError(t, batch.Flush())
	require.NoError(t, batch.Flush(), "and again, with nothing left to do")
	require.Len(t, keys(t, b), 64)
}

func batchTellsAgainWithoutWriting(t *testing.T, b *bucket.Bucket) {
	key := bucket.MediaKey("import", "1")
	want, err := b.Batch().Store(t.Context(), key, bytes.NewReader(noise(3<<20+7)), "image/png")
	require.NoError(t, err)
	before, err := b.Attributes(t.Context(), key)
	require.NoError(t, err)

	batch := b.Batch()
	stored, err := batch.Again(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, want, stored)
	require.NoError(t, batch.Flush())
	after, err := b.Attributes(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, before.ModTime, after.ModTime)
	_, err = batch.Again(t.Context(), bucket.MediaKey("import", "2"))
	require.ErrorIs(t, err, bucket.ErrNotFound)
}
