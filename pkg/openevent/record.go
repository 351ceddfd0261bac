package openevent

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// Record is one object of a data file, and where it stands.
type Record[T any] struct {
	Value T
	// ID is the source id as text, "" where the record has none. It is not
	// unique: where it repeats, references go to the last record.
	ID string
	// Index is the record's place in its file, counted from 0.
	Index int
	// File is the name of the entry in the archive.
	File string
	// Line and Column are where the record begins, counted from 1, columns in bytes.
	Line, Column int
	// Pointer is the record's JSON pointer: "/12", or "" for a file of one object.
	Pointer string
	// Extra holds the values of keys that the format does not know, by key;
	// inside a nested object the key is a path such as "copyright/note".
	Extra map[string]json.RawMessage

	values []valuePlace
}

// valuePlace is where the value of a field stands. 32 bits keep the many of
// them small.
type valuePlace struct {
	field        string
	line, column int32
}

// Origin names the record within its import: a stable text, the record's index.
func (r Record[T]) Origin() string { return strconv.Itoa(r.Index) }

// Issue makes an issue that is located at the value of a field, or at
// the record itself where field is "" or absent. A field is named as in Fields; one inside
// a nested object is a path such as "copyright/year", located at its object.
func (r Record[T]) Issue(severity contracts.Severity, code, field, message string) contracts.Issue {
	index := r.Index
	issue := contracts.Issue{
		Severity: severity, Code: code, File: r.File, Pointer: r.Pointer,
		Line: r.Line, Column: r.Column, SourceID: r.ID, RecordIndex: &index, Message: message,
	}
	if field == "" {
		return issue
	}
	issue.Pointer += "/" + field
	top, _, _ := strings.Cut(field, "/")
	for _, v := range r.values {
		if v.field == top {
			issue.Line, issue.Column = int(v.line), int(v.column)
		}
	}
	return issue
}
