package table_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/table"
)

// read reads all rows of a file.
func read(t *testing.T, file string, format table.Format) (table.Dialect, []table.Record, error) {
	t.Helper()
	tab, err := table.Open(strings.NewReader(file), int64(len(file)), format)
	if err != nil {
		return table.Dialect{}, nil, err
	}
	defer func() { require.NoError(t, tab.Close()) }()
	var all []table.Record
	for rec, err := range tab.Records() {
		if err != nil {
			return tab.Dialect(), all, err
		}
		require.Len(t, rec.Places, len(rec.Cells))
		all = append(all, rec)
	}
	return tab.Dialect(), all, nil
}

// cells are those of rows.
func cells(records []table.Record) [][]string {
	var all [][]string
	for _, rec := range records {
		all = append(all, rec.Cells)
	}
	return all
}

func TestRowsOfCSVAreReadWhateverKeepsThemApart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		want [][]string
		at   table.Dialect
	}{
		"commas":                    {"a,b\nc,d\n", [][]string{{"a", "b"}, {"c", "d"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"semicolons and CRLF":       {"a;b\r\nc;d", [][]string{{"a", "b"}, {"c", "d"}}, table.Dialect{Delimiter: ';', LineEnd: "CRLF"}},
		"tabs and CR":               {"a\tb\rc\td\r", [][]string{{"a", "b"}, {"c", "d"}}, table.Dialect{Delimiter: '\t', LineEnd: "CR"}},
		"bars, all line ends":       {"a|b\nc|d\re|f\r\n\rg|h", [][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}, table.Dialect{Delimiter: '|', LineEnd: "mixed"}},
		"commas within quotes":      {"\"a,b,c\";\"d,e,f\"\n\"g,h,i\";\"j,k,l\"\n", [][]string{{"a,b,c", "d,e,f"}, {"g,h,i", "j,k,l"}}, table.Dialect{Delimiter: ';', LineEnd: "LF"}},
		"commas as decimal signs":   {"a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", [][]string{{"a", "b", "c"}, {"1,5", "2,5", "3,5"}, {"1,5", "2,5", "3,5"}}, table.Dialect{Delimiter: ';', LineEnd: "LF"}},
		"bars within a column":      {"a,b,c\n1,2,x|y\n3,4,x|y\n", [][]string{{"a", "b", "c"}, {"1", "2", "x|y"}, {"3", "4", "x|y"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"one column":                {"a\nb\n", [][]string{{"a"}, {"b"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"a title above":             {"Our volunteers\n\na;b\nc;d\n", [][]string{{"Our volunteers"}, {"a", "b"}, {"c", "d"}}, table.Dialect{Delimiter: ';', LineEnd: "LF"}},
		"announced":                 {"sep=;\r\na,b;c\r\n", [][]string{{"a,b", "c"}}, table.Dialect{Delimiter: ';', LineEnd: "CRLF"}},
		"announced in quotes":       {"\"SEP=^\"\na,b^c\n", [][]string{{"a,b", "c"}}, table.Dialect{Delimiter: '^', LineEnd: "LF"}},
		"a column called sep=":      {"sep=,b\nc,d\n", [][]string{{"sep=", "b"}, {"c", "d"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"blank rows":                {"\n , \na,b\n,,,\n\n", [][]string{{"a", "b"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"ragged rows":               {"a,b\nc\nd,e,f\n,\n", [][]string{{"a", "b"}, {"c"}, {"d", "e", "f"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"quotes amid a cell":        {"5\" disk,a \"b\" c\n\"x\" ,\"\"\"\"\n", [][]string{{`5" disk`, `a "b" c`}, {"x", `"`}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"cells of several lines":    {"\"a\nb\",\"c\r\nd\re\"\nf,g\n", [][]string{{"a\nb", "c\r\nd\re"}, {"f", "g"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"an empty cell at the end":  {"a,b\nc,", [][]string{{"a", "b"}, {"c", ""}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"blanks stay":               {" a , b\n", [][]string{{" a ", " b"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
		"nothing":                   {"", nil, table.Dialect{Delimiter: ','}},
		"characters that are zeros": {"a\x00,b\nc,d\ne,f,gggggggggggggggggg\n", [][]string{{"a\x00", "b"}, {"c", "d"}, {"e", "f", "gggggggggggggggggg"}}, table.Dialect{Delimiter: ',', LineEnd: "LF"}},
	} {
		dialect, records, err := read(t, c.file, table.CSV)
		require.NoError(t, err, name)
		require.Equal(t, c.want, cells(records), name)
		c.at.Encoding = "UTF-8"
		require.Equal(t, c.at, dialect, name)
	}
}

// Long tables are read piece by piece, and the pieces end anywhere: within a cell, between
// its quotes, within a line end.
func TestLongTablesAreReadWithTheirPlacesWhereverAPieceEnds(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\n", "\r\n", "\r"} {
		var file strings.Builder
		var want []table.Record
		line := 1
		for n := range 12_000 {
			rec := table.Record{}
			column := 1
			first := true
			add := func(cell string, quoted bool) {
				if !first {
					file.WriteByte(',')
					column++
				}
				first = false
				rec.Cells = append(rec.Cells, cell)
				rec.Places = append(rec.Places, table.Place{Line: line, Column: column})
				if quoted {
					cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
				}
				file.WriteString(cell)
				column += len(cell)
			}
			add("a"+strings.Repeat("ü", n%17)+"\"", false) // a quote amid a cell stands for itself
			add(strings.Repeat("x", n%29), false)
			add("said \"so\", and "+strings.Repeat("\"", n%5), true)
			two := "of" + end + "two" + strings.Repeat("o", n%7)
			add(two, true)
			line++
			column = len("two") + n%7 + len(`"`) + 1
			add("behind", false)
			file.WriteString(end)
			line++
			want = append(want, rec)
		}
		_, got, err := read(t, file.String(), table.CSV)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
