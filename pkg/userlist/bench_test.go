package userlist_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

// BenchmarkMillionUsers reads a list of a million rows, of which one in a thousand
// repeats a nick, and tells how much of the heap was in use at most.
func BenchmarkMillionUsers(b *testing.B) {
	for _, format := range []table.Format{table.CSV, table.XLSX} {
		b.Run(string(format), func(b *testing.B) {
			f := million(b, format)
			info, err := f.Stat()
			require.NoError(b, err)
			debug.FreeOSMemory()
			var most uint64
			for b.Loop() {
				l, err := userlist.Open(f, info.Size(), userlist.Options{Name: "million", Format: format})
				require.NoError(b, err)
				rows := 0
				for _, err := range l.Rows(func(contracts.Issue) {}) {
					if err != nil {
						b.Fatal(err)
					}
					if rows++; rows%50_000 == 1 {
						most = max(most, inUse())
					}
				}
				require.Equal(b, userlist.MaxUsers, rows)
				require.NoError(b, l.Close())
			}
			b.ReportMetric(float64(userlist.MaxUsers*b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
		})
	}
}

// inUse is what the heap has taken from the system.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}

func million(b *testing.B, format table.Format) *os.File {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "million"))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, f.Close()) })
	w, err := table.NewWriter(f, format)
	require.NoError(b, err)
	require.NoError(b, w.Write([]string{"username", "email", "password", "firstname", "lastname", "mobile", "tshirt_size", "planned_arrival_date", "time_zone"}))
	for n := range userlist.MaxUsers {
		nick := fmt.Sprintf("user_%d", n-n%1000/999)
		require.NoError(b, w.Write([]string{
			nick, fmt.Sprintf("user%d@example.org", n), "correct horse", "Ada", "Müller", fmt.Sprintf("+49170%07d", n), "XL", "2031-05-02", "Europe/Berlin",
		}))
	}
	require.NoError(b, w.Close())
	_, err = f.Seek(0, io.SeekStart)
	require.NoError(b, err)
	return f
}
