package openevent

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"

	"github.com/usher-events/usher/contracts"
)

// Records reads a file of the archive, record by record in the file's order,
// in memory bounded by one record. It may be ranged over again.
//
// What is wrong with the file goes to report, which may be nil: a missing or
// broken file ends the records with an issue of error severity (a list that is
// missing is only a warning), anything else is told and read over. Records
// with errors of their own are yielded too.
//
// The error is never about the archive's content: the archive could not be
// read, and the caller tries again. It comes with no record and ends them.
func Records[T any](a *Archive, f File[T], report func(contracts.Issue)) iter.Seq2[Record[T], error] {
	if report == nil {
		report = func(contracts.Issue) {}
	}
	return func(yield func(Record[T], error) bool) {
		err := readFile(a, f, report, func(r Record[T]) bool { return yield(r, nil) })
		var wrong *Error
		switch {
		case errors.As(err, &wrong):
			report(wrong.Issue())
		case err != nil:
			yield(Record[T]{}, err)
		}
	}
}

// readFile calls each until it returns false. The error is *Error or the source's.
func readFile[T any](a *Archive, f File[T], report func(contracts.Issue), each func(Record[T]) bool) error {
	e, ok := a.entries[f.Name]
	if !ok {
		severity := contracts.Warning
		if f.Single {
			severity = contracts.Error
		}
		report(contracts.Issue{
			Severity: severity, Code: CodeFileMissing, File: f.Name,
			Message: fmt.Sprintf("The file '%s' is missing in the archive", f.Name),
			Hint:    "All files belong to the root of the archive, not into a folder",
		})
		return nil
	}
	rc, err := a.open(e)
	if err != nil {
		return err
	}
	defer rc.Close()

	records := recordReader[T]{file: f, report: report, limits: a.limits, lenient: a.Mode == contracts.Lenient}
	split := newSplitter(rc, f.Single, f.schema.naming(), a.limits)
	for index := 0; ; {
		var record Record[T]
		var ok bool
		raw, begin, err := split.next()
		records.notes(split, index)
		records.listed = !f.Single || split.listed
		if err == nil {
			record, ok, err = records.read(raw, begin, index)
			if broken, is := errors.AsType[*jsonError](err); is {
				err = split.broken(broken)
			}
		}
		if broken, is := errors.AsType[*jsonError](err); is {
			records.broken(broken)
			if broken.lost {
				index++
			}
			continue
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if index++; ok && !each(record) {
			return nil
		}
	}
}

// recordReader makes records of their bytes.
type recordReader[T any] struct {
	file    File[T]
	report  func(contracts.Issue)
	limits  Limits
	lenient bool
	// listed tells that records are elements of a list.
	listed  bool
	scratch []byte
}

func (r *recordReader[T]) decoder(raw []byte, begin place) *decoder {
	depth := 1
	if r.file.Single {
		depth = 0
	}
	return &decoder{
		scanner: scanner{data: raw, begin: begin, depth: depth, limit: r.limits.Depth, scratch: r.scratch},
		values:  make([]valuePlace, 0, len(r.file.schema.fields)), markAt: begin,
	}
}

// read decodes one record and reports what it finds. False where there is no
// record to be had; the error is *jsonError.
func (r *recordReader[T]) read(raw []byte, begin place, index int) (Record[T], bool, error) {
	record := Record[T]{Index: index, File: r.file.Name, Line: begin.line, Column: begin.column}
	if r.listed {
		record.Pointer = "/" + strconv.Itoa(index)
	}
	d := r.decoder(raw, begin)
	v := reflect.ValueOf(&record.Value).Elem()
	ok, err := d.record(r.file.schema, v)
	r.scratch = d.scratch
	if err != nil {
		return record, false, err
	}
	if !ok {
		issue := record.Issue(contracts.Error, CodeRecordNotObject, "", "The record is not an object")
		issue.Value = cut(string(raw))
		r.report(issue)
		return record, false, nil
	}
	record.values, record.Extra = d.values, d.extra
	if id := r.file.schema.id; id >= 0 {
		record.ID = v.Field(r.file.schema.fields[id].index).String()
	}
	for _, f := range d.findings {
		issue := record.Issue(f.severity, f.code, "", f.message)
		at := begin.after(raw[:f.at])
		issue.Pointer += f.pointer
		issue.Line, issue.Column, issue.Value, issue.Hint = at.line, at.column, f.value, f.hint
		r.report(issue)
	}
	r.recordNotes(d, record, raw, begin)
	if r.file.target && record.ID == "" {
		r.report(record.Issue(contracts.Warning, CodeIDMissing, "id", "The record has no id; nothing can refer to it"))
	}
	return record, true, nil
}

// recordNotes reports what was read over in the JSON of a record.
func (r *recordReader[T]) recordNotes(d *decoder, record Record[T], raw []byte, begin place) {
	at, off := begin, 0
	for _, n := range d.notes {
		at, off = at.after(raw[off:n.at]), n.at
		issue := record.Issue(contracts.Warning, n.code, "", n.message)
		issue.Line, issue.Column = at.line, at.column
		r.report(issue)
	}
	if d.more > 0 {
		r.report(record.Issue(contracts.Warning, d.notes[maxNotes-1].code, "",
			fmt.Sprintf("There are %d more characters in the record that JSON does not allow there; they are read over", d.more)))
	}
}

// notes reports what was read over before the record index.
func (r *recordReader[T]) notes(s *splitter, index int) {
	for _, n := range s.notes {
		issue := contracts.Issue{
			Severity: contracts.Warning, Code: n.code, File: r.file.Name,
			Line: n.at.line, Column: n.at.column, Message: n.message,
		}
		if n.code == CodeEncoding {
			issue.Severity = contracts.Info
		}
		if n.record {
			before := index - 1
			issue.RecordIndex = &before
		}
		r.report(issue)
	}
	s.notes = nil
}

// broken reports what is no JSON. In lenient mode that is only a warning, save
// for the file without which there is nothing to import.
func (r *recordReader[T]) broken(broken *jsonError) {
	severity := contracts.Error
	if r.lenient && (!r.file.Single || broken.code == CodeSeveralEvents) {
		severity = contracts.Warning
	}
	r.report(contracts.Issue{
		Severity: severity, Code: broken.code, File: r.file.Name,
		Line: broken.at.line, Column: broken.at.column, Message: broken.text(), Value: broken.line,
	})
}
