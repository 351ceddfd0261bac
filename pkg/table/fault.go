package table

import "fmt"

// Reason is why a file cannot be read as a table.
type Reason string

// The reasons.
const (
	// Quotes: a quote is never closed, or something else than the next cell follows
	// behind a closed one.
	Quotes Reason = "malformed quotes"
	// RowTooLong: a row has more than MaxRecord bytes.
	RowTooLong Reason = "row too long"
	// TooManyColumns: a row has more than MaxColumns cells.
	TooManyColumns Reason = "too many columns"
	// TooLarge: a workbook is larger, unpacked, than anybody's list: a zip bomb.
	TooLarge Reason = "too large when unpacked"
	// TooManySheets: a workbook has more than MaxSheets sheets.
	TooManySheets Reason = "too many sheets"
	// Damaged: a workbook that is cut off or broken.
	Damaged Reason = "damaged"
	// Encrypted: a workbook that wants a password.
	Encrypted Reason = "encrypted"
	// OldExcel: a workbook of a format before or beside xlsx, xls or xlsb.
	OldExcel Reason = "another Excel format"
	// OpenDocument: a spreadsheet of LibreOffice, ods.
	OpenDocument Reason = "an OpenDocument spreadsheet"
	// WebPage: HTML, or XML, which some programs call Excel.
	WebPage Reason = "a web page"
	// NotWorkbook: something else that is no workbook.
	NotWorkbook Reason = "no workbook"
	// NotText: a workbook, or another zip, that was said to be CSV.
	NotText Reason = "no text"
)

// Fault is what is wrong with a file itself. It repeats nothing of it.
type Fault struct {
	Reason Reason
	// Place is where it is, zero where it is the whole file's. That of Quotes is the
	// quote, that of a row which is too long its beginning.
	Place Place
	// Row is the line in which the row begins that has it.
	Row int
	// err is what a library says, for the log.
	err error
}

func (f *Fault) Error() string {
	text := "table: " + string(f.Reason)
	if f.Place.Line > 0 {
		text += fmt.Sprintf(" at %d:%d", f.Place.Line, f.Place.Column)
	}
	if f.err != nil {
		text += ": " + f.err.Error()
	}
	return text
}

// Unwrap returns what a library says, where one does.
func (f *Fault) Unwrap() error { return f.err }
