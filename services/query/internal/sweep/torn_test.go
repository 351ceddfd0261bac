package sweep

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

// begin begins to store a blob and returns the key of what lies in the folder.
func (b *bench) begin(t *testing.T, key string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "text/plain"})
	require.NoError(t, err)
	t.Cleanup(func() {
		cancel()
		_ = w.Close()
	})
	found, err := filepath.Glob(filepath.Join(b.folder, filepath.FromSlash(key)+".*"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	torn, err := filepath.Rel(b.folder, found[0])
	require.NoError(t, err)
	return filepath.ToSlash(torn)
}

func TestWhatWasNotStoredToItsEndGoesAfterADay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.imported(t, contracts.EventArchive).succeeded(t)
	running := b.imported(t, contracts.EventArchive)
	media := b.media(t, made.id, map[string]any{"state": "stored", "sha256": "a"})
	b.folded(t)
	torn := []string{
		b.begin(t, bucket.ArchiveKey(uuid.NewString(), "upload")), b.begin(t, running.carried.Blob),
		b.begin(t, bucket.MediaKey(made.id, media)), b.begin(t, bucket.MediaKey(running.id, "1")),
		b.begin(t, bucket.CacheKey(made.id, "a-300-1")), b.begin(t, bucket.ExportKey(made.id, 1, "try", "lantern.zip")), b.begin(t, "probe"),
	}
	foreign := []string{b.begin(t, "somebody/else"), b.begin(t, "else")}

	require.Zero(t, b.sweep(t, 23*time.Hour, "orphans").Count)
	require.Subset(t, b.blobs(t), torn)
	require.Equal(t, len(torn), b.sweep(t, 25*time.Hour, "orphans").Count)
	require.ElementsMatch(t, foreign, b.blobs(t))
}
