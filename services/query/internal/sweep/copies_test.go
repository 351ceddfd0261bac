package sweep

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

func TestCopiesGoWithTheirOriginal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.imported(t, contracts.EventArchive).succeeded(t)
	hash, other := strings.Repeat("a", 64), strings.Repeat("b", 64)
	b.media(t, made.id, map[string]any{"state": "stored", "sha256": hash})
	kept := []string{
		b.store(t, bucket.CacheKey(made.id, hash+"-300-1"), 0), b.store(t, bucket.CacheKey(made.id, hash+"-150-1"), 0),
		b.store(t, "cache/somebody/else", 0),
	}
	gone := []string{
		b.store(t, bucket.CacheKey(made.id, hash+"-300-0"), 0), // made in another way
		b.store(t, bucket.CacheKey(made.id, other+"-300-1"), 0),
		b.store(t, bucket.CacheKey(uuid.NewString(), hash+"-300-1"), 0),
	}
	require.ElementsMatch(t, gone, b.sweep(t, 0, "cache").Examples)
	require.ElementsMatch(t, kept, b.blobs(t))
}
