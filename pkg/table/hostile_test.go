package table_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/usher-events/usher/pkg/table"
)

func TestFilesThatAreNoTableSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	zipped := func(names ...string) string {
		return zipOf(t, names...)
	}
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1000)
	var locked bytes.Buffer
	f := excelize.NewFile()
	require.NoError(t, f.Write(&locked, excelize.Options{Password: "horse"}))
	require.NoError(t, f.Close())
	good := workbook(t, func(f *excelize.File) { require.NoError(t, f.SetCellValue("Sheet1", "A1", strings.Repeat("x", 1000))) })

	for name, c := range map[string]struct {
		file   string
		format table.Format
		want   table.Reason
	}{
		"empty":           {"", table.XLSX, table.NotWorkbook},
		"csv":             {"a,b\n", table.XLSX, table.NotWorkbook},
		"xls":             {ole, table.XLSX, table.OldExcel},
		"encrypted":       {locked.String(), table.XLSX, table.Encrypted},
		"html":            {"\ufeff \n<html><table>", table.XLSX, table.WebPage},
		"a cut zip":       {good[:len(good)/2], table.XLSX, table.Damaged},
		"another zip":     {zipped("readme.txt", "hello"), table.XLSX, table.NotWorkbook},
		"ods":             {zipped("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), table.XLSX, table.OpenDocument},
		"docx":            {zipped("_rels/.rels", `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`, "word/document.xml", "<x/>"), table.XLSX, table.NotWorkbook},
		"xlsb":            {zipped("_rels/.rels", `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>`), table.XLSX, table.OldExcel},
		"no sheet":        {zipped("_rels/.rels", `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`, "xl/workbook.xml", "<workbook/>"), table.XLSX, table.NotWorkbook},
		"xlsx as csv":     {good, table.CSV, table.NotText},
		"xls as csv":      {ole, table.CSV, table.NotText},
		"an open quote":   {"a,\"b\nc,d\n", table.CSV, table.Quotes},
		"text behind one": {"a,\"b\"c\n", table.CSV, table.Quotes},
		"one after blank": {"a, \"b,c\"\n", table.CSV, table.Quotes},
	} {
		_, _, err := read(t, c.file, c.format)
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%s: %v", name, err)
		require.Equal(t, c.want, fault.Reason, name)
		require.NotEmpty(t, fault.Error())
	}
}

// zipOf makes a zip of names and contents.
func zipOf(t *testing.T, entries ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i])
		require.NoError(t, err)
		_, err = io.WriteString(f, entries[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.String()
}

const (
	rootParts = `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`
	bookParts = `<Relationships><Relationship Id="1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	oneSheet  = `<workbook><sheets><sheet name="A" r:id="1"/></sheets></workbook>`
)

// raw makes a workbook of one sheet and its strings, as they are given.
func raw(t *testing.T, sheet, sharedStrings string) string {
	t.Helper()
	return zipOf(t, "_rels/.rels", rootParts, "xl/workbook.xml", oneSheet, "xl/_rels/workbook.xml.rels", bookParts,
		"xl/worksheets/sheet1.xml", sheet, "xl/sharedStrings.xml", sharedStrings)
}

func TestWorkbooksThatAreBrokenInsideAreNotTakenForShortOnes(t *testing.T) {
	t.Parallel()
	const row = `<row><c t="inlineStr"><is><t>a</t></is></c></row>`
	for name, sheet := range map[string]string{
		"ends between rows":    `<worksheet><sheetData>` + row,
		"ends within a tag":    `<worksheet><sheetData>` + row + `<row`,
		"no xml":               "a,b\n",
		"another document":     `<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData>` + row + `</sheetData></worksheet>`,
		"an entity":            `<worksheet><sheetData><row><c t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>`,
		"too deep":             `<worksheet>` + strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000) + `<sheetData>` + row + `</sheetData></worksheet>`,
		"no such string":       `<worksheet><sheetData><row><c t="s"><v>7</v></c></row></sheetData></worksheet>`,
		"string without index": `<worksheet><sheetData><row><c t="s"/></row></sheetData></worksheet>`,
		"no such row":          `<worksheet><sheetData><row r="0"><c><v>7</v></c></row></sheetData></worksheet>`,
		"no such column":       `<worksheet><sheetData><row><c r="7"><v>7</v></c></row></sheetData></worksheet>`,
		"the same cell twice":  `<worksheet><sheetData><row><c r="A1"><v>7</v></c><c r="A1"><v>7</v></c></row></sheetData></worksheet>`,
	} {
		_, records, err := read(t, raw(t, sheet, `<sst/>`), table.XLSX)
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%s: %v %v", name, err, records)
		require.Equal(t, table.Damaged, fault.Reason, name)
	}
}

func TestStringsOfEastAsiaAndEscapesAreReadAsPeopleSeeThem(t *testing.T) {
	t.Parallel()
	file := raw(t, `<x:worksheet xmlns:x="y"><x:sheetData><x:row><x:c t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>0</x:v></x:c><x:c t="d"><x:v>2031-05-02T00:00:00</x:v></x:c><x:c t="inlineStr"><x:is><x:t>大阪</x:t><x:rPh><x:t>オオサカ</x:t></x:rPh></x:is></x:c></x:row></x:sheetData></x:worksheet>`,
		`<sst><si><t>a_x000D_b_x005F_x000D__xD83D__xDE00_</t></si><si><t>東京</t><rPh sb="0" eb="1"><t>トウキョウ</t></rPh></si></sst>`)
	_, records, err := read(t, file, table.XLSX)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"東京", "a\rb_x000D_😀", "2031-05-02", "大阪"}}, cells(records))
}

func TestWorkbookWhoseListOfSheetsIsCutOffIsDamaged(t *testing.T) {
	t.Parallel()
	for _, book := range []string{"", `<workbook><sheets><sheet name="A" r:id="1"/><sheet`, `<workbook><sheets><sheet name="A" r:id="1"/>`} {
		_, _, err := read(t, zipOf(t, "_rels/.rels", rootParts, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", bookParts,
			"xl/worksheets/sheet1.xml", `<worksheet><sheetData/></worksheet>`), table.XLSX)
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, table.Damaged, fault.Reason, book)
	}
}

func TestWorkbooksAreBounded(t *testing.T) {
	t.Parallel()
	names := []string{"_rels/.rels", rootParts}
	for i := range 80 {
		names = append(names, strings.Repeat("x", 60_000)+strconv.Itoa(i), "")
	}
	for name, c := range map[string]struct {
		file string
		want table.Reason
	}{
		"directory": {zipOf(t, names...), table.TooLarge},
		"cells": {
			raw(t, `<worksheet><sheetData>`+strings.Repeat(`<row><c r="XFD1"/></row>`, 5000)+`</sheetData></worksheet>`, `<sst/>`), table.TooLarge,
		},
		"sheets": {
			zipOf(t, "_rels/.rels", rootParts, "xl/workbook.xml", `<workbook><sheets>`+strings.Repeat(`<sheet name="A" r:id="1"/>`, table.MaxSheets+1)+`</sheets></workbook>`,
				"xl/_rels/workbook.xml.rels", bookParts, "xl/worksheets/sheet1.xml", `<worksheet><sheetData/></worksheet>`), table.TooManySheets,
		},
	} {
		_, _, err := read(t, c.file, table.XLSX)
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%s: %v", name, err)
		require.Equal(t, c.want, fault.Reason, name)
	}
}

// endless is a text that goes on as long as is asked for, and fails nobody.
type endless struct{ begin, repeat string }

func (e endless) ReadAt(p []byte, at int64) (int, error) {
	for n := 0; n < len(p); {
		rest := e.begin[min(at+int64(n), int64(len(e.begin))):]
		if rest == "" {
			rest = e.repeat[(at+int64(n-len(e.begin)))%int64(len(e.repeat)):]
		}
		n += copy(p[n:], rest)
	}
	return len(p), nil
}

func TestQuoteThatIsNeverClosedCostsOneRow(t *testing.T) {
	t.Parallel()
	begin := "a,b\nc,\"d"
	tab, err := table.Open(endless{begin, strings.Repeat("e,f\n", 100_000)}, 100<<20, table.CSV)
	require.NoError(t, err)
	var rows int
	for _, err = range tab.Records() {
		rows++
	}
	fault, ok := errors.AsType[*table.Fault](err)
	require.True(t, ok)
	require.Equal(t, table.Fault{Reason: table.RowTooLong, Place: table.Place{Line: 2, Column: 1}, Row: 2}, *fault)
	require.Equal(t, 2, rows)
}

func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   string
		format table.Format
		want   table.Reason
	}{
		"bytes":              {"a,b\n" + strings.Repeat("x", table.MaxRecord+1), table.CSV, table.RowTooLong},
		"columns":            {"a,b\n" + strings.Repeat(",", 1_000_000), table.CSV, table.TooManyColumns},
		"columns of a sheet": {raw(t, `<worksheet><sheetData><row><c r="XFE1"><v>1</v></c></row></sheetData></worksheet>`, `<sst/>`), table.XLSX, table.TooManyColumns},
		"one text": {
			raw(t, `<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`, `<sst><si><t>`+strings.Repeat("x", 300<<10)+`</t></si></sst>`),
			table.XLSX, table.TooLarge,
		},
		"one text, again and again": {
			raw(t, `<worksheet><sheetData><row>`+strings.Repeat(`<c t="s"><v>0</v></c>`, 10_000)+`</row></sheetData></worksheet>`, `<sst><si><t>`+strings.Repeat("x", 32_767)+`</t></si></sst>`),
			table.XLSX, table.RowTooLong,
		},
	} {
		_, _, err := read(t, c.file, c.format)
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%s: %v", name, err)
		require.Equal(t, c.want, fault.Reason, name)
	}
	_, records, err := read(t, "a"+strings.Repeat(",", table.MaxColumns-1)+"\n"+strings.Repeat("x", table.MaxRecord)+"\n", table.CSV)
	require.NoError(t, err)
	require.Len(t, records[0].Cells, table.MaxColumns)
	require.Len(t, records[1].Cells[0], table.MaxRecord)
}

func TestWhoKeepsAShortCellDoesNotKeepItsLongRow(t *testing.T) {
	const rows = 64
	list := strings.Repeat("ada,"+strings.Repeat("x", table.MaxRecord-100)+"\n", rows)
	var kept []string
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tab, err := table.Open(strings.NewReader(list), int64(len(list)), table.CSV)
	require.NoError(t, err)
	for rec, err := range tab.Records() {
		require.NoError(t, err)
		kept = append(kept, rec.Cells[0])
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Len(t, kept, rows)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(8*table.MaxRecord))
	runtime.KeepAlive(kept)
	runtime.KeepAlive(list)
}

// Each of them is a sheet of 32 MiB in a file of less than 64 KiB. What is between the
// tags of a row is long, because it packs better, and a bomb may become no more than its
// bytes allow.
func TestZipBombsEndBeforeTheyAreUnpacked(t *testing.T) {
	for name, c := range map[string]struct {
		inside string
		want   table.Reason
	}{
		"elements within elements": {"<a>", table.Damaged},
		"rows":                     {`<row r="1">` + strings.Repeat(" ", 64<<10) + "</row>", table.TooLarge},
		"cells":                    {"<c></c>", table.TooManyColumns},
		"one text":                 {"x", table.TooLarge},
	} {
		file := bomb(t, "<worksheet><sheetData>", strings.Repeat(c.inside, 1<<20/len(c.inside)), 32)
		require.Less(t, len(file), 64<<10)

		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := read(t, file, table.XLSX)
		runtime.ReadMemStats(&after)
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%s: %v", name, err)
		require.Equal(t, c.want, fault.Reason, name)
		require.Less(t, int64(after.HeapSys)-int64(before.HeapSys), int64(32<<20), name)
	}
}

// bomb makes a workbook whose sheet has a block of text so many times. The block is
// packed once and its bytes are repeated: packing all of it would take much longer than
// the reader needs to refuse it.
func bomb(t *testing.T, begin, block string, times int) string {
	t.Helper()
	var sheet bytes.Buffer
	deflate, err := flate.NewWriter(&sheet, flate.BestCompression)
	require.NoError(t, err)
	_, err = io.WriteString(deflate, begin)
	require.NoError(t, err)
	require.NoError(t, deflate.Flush())
	first := sheet.Len()
	deflate.Reset(&sheet) // what is repeated must not lean on what came before
	_, err = io.WriteString(deflate, block)
	require.NoError(t, err)
	require.NoError(t, deflate.Flush())
	sheet.Write(bytes.Repeat(sheet.Bytes()[first:], times-1))
	require.NoError(t, deflate.Close())
	sum := crc32.ChecksumIEEE([]byte(begin))
	for range times {
		sum = crc32.Update(sum, crc32.IEEETable, []byte(block))
	}

	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range [][2]string{{"_rels/.rels", rootParts}, {"xl/workbook.xml", oneSheet}, {"xl/_rels/workbook.xml.rels", bookParts}} {
		f, err := w.Create(part[0])
		require.NoError(t, err)
		_, err = io.WriteString(f, part[1])
		require.NoError(t, err)
	}
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: sum,
		CompressedSize64: uint64(sheet.Len()), UncompressedSize64: uint64(len(begin) + times*len(block)),
	})
	require.NoError(t, err)
	_, err = f.Write(sheet.Bytes())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func TestFailingToReadIsNoFaultOfTheFile(t *testing.T) {
	t.Parallel()
	away := errors.New("the store is away")
	good := workbook(t, func(f *excelize.File) { require.NoError(t, f.SetCellValue("Sheet1", "A1", "a")) })
	for _, c := range []struct {
		file   string
		format table.Format
	}{{good, table.XLSX}, {"a,b\nc,d\n", table.CSV}} {
		for allowed := range 60 {
			r := &failing{content: strings.NewReader(c.file), left: allowed, err: away}
			tab, err := table.Open(r, int64(len(c.file)), c.format)
			if err == nil {
				for _, err = range tab.Records() {
				}
			}
			if r.left >= 0 {
				require.NoError(t, err)
				break
			}
			require.ErrorIs(t, err, away)
			_, ok := errors.AsType[*table.Fault](err)
			require.False(t, ok)
		}
	}
}

// failing can be read so often.
type failing struct {
	content io.ReaderAt
	left    int
	err     error
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, f.err
	}
	return f.content.ReadAt(p, at)
}
