package bucket_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

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

// The files of one import, whose folders are synced with each file or once.
func BenchmarkStoreFilesOfAnImport(b *testing.B) {
	content := strings.Repeat("x", 23_000)
	for _, together := range []bool{false, true} {
		b.Run(fmt.Sprintf("together=%t", together), func(b *testing.B) {
			opened, err := bucket.Open(b.Context(), "file://"+b.TempDir())
			require.NoError(b, err)
			imports := 0
			for b.Loop() {
				imports++
				batch := opened.Batch()
				store := opened.Store
				if together {
					store = batch.Store
				}
				var group errgroup.Group
				group.SetLimit(8)
				for i := range 200 {
					group.Go(func() error {
						_, err := store(b.Context(), bucket.MediaKey(fmt.Sprint(imports), fmt.Sprint(i)), strings.NewReader(content), "image/png")
						return err
					})
				}
				require.NoError(b, group.Wait())
				require.NoError(b, batch.Flush())
			}
		})
	}
}
