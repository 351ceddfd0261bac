package openevent

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/usher-events/usher/contracts"
)

// Records reads a file of the archive, record by record in the file's order,
// in memory bounded by one record. It may be ranged over again.
//
// What is wrong with the file goes to report, which may be nil: a missing or
// broken file ends the records with an issue of error severity (a list that is
// missing is only a warning), anything else is told and read over. Records
// with errors of their own are yielded too, unless the archive's mode is
// contracts.Lenient. Copies of a record and what was deleted at its source are
// left out. Records that only sessions hold copies of come last, as far as
// Archive.Rebuild has said that there are any.
//
// The error is never about the archive's content: the archive could not be
// read, and the caller tries again. It comes with no record and ends them.
func Records[T any](a *Archive, f File[T], report func(contracts.Issue)) iter.Seq2[Record[T], error] {
	if report == nil {
		report = func(contracts.Issue) {}
	}
	return func(yield func(Record[T], error) bool) {
		err := readFile(a, f, reading{report: report, ids: newIDs()}, func(r Record[T]) bool { return yield(r, nil) })
		if err != nil {
			yield(Record[T]{}, err)
		}
	}
}

// reading is what a file is read with.
type reading struct {
	report func(contracts.Issue)
	// ids gets those of the records.
	ids *ids
	// related tells to note what leads to other records; see decoder.
	related bool
}

// readFile calls each until it returns false. The error is *Error or the source's.
func readFile[T any](a *Archive, f File[T], with reading, each func(Record[T]) bool) error {
	report := with.report
	goOn := true
	err := readEntry(a, f, with, func(r Record[T]) bool {
		goOn = each(r)
		return goOn
	})
	if wrong, ok := errors.AsType[*Error](err); ok {
		issue := wrong.Issue()
		if a.Mode == contracts.Lenient && !f.Single {
			issue.Severity = contracts.Warning // what was read before holds
		}
		report(issue)
		err = nil
	}
	if err != nil || !goOn || !slices.Contains(a.rebuilt, f.Type) {
		return err
	}
	return readInline(a, f, with.ids, each)
}

func readEntry[T any](a *Archive, f File[T], with reading, each func(Record[T]) bool) error {
	report := with.report
	e, ok := a.data(f.Name)
	if !ok {
		missing := contracts.Issue{
			Severity: contracts.Warning, Code: CodeFileMissing, File: f.Name,
			Message: fmt.Sprintf("The file '%s' is missing in the archive", f.Name),
			Hint:    "If there is nothing to put in, let it hold an empty list: []",
		}
		if f.Single {
			missing.Severity = contracts.Error
			missing.Hint = "All files belong to the root of the archive, or into one folder there"
		}
		report(missing)
		return nil
	}
	f.Name = e.name // what issues name
	rc, err := a.open(e)
	if err != nil {
		return err
	}
	defer rc.Close()

	records := recordReader[T]{file: f, reading: with, limits: a.limits, lenient: a.Mode == contracts.Lenient}
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
		if event, is := any(&record).(*Record[Event]); is && ok {
			if err := completeEvent(a, event, report); err != nil {
				return err
			}
		}
		if index++; ok && !each(record) {
			return nil
		}
	}
}

// recordReader makes records of their bytes.
type recordReader[T any] struct {
	reading
	file    File[T]
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
		scanner: scanner{data: raw, begin: begin, depth: depth, limit: r.limits.Depth, bounded: true, scratch: r.scratch},
		values:  make([]valuePlace, 0, len(r.file.schema.fields)), markAt: begin,
		lenient: r.lenient, related: r.related,
	}
}

// read decodes one record and reports what it finds. False where there is no
// record to be had; the error is *jsonError.
func (r *recordReader[T]) read(raw []byte, begin place, index int) (Record[T], bool, error) {
	record := Record[T]{Index: index, File: r.file.Name, Line: begin.line, Column: begin.column, raw: raw}
	if r.listed {
		record.Pointer = "/" + strconv.Itoa(index)
	}
	d := r.decoder(raw, begin)
	ok, err := record.decode(d, r.file.schema)
	r.scratch = d.scratch
	if err != nil {
		return record, false, err
	}
	if !ok {
		issue := record.Issue(r.severity(contracts.Error), CodeRecordNotObject, "", "The record is not an object"+r.consequence())
		issue.Value = cut(string(raw))
		r.report(issue)
		return record, false, nil
	}
	if d.deleted {
		r.ids.addDeleted(record.ID)
		r.report(record.Issue(contracts.Warning, CodeRecordDeleted, "deleted_at", "The record was deleted where it comes from; it is left out"))
		return record, false, nil
	}
	bad := slices.ContainsFunc(d.findings, func(f finding) bool { return f.severity == contracts.Error })
	if bad && r.lenient && !r.file.Single {
		r.tell(record, d, raw, begin)
		return record, false, nil
	}
	if record.ID == "" {
		r.tell(record, d, raw, begin)
		if r.file.target {
			r.report(record.Issue(contracts.Warning, CodeIDMissing, "id", "The record has no id; nothing can refer to it"))
		}
		return record, true, nil
	}
	first, copied, repeated := r.ids.add(record.ID, raw, begin.line)
	if copied && repeated {
		r.report(record.Issue(contracts.Warning, CodeDuplicateRecord, "id",
			fmt.Sprintf("The record is a copy of the one in line %d; it is left out", first)))
		return record, false, nil
	}
	record.repeated = repeated
	r.tell(record, d, raw, begin)
	if repeated {
		r.report(record.Issue(contracts.Warning, CodeDuplicateID, "id",
			fmt.Sprintf("The id %s stands already in line %d; both records are kept, references go to the last one", cut(record.ID), first)))
	}
	return record, true, nil
}

// maxPointer is how many bytes of a record's own keys an issue repeats to say where
// it is; else it names the record. Keys may be megabytes, and issues become messages.
const maxPointer = 1000

// tell reports what was found in a record that stands in raw.
func (r *recordReader[T]) tell(record Record[T], d *decoder, raw []byte, begin place) {
	slices.SortStableFunc(d.findings, func(a, b finding) int { return cmp.Compare(a.at, b.at) })
	at, off := begin, 0
	for _, f := range d.findings {
		at, off = at.after(raw[off:f.at]), f.at
		issue := record.Issue(f.severity, f.code, "", f.message)
		if f.severity == contracts.Error && !r.file.Single {
			issue.Severity, issue.Message = r.severity(f.severity), f.message+r.consequence()
		}
		if len(f.pointer) <= maxPointer {
			issue.Pointer += f.pointer
		}
		issue.Line, issue.Column, issue.Value, issue.Hint = at.line, at.column, f.value, f.hint
		r.report(issue)
	}
	if d.unkept > 0 {
		r.report(record.Issue(contracts.Warning, d.findings[len(d.findings)-1].code, "",
			fmt.Sprintf("There are %d more mistakes in the record; only the first %d are listed", d.unkept, maxFindings)))
	}
	r.recordNotes(d, record, raw, begin)
}

// severity is that of an issue for which a record cannot be imported.
func (r *recordReader[T]) severity(s contracts.Severity) contracts.Severity {
	if r.lenient {
		return contracts.Warning
	}
	return s
}

// consequence ends the message of such an issue.
func (r *recordReader[T]) consequence() string {
	if r.lenient {
		return "; the record is left out"
	}
	return ""
}

// recordNotes reports what was read over in the JSON of a record.
func (r *recordReader[T]) recordNotes(d *decoder, record Record[T], raw []byte, begin place) {
	slices.SortStableFunc(d.notes, func(a, b note) int { return cmp.Compare(a.at, b.at) })
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
