package sample

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// heapWatch is a writer that forgets what it is given and remembers how large
// the heap became meanwhile.
type heapWatch struct {
	written, looked int64
	peak            uint64
}

func (h *heapWatch) Write(b []byte) (int, error) {
	h.written += int64(len(b))
	if h.written-h.looked > 1<<20 {
		h.looked = h.written
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		h.peak = max(h.peak, m.HeapAlloc)
	}
	return len(b), nil
}

// It does not run beside the other tests, whose memory it would count.
func TestMemoryDoesNotGrowWithTheArchive(t *testing.T) {
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var h heapWatch
	require.NoError(t, Write(&h, Config{Sessions: 40_000, Speakers: 100, Seed: 5}))
	require.Greater(t, h.written, int64(6<<20), "too small an archive to tell")
	t.Logf("peak %d KiB over %d KiB", (h.peak-before.HeapAlloc)>>10, before.HeapAlloc>>10)
	require.Less(t, h.peak, before.HeapAlloc+4<<20)
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		require.NoError(b, Write(io.Discard, Config{Sessions: 493, Speakers: 187, Seed: 1}))
	}
}
