package table_test

import (
	"archive/zip"
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/table"
)

const million = 1_000_000

// member is one row of a list of a million, in which next to nothing is said twice.
func member(i int) []string {
	return []string{
		fmt.Sprintf("angel_%07d", i), fmt.Sprintf("angel%07d@volunteers.example.org", i), fmt.Sprintf("Vorname%d", i*7919%million),
		fmt.Sprintf("Nachname-%d", i*104729%million), fmt.Sprintf("%08x%08x", i*2654435761, i*40503), fmt.Sprintf("+49170%07d", i),
		"Zürich", "2031-05-02", fmt.Sprint(18 + i%50),
	}
}

var memberHeader = []string{"nick", "email", "first name", "last name", "password", "mobile", "city", "planned arrival", "age"}

func BenchmarkMillionRowsOfCSV(b *testing.B) {
	benchmarkMillion(b, table.CSV, 128, func(file *os.File) { writeMillion(b, file, table.CSV) })
}

func BenchmarkMillionRowsOfAWorkbookWrittenByUs(b *testing.B) {
	benchmarkMillion(b, table.XLSX, 256, func(file *os.File) { writeMillion(b, file, table.XLSX) })
}

// Excel keeps texts apart from cells, in the order in which they were written down.
func BenchmarkMillionRowsOfAWorkbookOfSharedStrings(b *testing.B) {
	benchmarkMillion(b, table.XLSX, 256, func(file *os.File) { writeShared(b, file, func(i int) int { return i }) })
}

// Where somebody has sorted the sheet since then, its cells name them in any order.
func BenchmarkMillionRowsOfASortedWorkbook(b *testing.B) {
	benchmarkMillion(b, table.XLSX, 256, func(file *os.File) { writeShared(b, file, func(i int) int { return i * 7919 % million }) })
}

// benchmarkMillion reads a file of a million rows, and fails where the process has
// more memory for it than so many MiB.
func benchmarkMillion(b *testing.B, format table.Format, most float64, write func(*os.File)) {
	file, err := os.Create(filepath.Join(b.TempDir(), "million"))
	require.NoError(b, err)
	defer func() { require.NoError(b, file.Close()) }()
	write(file)
	about, err := file.Stat()
	require.NoError(b, err)
	runtime.GC()
	debug.FreeOSMemory()

	peak := uint64(0)
	begin := time.Now()
	b.ResetTimer()
	for range b.N {
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for tick := time.NewTicker(10 * time.Millisecond); ; {
				peak = max(peak, memory())
				select {
				case <-tick.C:
				case <-stop:
					tick.Stop()
					return
				}
			}
		}()
		tab, err := table.Open(file, about.Size(), format)
		require.NoError(b, err)
		rows := 0
		for rec, err := range tab.Records() {
			require.NoError(b, err)
			if rows%100_000 == 1 {
				require.Len(b, rec.Cells, len(memberHeader))
			}
			rows++
		}
		require.Equal(b, 1+million, rows)
		require.NoError(b, tab.Close())
		close(stop)
		<-done
	}
	b.StopTimer()
	mib := float64(peak) / (1 << 20)
	b.ReportMetric(mib, "MiB")
	b.ReportMetric(float64(b.N)*million/time.Since(begin).Seconds(), "rows/s")
	b.ReportMetric(float64(about.Size())/(1<<20), "MiB-file")
	if mib > most {
		b.Fatalf("%.0f MiB of memory, of %.0f", mib, most)
	}
}

// memory is what the process has of the system: all that the runtime has got, but
// for what it has given back.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

func writeMillion(b *testing.B, file *os.File, format table.Format) {
	b.Helper()
	out := bufio.NewWriterSize(file, 1<<20)
	w, err := table.NewWriter(out, format)
	require.NoError(b, err)
	require.NoError(b, w.Write(memberHeader))
	for i := range million {
		require.NoError(b, w.Write(member(i)))
	}
	require.NoError(b, w.Close())
	require.NoError(b, out.Flush())
}

// writeShared writes a workbook as Excel does. order says which member stands in a
// row; age and mobile are numbers.
func writeShared(b *testing.B, file *os.File, order func(int) int) {
	b.Helper()
	z := zip.NewWriter(file)
	part := func(name string, fill func(*bufio.Writer)) {
		f, err := z.Create(name)
		require.NoError(b, err)
		out := bufio.NewWriterSize(f, 1<<20)
		fill(out)
		require.NoError(b, out.Flush())
	}
	for name, content := range map[string]string{"_rels/.rels": rootParts, "xl/workbook.xml": oneSheet, "xl/_rels/workbook.xml.rels": bookParts} {
		part(name, func(out *bufio.Writer) { _, _ = out.WriteString(content) })
	}
	texts := func(row []string) []string { return append(row[:5:5], row[6:8]...) }
	each := len(texts(memberHeader))
	part("xl/sharedStrings.xml", func(out *bufio.Writer) {
		_, _ = out.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><sst>`)
		for i := range million {
			for _, text := range texts(member(i)) {
				_, _ = fmt.Fprintf(out, "<si><t>%s</t></si>", text)
			}
		}
		for _, text := range memberHeader {
			_, _ = fmt.Fprintf(out, "<si><t>%s</t></si>", text)
		}
		_, _ = out.WriteString(`</sst>`)
	})
	part("xl/worksheets/sheet1.xml", func(out *bufio.Writer) {
		_, _ = out.WriteString(`<worksheet><sheetData><row r="1">`)
		for i := range memberHeader {
			_, _ = fmt.Fprintf(out, `<c r="%c1" t="s"><v>%d</v></c>`, 'A'+i, million*each+i)
		}
		_, _ = out.WriteString("</row>")
		for i := range million {
			member := order(i)
			_, _ = fmt.Fprintf(out, `<row r="%d" spans="1:9" x14ac:dyDescent="0.25">`, i+2)
			for j := range each {
				_, _ = fmt.Fprintf(out, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+j, i+2, member*each+j)
			}
			_, _ = fmt.Fprintf(out, `<c r="H%d"><v>49170%07d</v></c><c r="I%d"><v>%d</v></c></row>`, i+2, member, i+2, 18+member%50)
		}
		_, _ = out.WriteString("</sheetData></worksheet>")
	})
	require.NoError(b, z.Close())
}
