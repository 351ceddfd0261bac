package service

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGarbageIsWhatIsLeftOfASmallHeapAndAsMuchAsIsInUseOfALargeOne(t *testing.T) {
	t.Parallel()
	for inUse, want := range map[uint64]int{
		0:               4000, // percent of a mebibyte at least
		8 << 20:         400,
		16 << 20:        150,
		smallHeap / 2:   100,
		smallHeap:       100,
		10 * smallHeap:  100,
		smallHeap/2 - 1: 100,
	} {
		require.Equal(t, want, garbage(inUse, smallHeap), "%d bytes", inUse)
	}
}

//nolint:paralleltest // what the process has in use is everybody's
func TestGarbageFollowsWhatEachCollectionHasLeft(t *testing.T) {
	percent := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	followed := func(holds func(percent uint64) bool) {
		t.Helper()
		require.Eventually(t, func() bool {
			runtime.GC()
			return holds(percent())
		}, 20*time.Second, time.Millisecond)
	}
	followHeap()
	followed(func(percent uint64) bool { return percent > goGarbage })
	large := make([]byte, smallHeap)
	followed(func(percent uint64) bool { return percent == goGarbage })
	done := Spacious(2 * smallHeap)
	followed(func(percent uint64) bool { return percent > goGarbage })
	done()
	followed(func(percent uint64) bool { return percent == goGarbage })
	runtime.KeepAlive(large)
	followed(func(percent uint64) bool { return percent > goGarbage })
}
