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
	e, ok := a.data(f.Name)
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
	f.Name = e.name // what issues name
	rc, err := a.open(e)
	if err != nil {
		return err
	}
	defer rc.Close()

	records := recordReader[T]{file: f, report: report, limits: a.limits}
	split := newSplitter(rc, f.Single, a.limits)
	for index := 0; ; index++ {
		raw, begin, err := split.next()
		var broken *jsonError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			records.broken(broken, raw, begin)
			return nil
		case err != nil:
			return err
		}
		record, ok, err := records.read(raw, begin, index)
		if errors.As(err, &broken) {
			records.broken(broken, nil, begin)
			return nil
		}
		if ok && !each(record) {
			return nil
		}
	}
}

// recordReader makes records of their bytes.
type recordReader[T any] struct {
	file    File[T]
	report  func(contracts.Issue)
	limits  Limits
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
	if !r.file.Single {
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
	if r.file.target && record.ID == "" {
		r.report(record.Issue(contracts.Warning, CodeIDMissing, "id", "The record has no id; nothing can refer to it"))
	}
	return record, true, nil
}

// broken reports that the JSON ends being JSON. The splitter sees only where
// the brackets or the file end, so the record it was in is looked at for an
// earlier mistake.
func (r *recordReader[T]) broken(broken *jsonError, raw []byte, begin place) {
	if len(raw) > 0 {
		var earlier *jsonError
		d := r.decoder(raw, begin)
		if err := d.skip(); errors.As(err, &earlier) && earlier.off < len(raw) {
			broken = earlier
		}
	}
	r.report(contracts.Issue{
		Severity: contracts.Error, Code: broken.code, File: r.file.Name,
		Line: broken.at.line, Column: broken.at.column, Message: broken.message,
	})
}
