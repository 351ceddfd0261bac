package table

import (
	"encoding/csv"
	"fmt"
	"io"
)

// Writer writes a table, row by row. In every cell formulas are neutralized; Plain
// gives back what it was.
type Writer interface {
	// Write writes a row, the first of which is the header. It may stay in a buffer.
	Write(cells []string) error
	// Close ends the table. What it was written to is the caller's to close.
	Close() error
}

// NewWriter begins a table. CSV is UTF-8 with commas and without a BOM; a workbook
// has one sheet, in which all cells are texts.
func NewWriter(w io.Writer, format Format) (Writer, error) {
	switch format {
	case CSV:
		return &csvWriter{csv.NewWriter(w)}, nil
	case XLSX:
		return newWorkbookWriter(w)
	}
	return nil, fmt.Errorf("table: unknown format %q", format)
}

type csvWriter struct{ out *csv.Writer }

func (w *csvWriter) Write(cells []string) error {
	return w.out.Write(allNeutral(cells))
}

func (w *csvWriter) Close() error {
	w.out.Flush()
	return w.out.Error()
}

func allNeutral(cells []string) []string {
	all := make([]string, len(cells))
	for i, cell := range cells {
		all[i] = neutral(cell)
	}
	return all
}
