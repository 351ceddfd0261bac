package openevent

import (
	"encoding/json"
	"reflect"
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
	// Extra holds the values of keys that the format does not know, as they stand
	// in the file, by JSON pointers from the record on without the first slash:
	// "mood", or "copyright/note" inside of a nested object. What is nested is named as
	// in Fields, and an element of a list by its place in Value.
	Extra map[string]json.RawMessage

	// origin is set where the record has no place in its file.
	origin string
	values []valuePlace
	// The rest is for comparing with other records, and holds only while this
	// one is the current.
	raw []byte
	// repeated tells that an earlier record has the same id.
	repeated bool
	inline   []inlineRef
	back     []string
}

// valuePlace is where the value of a field stands, and under which key.
type valuePlace struct {
	field, key   string
	line, column int
}

// decode reads the value, and takes what the decoder has found beside it. False
// where it is not an object.
func (r *Record[T]) decode(d *decoder, s *schema) (bool, error) {
	v := reflect.ValueOf(&r.Value).Elem()
	ok, err := d.record(s, v)
	if !ok || err != nil {
		return false, err
	}
	r.values, r.Extra, r.inline, r.back = d.values, d.extra, d.inline, d.back
	if s.id >= 0 {
		r.ID = v.Field(s.fields[s.id].index).String()
	}
	return true, nil
}

// Extract returns the record with what f takes of its value, and without the places of
// its fields and unknown keys: for whoever keeps many. Issues of it name the record only.
func (r Record[T]) Extract(f func(T) T) Record[T] {
	return Record[T]{
		Value: f(r.Value), ID: r.ID, Index: r.Index, File: r.File,
		Line: r.Line, Column: r.Column, Pointer: r.Pointer, origin: r.origin,
	}
}

// Origin names the record within its import by a stable text: the record's
// index, or "inline:" and its id where only sessions hold copies of it.
func (r Record[T]) Origin() string {
	if r.origin != "" {
		return r.origin
	}
	return strconv.Itoa(r.Index)
}

// Issue makes an issue that is located at the value of a field, or at
// the record itself where field is "" or absent. A field is named as in Fields; one inside
// a nested object is a path such as "copyright/year", located at its object.
func (r Record[T]) Issue(severity contracts.Severity, code, field, message string) contracts.Issue {
	index := r.Index
	pointer, line, column := r.locate(field)
	return contracts.Issue{
		Severity: severity, Code: code, File: r.File, Pointer: pointer,
		Line: line, Column: column, SourceID: r.ID, RecordIndex: &index, Message: message,
	}
}

// locate tells where a field stands, as Issue names it.
func (r Record[T]) locate(field string) (pointer string, line, column int) {
	pointer, line, column = r.Pointer, r.Line, r.Column
	if field == "" {
		return pointer, line, column
	}
	top, below, nested := strings.Cut(field, "/")
	key := top
	for _, v := range r.values {
		if v.field == top {
			key, line, column = v.key, v.line, v.column
		}
	}
	pointer += "/" + key
	if nested {
		pointer += "/" + below
	}
	return pointer, line, column
}
