package userlist

import (
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// cell is where a value stands: the title of its column, and the place.
type cell struct {
	title string
	place table.Place
}

// about makes an issue of one cell of the user with an index.
func (c cell) about(severity contracts.Severity, file string, index int, fault Fault) contracts.Issue {
	return contracts.Issue{
		Severity: severity, Code: fault.Code, File: file, Line: c.place.Line, Column: c.place.Column,
		Pointer: pointer(c.title), RecordIndex: &index, Message: fault.Message, Hint: fault.Hint,
	}
}

// pointer is the JSON Pointer of a cell, as if its row were an object.
func pointer(title string) string { return "/" + cut(pointerEscapes.Replace(title)) }

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// cut shortens what is repeated of a list.
func cut(s string) string {
	if len(s) > contracts.MaxIssueValue {
		s = strings.Clone(s[:contracts.MaxIssueValue]) // not the rest of it
	}
	return Storable(s)
}

// Storable removes from a text of a list what no database takes as text: NUL, and bytes
// that are no UTF-8.
func Storable(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}

// count puts a number before a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
