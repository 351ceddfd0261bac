package userlist

import (
	"fmt"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// delimiters are the signs between cells as people call them.
var delimiters = map[rune]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "bars"}

// dialect says as what the list is read, for who wonders about letters or columns.
func (l *List) dialect() contracts.Issue {
	d := l.table.Dialect()
	i := contracts.Issue{Severity: contracts.Info, Code: CodeListFormat}
	if l.options.Format == table.XLSX {
		i.Message, i.Value = "The list is read from one sheet of a workbook", cut(d.Sheet)
		if n := len(d.Sheets); n > 0 {
			i.Message += "; " + count(n, "other sheet") + " left out"
			i.Hint = "To import another sheet, make it the first or upload it by itself."
		}
		return i
	}
	text := []string{"The list is read as " + d.Encoding}
	if d.BOM {
		text[0] += " with a byte order mark"
	}
	if d.Delimiter != 0 {
		text = append(text, "cells separated by "+delimiters[d.Delimiter])
	}
	if d.LineEnd != "" {
		text = append(text, "lines ended by "+d.LineEnd)
	}
	i.Message = strings.Join(text, ", ")
	return i
}

// faults say of a file that is no list what it is instead.
var faults = map[table.Reason]contracts.Issue{
	table.Quotes: {
		Code: CodeMalformedQuotes, Message: "The quotes do not fit; what follows was not read",
		Hint: `Put a cell that has a quote in it into quotes, and write each quote in it twice: "".`,
	},
	table.RowTooLong: {
		Code: CodeRowTooLong, Message: "The row is longer than any user can need; what follows was not read",
		Hint: "Perhaps a quote before it is never closed.",
	},
	table.TooManyColumns: {Code: CodeTooManyColumns, Message: "The row has more cells than a table can have columns", Hint: "Remove the columns that are empty."},
	table.TooLarge:       {Code: CodeWorkbookTooLarge, Message: "The workbook is too large when it is unpacked", Hint: "Save the sheet with the users as CSV."},
	table.TooManySheets:  {Code: CodeWorkbookTooLarge, Message: "The workbook has too many sheets", Hint: "Save the sheet with the users as CSV."},
	table.Damaged:        {Code: CodeWorkbookDamaged, Message: "The workbook is damaged", Hint: "Open it in your program for spreadsheets and save it again."},
	table.Encrypted:      {Code: CodeWorkbookEncrypted, Message: "The workbook is protected by a password", Hint: "Save it without a password."},
	table.OldExcel:       {Code: CodeNotAList, Message: "This is a workbook of another format of Excel", Hint: saveAs},
	table.OpenDocument:   {Code: CodeNotAList, Message: "This is an OpenDocument spreadsheet", Hint: saveAs},
	table.WebPage:        {Code: CodeNotAList, Message: "This is a web page, whatever its name says", Hint: "Open it in your program for spreadsheets and save it as xlsx or CSV."},
	table.NotWorkbook:    {Code: CodeNotAList, Message: "This is no workbook of Excel", Hint: saveAs},
	table.NotText:        {Code: CodeNotAList, Message: "This is no text, and so no CSV", Hint: "Upload a workbook as xlsx."},
}

const saveAs = "Save it as xlsx or CSV."

// issueOf tells what is wrong with the file itself.
func issueOf(fault *table.Fault) contracts.Issue {
	i := faults[fault.Reason]
	i.Severity, i.Line, i.Column = contracts.Error, fault.Place.Line, fault.Place.Column
	if fault.Row > 0 && fault.Row != fault.Place.Line {
		i.Message += fmt.Sprintf(". The row begins in line %d", fault.Row)
	}
	return i
}
