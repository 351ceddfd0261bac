package table_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/usher-events/usher/pkg/table"
)

// written writes rows.
func written(t *testing.T, format table.Format, rows [][]string) string {
	t.Helper()
	var out bytes.Buffer
	w, err := table.NewWriter(&out, format)
	require.NoError(t, err)
	for _, row := range rows {
		require.NoError(t, w.Write(row))
	}
	require.NoError(t, w.Close())
	return out.String()
}

func TestFormulasAreNeutralizedInEveryCell(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":                        "",
		"plain":                   "plain",
		"a=b+c-d@e":               "a=b+c-d@e",
		"ada@example.org":         "ada@example.org",
		"2031-05-02":              "2031-05-02",
		"=1+1":                    "'=1+1",
		"@SUM(A1)":                "'@SUM(A1)",
		"+4917012345678":          "'+4917012345678",
		"-3":                      "'-3",
		" =1+1":                   "' =1+1",
		"\u00a0=1":                "'\u00a0=1",
		`"=1+1"`:                  `'"=1+1"`,
		"＝1+1":                    "'＝1+1",
		"\ttext":                  "'\ttext",
		"\r\n=1":                  "'\r\n'=1",
		"\x00=1":                  "'\x00=1",
		"x;=1+1;":                 "x;'=1+1;",
		"x\t =1":                  "x\t' =1",
		"x|@a":                    "x|'@a",
		"list\n- one\n- two":      "list\n'- one\n'- two",
		"two\n\nparagraphs":       "two\n\nparagraphs",
		"'quoted'":                "'quoted'",
		"'=1":                     "''=1",
		"''' -1;'+2":              "'''' -1;''+2",
		"'":                       "'",
		"=":                       "'=",
		`=HYPERLINK("http://x/")`: `'=HYPERLINK("http://x/")`,
	} {
		for _, format := range []table.Format{table.CSV, table.XLSX} {
			_, records, err := read(t, written(t, format, [][]string{{"a", "b", "c"}, {"x", cell, "y"}}), format)
			require.NoError(t, err)
			require.Equal(t, []string{"x", want, "y"}, records[1].Cells, "%s %q", format, cell)
			require.Equal(t, cell, table.Plain(want))
		}
	}
}

func TestNoCellOfAWorkbookIsAFormulaForOthers(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(strings.NewReader(written(t, table.XLSX, [][]string{{"a", "=1+1", "", "0049", "4915112345678", "a\rb_x000D_\u0001", "2031-05-02"}})))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	rows, err := f.GetRows("Table")
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a", "'=1+1", "", "0049", "4915112345678", "a\rb_x000D_\u0001", "2031-05-02"}}, rows)
	for _, at := range []string{"A1", "B1", "D1", "E1"} {
		formula, err := f.GetCellFormula("Table", at)
		require.NoError(t, err)
		require.Empty(t, formula)
		kind, err := f.GetCellType("Table", at)
		require.NoError(t, err)
		require.Equal(t, excelize.CellTypeInlineString, kind)
	}
}

func TestCellsThatNoWorkbookTakesAreCutAsExcelWould(t *testing.T) {
	t.Parallel()
	_, records, err := read(t, written(t, table.XLSX, [][]string{{strings.Repeat("ä", 40_000), strings.Repeat("😀", 20_000)}}), table.XLSX)
	require.NoError(t, err)
	require.Equal(t, []string{strings.Repeat("ä", 32_767), strings.Repeat("😀", 16_383)}, records[0].Cells)
}

// random makes cells that readers of tables have trouble with.
type random struct{ *rand.Rand }

func (r random) cell() string {
	signs := []string{
		"a", "Z", "7", " ", "é", "ß", "日", "😀", ",", ";", "\t", "|", `"`, `""`, "'", "\n", "\r", "\r\n", "=", "+", "-", "@", "＝",
		"_x000D_", "_", "x", "_x005F", "0", "\u00a0", "\x01", "<", "&", "]]>", "sep=;", "\ufeff", "NULL", "\\",
	}
	var out strings.Builder
	for range r.IntN(6) {
		out.WriteString(signs[r.IntN(len(signs))])
	}
	return out.String()
}

// rows makes a table with a header of words, as lists have.
func (r random) rows() [][]string {
	width := 2 + r.IntN(6)
	rows := [][]string{make([]string, width)}
	for i := range width {
		rows[0][i] = fmt.Sprintf("Column %c", 'A'+i)
	}
	r.Shuffle(width, func(i, j int) { rows[0][i], rows[0][j] = rows[0][j], rows[0][i] })
	for range r.IntN(8) {
		row := make([]string, width)
		for i := range row {
			row[i] = r.cell()
		}
		row[r.IntN(width)] = "x" + r.cell() // a blank row would be left out
		rows = append(rows, row)
	}
	return rows
}

// seeded returns what a test draws from, and tells the seed where it fails.
func seeded(t *testing.T) random {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return random{rand.New(rand.NewPCG(seed, 0))}
}

func TestWhatIsWrittenIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	draw := seeded(t)
	for range 300 {
		rows := draw.rows()
		for _, format := range []table.Format{table.CSV, table.XLSX} {
			_, records, err := read(t, written(t, format, rows), format)
			require.NoError(t, err)
			back := cells(records)
			for _, row := range back {
				for i := range row {
					row[i] = table.Plain(row[i])
				}
			}
			require.Equal(t, rows, back, format)
		}
	}
}
