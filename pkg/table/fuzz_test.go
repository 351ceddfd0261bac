package table_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/table"
)

// FuzzCSV reads any bytes as CSV. Whatever they are, they end in rows or in a fault
// with its place, twice the same; and what was read can be written and read again.
func FuzzCSV(f *testing.F) {
	for _, file := range []string{
		"a,b\nc,d\n", "sep=;\r\na;\"b\r\n\"\"c\"\r\n", "\ufeffa\tb\rc\td\r", "\xff\xfea\x00,\x00b\x00\n\x00", "a;b\x00\xe9\n", "a,\"b", "a|b\n\"c\"d|e", "'=1,-2\n",
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) { anyFile(t, string(file), table.CSV) })
}

// FuzzXLSX reads any bytes as a workbook.
func FuzzXLSX(f *testing.F) {
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1E\x00n\x00c\x00"))
	f.Add([]byte("<html>"))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, file []byte) { anyFile(t, string(file), table.XLSX) })
}

// FuzzSheet reads any bytes as the parts of a workbook.
func FuzzSheet(f *testing.F) {
	const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><cellXfs><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	f.Add([]byte(oneSheet), []byte(`<worksheet><sheetData><row r="2"><c r="B2" t="s" s="1"><v>0</v></c><c s="0"><v>1.5</v></c><c t="d"><v>2031-05-02</v></c></row></sheetData></worksheet>`),
		[]byte(`<sst><si><t>a_x000D_</t><rPh><t>b</t></rPh></si></sst>`), []byte(styles))
	f.Add([]byte(strings.Replace(oneSheet, "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)),
		[]byte(`<worksheet><sheetData><row><c r="XFD1" t="inlineStr"><is><r><t>&lt;</t></r></is></c></row><row><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>1</f><v>x</v></c></row></sheetData></worksheet>`),
		[]byte(`<sst/>`), []byte(styles))
	f.Fuzz(func(t *testing.T, book, sheet, texts, styles []byte) {
		anyFile(t, zipOf(t, "_rels/.rels", rootParts, "xl/workbook.xml", string(book), "xl/_rels/workbook.xml.rels",
			strings.Replace(bookParts, "</R", `<Relationship Id="3" Type="x/styles" Target="styles.xml"/></R`, 1),
			"xl/worksheets/sheet1.xml", string(sheet), "xl/sharedStrings.xml", string(texts), "xl/styles.xml", string(styles)), table.XLSX)
	})
}

// anyFile holds a file to what holds for all.
func anyFile(t *testing.T, file string, format table.Format) {
	t.Helper()
	dialect, records, err := read(t, file, format)
	again, twice, errAgain := read(t, file, format)
	require.Equal(t, dialect, again)
	require.Equal(t, records, twice)
	require.Equal(t, err, errAgain)
	if err != nil {
		fault, ok := errors.AsType[*table.Fault](err)
		require.True(t, ok, "%v", err)
		require.NotEmpty(t, fault.Reason)
	}
	line := 0
	var rows [][]string
	for _, rec := range records {
		require.NotEmpty(t, rec.Cells)
		require.LessOrEqual(t, len(rec.Cells), table.MaxColumns)
		require.NotEmpty(t, strings.TrimSpace(strings.Join(rec.Cells, "")))
		if format == table.CSV {
			require.Greater(t, rec.Places[0].Line, line)
			line = rec.Places[len(rec.Places)-1].Line
		}
		for i, cell := range rec.Cells {
			require.Positive(t, rec.Places[i].Column)
			if format == table.XLSX {
				require.Equal(t, i+1, rec.Places[i].Column)
			}
			rec.Cells[i] = strings.ToValidUTF8(cell, "\ufffd")
		}
		rows = append(rows, rec.Cells)
	}
	for _, format := range []table.Format{table.CSV, table.XLSX} {
		_, back, err := read(t, written(t, format, append([][]string{{"Column A", "Column B"}}, rows...)), format)
		require.NoError(t, err)
		for i, rec := range back[1:] {
			for j := range rec.Cells {
				rec.Cells[j] = table.Plain(rec.Cells[j])
			}
			want := rows[i]
			if format == table.XLSX { // which knows no empty cells at the end
				want = trimmed(want)
				rec.Cells = trimmed(rec.Cells)
			}
			require.Equal(t, want, rec.Cells)
		}
	}
}

func trimmed(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
