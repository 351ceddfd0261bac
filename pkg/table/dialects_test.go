package table_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/usher-events/usher/pkg/table"
)

// quoting tells whether a cell gets quotes that it does not need.
type quoting func(random) bool

// foreign writes a table as other programs do, and the lines that its rows begin in.
func (r random) foreign(rows [][]string, delimiter string, needless quoting, announced bool) (string, []int) {
	ends := []string{"\n", "\r\n", "\r"}
	end := func() string { return ends[r.IntN(len(ends))] }
	if r.IntN(2) == 0 {
		same := end()
		end = func() string { return same }
	}
	var out strings.Builder
	if announced {
		out.WriteString("sep=" + delimiter + end())
	}
	var lines []int
	for i, row := range rows {
		so := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(out.String())
		lines = append(lines, 1+strings.Count(so, "\n"))
		for j, cell := range row {
			if j > 0 {
				out.WriteString(delimiter)
			}
			needed := strings.ContainsAny(cell, delimiter+"\r\n") || strings.HasPrefix(strings.TrimLeft(cell, " "), `"`)
			if needed || needless(r) {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			out.WriteString(cell)
		}
		if i < len(rows)-1 || r.IntN(2) == 0 {
			out.WriteString(end())
		}
	}
	return out.String(), lines
}

func TestAnyTableIsReadBackHoweverItWasWritten(t *testing.T) {
	t.Parallel()
	draw := seeded(t)
	type written struct {
		encoding.Encoding
		name string
		bom  bool
	}
	encodings := []written{
		{encoding.Nop, "UTF-8", false},
		{unicode.UTF8BOM, "UTF-8", true},
		{unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16LE", true},
		{unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16BE", true},
		{unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "UTF-16LE", false},
		{unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16BE", false},
		{charmap.Windows1252, "Windows-1252", false},
	}
	quotings := []quoting{
		func(random) bool { return false },
		func(random) bool { return true },
		func(r random) bool { return r.IntN(2) == 0 },
	}
	for range 1000 {
		rows := draw.rows()
		as := encodings[draw.IntN(len(encodings))]
		if as.name == "Windows-1252" {
			rows[0][0] = "Größe" // else it is UTF-8 as well
			for _, row := range rows {
				for i, cell := range row {
					row[i] = strings.NewReplacer("日", "€", "😀", "ñ", "＝", "‰", "\ufeff", "ÿ").Replace(cell)
				}
			}
		}
		delimiter := []string{",", ";", "\t", "|"}[draw.IntN(4)]
		text, lines := draw.foreign(rows, delimiter, quotings[draw.IntN(len(quotings))], draw.IntN(4) == 0)
		file, err := as.NewEncoder().String(text)
		require.NoError(t, err)

		dialect, records, err := read(t, file, table.CSV)
		require.NoError(t, err, "%q", text)
		require.Equal(t, rows, cells(records), "%q", text)
		require.Equal(t, as.name, dialect.Encoding, "%q", text)
		require.Equal(t, as.bom, dialect.BOM)
		require.Equal(t, delimiter, string(dialect.Delimiter))
		for i, rec := range records {
			require.Equal(t, table.Place{Line: lines[i], Column: 1}, rec.Places[0], "%q", text)
		}
	}
}

func TestOneByteAtTheEndTellsTheEncoding(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 3, 64<<10 - 2, 64<<10 - 1, 64 << 10, 200 << 10} {
		body := "name\n" + strings.Repeat("é\n", size/3) // a character lies on every bound
		for end, want := range map[string]string{"": "UTF-8", "é": "UTF-8", "😀": "UTF-8", "\xe9": "Windows-1252", "\xf0\x9f\x98": "Windows-1252", "\xe9\n": "Windows-1252"} {
			dialect, records, err := read(t, body+end, table.CSV)
			require.NoError(t, err)
			require.Equal(t, want, dialect.Encoding, "%d %q", size, end)
			if want != "UTF-8" && size > 2 {
				require.Equal(t, "Ã©", records[1].Cells[0])
			}
		}
	}
}

func TestTextThatSaysItIsUTF8IsBelieved(t *testing.T) {
	t.Parallel()
	dialect, records, err := read(t, "\ufeffname,city\na,b\xe9\n", table.CSV)
	require.NoError(t, err)
	require.Equal(t, "UTF-8", dialect.Encoding)
	require.Equal(t, [][]string{{"name", "city"}, {"a", "b\xe9"}}, cells(records))
}

func TestPlacesAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	_, records, err := read(t, "\ufeffa,\"b\r\nb\",c\r\r\"x\ny\rz\" , é,é,f\n", table.CSV)
	require.NoError(t, err)
	require.Equal(t, []table.Place{{1, 1}, {1, 3}, {2, 4}}, records[0].Places)
	require.Equal(t, []table.Place{{4, 1}, {6, 5}, {6, 9}, {6, 12}}, records[1].Places)
}

func TestFaultsOfQuotesSayWhichOne(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]table.Fault{
		"a,b\nc,\"d\ne,f\n":      {Reason: table.Quotes, Place: table.Place{Line: 2, Column: 3}, Row: 2},
		"a,b\n\"c\nd\",\"e\"f\n": {Reason: table.Quotes, Place: table.Place{Line: 3, Column: 7}, Row: 2},
		"a,b\nc,  \"d\"\n":       {Reason: table.Quotes, Place: table.Place{Line: 2, Column: 5}, Row: 2},
	} {
		_, records, err := read(t, file, table.CSV)
		require.Equal(t, &want, err, "%q", file)
		require.Equal(t, [][]string{{"a", "b"}}, cells(records))
	}
}

func TestRecordsBeginAnewAtEachCall(t *testing.T) {
	t.Parallel()
	for format, file := range map[table.Format]string{
		table.CSV:  "a,b\nc,d\n",
		table.XLSX: written(t, table.XLSX, [][]string{{"a", "b"}, {"c", "d"}}),
	} {
		tab, err := table.Open(strings.NewReader(file), int64(len(file)), format)
		require.NoError(t, err)
		for rec, err := range tab.Records() {
			require.NoError(t, err)
			require.Equal(t, []string{"a", "b"}, rec.Cells)
			break
		}
		var all [][]string
		for rec, err := range tab.Records() {
			require.NoError(t, err)
			all = append(all, slices.Clone(rec.Cells))
		}
		require.Equal(t, [][]string{{"a", "b"}, {"c", "d"}}, all)
		require.NoError(t, tab.Close())
	}
}
