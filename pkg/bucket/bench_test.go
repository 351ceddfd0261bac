package bucket_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

// Eight at once, as a stage stores the pictures of an archive.
func BenchmarkStoreSmallFiles(b *testing.B) {
	for kind, url := range map[string]string{"mem": "mem://", "file": "file://" + b.TempDir()} {
		b.Run(kind, func(b *testing.B) {
			opened, err := bucket.Open(b.Context(), url)
			require.NoError(b, err)
			content := strings.Repeat("x", 30_000)
			var files atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := files.Add(1)
					key := bucket.MediaKey(fmt.Sprint(i/200), fmt.Sprint(i))
					if _, err := opened.Store(b.Context(), key, strings.NewReader(content), "image/png"); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
