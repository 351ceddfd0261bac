// Package table reads and writes tables, as CSV and as Excel workbooks. It knows
// nothing of what stands in them: cells are text, each with its place in the file.
// A file is whatever somebody has; so its dialect is found out, its own faults
// are told from failing to read it, and memory is bounded whatever its size.
package table

import (
	"fmt"
	"io"
	"iter"
)

// Format is how a table is written down.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// The bounds of what is read. All but the first are far beyond what people have;
// they hold what a hostile file may cost.
const (
	// MaxRecord is how many bytes the text of a row may have.
	MaxRecord = 1 << 20
	// MaxColumns is how many cells a row may have: as many as in Excel.
	MaxColumns = 16_384
	// MaxSheets is how many sheets a workbook may have.
	MaxSheets = 255
	// MaxUnpacked is how many bytes the strings of a workbook, or one of its sheets,
	// may have without compression.
	MaxUnpacked = 1 << 30
)

// Table is a file that is read as rows of cells.
type Table struct {
	dialect Dialect
	records func() iter.Seq2[Record, error]
}

// Dialect is what has been found out about how a table is written.
type Dialect struct {
	// Encoding is that of CSV: UTF-8, UTF-16LE, UTF-16BE or Windows-1252, which
	// has Latin-1 in it.
	Encoding string
	// BOM tells whether the file says its encoding itself.
	BOM bool
	// Delimiter is what stands between the cells of CSV.
	Delimiter rune
	// LineEnd is how the first rows of CSV end: LF, CRLF, CR or mixed; nothing
	// where there is one row without an end.
	LineEnd string
	// Sheet is the sheet of a workbook that is read: the first that is visible and
	// has anything in it.
	Sheet string
	// Sheets are the workbook's other sheets.
	Sheets []string
}

// Record is one row of a table.
type Record struct {
	Cells  []string
	Places []Place
}

// Place is where something stands, counted from 1. In CSV Line is the line of the
// file, and Column counts the bytes of its text in UTF-8, without the BOM. In a
// workbook they are the numbers of row and column.
type Place struct{ Line, Column int }

// Open finds out how a table is written. It reads from content also later, and more
// than once. What is the file's fault is a *Fault; any other error is not.
func Open(content io.ReaderAt, size int64, format Format) (*Table, error) {
	switch format {
	case CSV:
		return openText(content, size)
	case XLSX:
		return openWorkbook(content, size)
	}
	return nil, fmt.Errorf("table: unknown format %q", format)
}

// Dialect returns how the table is written.
func (t *Table) Dialect() Dialect { return t.dialect }

// Records yields the rows from the beginning, at each call anew. Rows that are
// blank are left out. An error ends the reading: a *Fault is the file's own.
//
// In CSV a row has as many cells as stand in the file. The rows of a workbook are
// at least as wide as its first, and end with the last cell that is not empty.
func (t *Table) Records() iter.Seq2[Record, error] { return t.records() }

// Close lets go of what reading has needed. The content is the caller's to close.
func (t *Table) Close() error {
	t.records = nil
	return nil
}
