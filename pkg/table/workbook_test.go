package table_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/usher-events/usher/pkg/table"
)

// workbook makes a file with another program than ours.
func workbook(t *testing.T, fill func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { require.NoError(t, f.Close()) }()
	fill(f)
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	return out.String()
}

// style makes one with a format of numbers.
func style(t *testing.T, f *excelize.File, code string) int {
	t.Helper()
	id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	require.NoError(t, err)
	return id
}

func builtIn(t *testing.T, f *excelize.File, id int) int {
	t.Helper()
	style, err := f.NewStyle(&excelize.Style{NumFmt: id})
	require.NoError(t, err)
	return style
}

func TestCellsOfAWorkbookAreReadByWhatTheyAre(t *testing.T) {
	t.Parallel()
	type cell struct {
		value any
		style func(*testing.T, *excelize.File) int
		want  string
	}
	custom := func(code string) func(*testing.T, *excelize.File) int {
		return func(t *testing.T, f *excelize.File) int { t.Helper(); return style(t, f, code) }
	}
	numbered := func(id int) func(*testing.T, *excelize.File) int {
		return func(t *testing.T, f *excelize.File) int { t.Helper(); return builtIn(t, f, id) }
	}
	day := time.Date(2031, 5, 2, 0, 0, 0, 0, time.UTC)
	cells := []cell{
		{"plain", nil, "plain"},
		{"0049", nil, "0049"},
		{" two  blanks ", nil, " two  blanks "},
		{"two\nlines", nil, "two\nlines"},
		{"日本語 😀", nil, "日本語 😀"},
		{int64(4915112345678), nil, "4915112345678"},
		{int64(4915112345678901234), nil, "4915112345678901234"},
		{4.915112345678e12, nil, "4915112345678"},
		{1e21, nil, "1000000000000000000000"},
		{1.1, nil, "1.1"},
		{-3, nil, "-3"},
		{30, custom("0.00"), "30"},
		{42, custom("00000"), "00042"},
		{42, custom(`"Nr. d"0`), "42"},
		{42, custom(`[Red]0;[Blue]-0`), "42"},
		{true, nil, "TRUE"},
		{false, nil, "FALSE"},
		{day, custom("yyyy-mm-dd"), "2031-05-02"},
		{day, custom(`dd\.mm\.yyyy`), "2031-05-02"},
		{day, custom(`[$-407]d. mmmm yyyy;@`), "2031-05-02"},
		{day, numbered(14), "2031-05-02"},
		{day.Add(17*time.Hour + 30*time.Minute), numbered(22), "2031-05-02 17:30:00"},
		{day.Add(90*time.Second + 250*time.Millisecond), custom("yyyy-mm-dd hh:mm:ss"), "2031-05-02 00:01:30.25"},
		{0.75, numbered(20), "18:00:00"},
		{1.5, custom("[h]:mm"), "1.5"},
		{1, numbered(14), "1900-01-01"},
		{59, numbered(14), "1900-02-28"},
		{60, numbered(14), "60"},
		{61, numbered(14), "1900-03-01"},
		{-1, numbered(14), "-1"},
		{1e9, numbered(14), "1000000000"},
		{nil, nil, ""},
		{"last", nil, "last"},
	}
	file := workbook(t, func(f *excelize.File) {
		for i, c := range cells {
			at, err := excelize.CoordinatesToCellName(i+1, 3)
			require.NoError(t, err)
			require.NoError(t, f.SetCellValue("Sheet1", at, c.value))
			if c.style != nil {
				require.NoError(t, f.SetCellStyle("Sheet1", at, at, c.style(t, f)))
			}
		}
	})
	_, records, err := read(t, file, table.XLSX)
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.Len(t, records[0].Cells, len(cells))
	for i, c := range cells {
		require.Equal(t, c.want, records[0].Cells[i], "%d: %v", i, c.value)
		require.Equal(t, table.Place{Line: 3, Column: i + 1}, records[0].Places[i])
	}
}

func TestFormulasAreReadByTheValueThatTheyHad(t *testing.T) {
	t.Parallel()
	file := workbook(t, func(f *excelize.File) {
		require.NoError(t, f.SetCellValue("Sheet1", "A1", 42))
		require.NoError(t, f.SetCellFormula("Sheet1", "A1", "6*7"))
		require.NoError(t, f.SetCellValue("Sheet1", "B1", "x"))
		require.NoError(t, f.MergeCell("Sheet1", "C1", "D1"))
		require.NoError(t, f.SetCellValue("Sheet1", "C1", "merged"))
		require.NoError(t, f.SetCellRichText("Sheet1", "E1", []excelize.RichTextRun{{Text: "two "}, {Text: "runs", Font: &excelize.Font{Bold: true}}}))
		require.NoError(t, f.SetRowVisible("Sheet1", 1, false))
	})
	_, records, err := read(t, file, table.XLSX)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"42", "x", "merged", "", "two runs"}}, cells(records))
}

func TestTheFirstSheetThatCanBeSeenAndHasCellsIsRead(t *testing.T) {
	t.Parallel()
	file := workbook(t, func(f *excelize.File) {
		for _, name := range []string{"Hidden", "Empty", "Crew", "More"} {
			_, err := f.NewSheet(name)
			require.NoError(t, err)
		}
		require.NoError(t, f.SetCellValue("Hidden", "A1", "hidden"))
		require.NoError(t, f.SetCellValue("Empty", "A7", " "))
		require.NoError(t, f.SetCellValue("Crew", "A1", "crew"))
		require.NoError(t, f.SetCellValue("More", "A1", "more"))
		require.NoError(t, f.SetSheetVisible("Hidden", false))
	})
	dialect, records, err := read(t, file, table.XLSX)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"crew"}}, cells(records))
	require.Equal(t, table.Dialect{Sheet: "Crew", Sheets: []string{"Sheet1", "Hidden", "Empty", "More"}}, dialect)
}

func TestRowsOfAWorkbookAreAsWideAsTheFirst(t *testing.T) {
	t.Parallel()
	file := workbook(t, func(f *excelize.File) {
		for at, value := range map[string]string{"A2": "a", "B2": "b", "C2": "c", "A4": "short", "B6": "gap", "E7": "wide"} {
			require.NoError(t, f.SetCellValue("Sheet1", at, value))
		}
		bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
		require.NoError(t, err)
		require.NoError(t, f.SetCellStyle("Sheet1", "A1", "Z9", bold))
	})
	_, records, err := read(t, file, table.XLSX)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a", "b", "c"}, {"short", "", ""}, {"", "gap", ""}, {"", "", "", "", "wide"}}, cells(records))
	require.Equal(t, []table.Place{{6, 1}, {6, 2}, {6, 3}}, records[2].Places)
}

func TestWorkbooksOfTheFirstMacsCountFromAnotherDay(t *testing.T) {
	t.Parallel()
	file := workbook(t, func(f *excelize.File) {
		yes := true
		require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
		require.NoError(t, f.SetCellValue("Sheet1", "A1", 0))
		require.NoError(t, f.SetCellValue("Sheet1", "B1", 46_507))
		require.NoError(t, f.SetCellStyle("Sheet1", "A1", "B1", builtIn(t, f, 14)))
	})
	_, records, err := read(t, file, table.XLSX)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1904-01-01", "2031-05-01"}}, cells(records))
}
