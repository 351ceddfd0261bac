package openevent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

// BenchmarkCheck checks an archive of 5,000 sessions; MB/s are of unpacked
// JSON, unpacking included.
func BenchmarkCheck(b *testing.B) {
	a, size := largeArchive(b, 5_000, sessionJSON)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		_, err := openevent.Check(a, nil)
		require.NoError(b, err)
	}
}
