package openevent

import (
	"slices"

	"github.com/usher-events/usher/contracts"
)

// Rebuild tells that sessions hold copies of records whose own file lacks them:
// Records then yields these, too. Check says of which types there are any. Call
// it before reading.
func (a *Archive) Rebuild(types ...contracts.EntityType) { a.rebuilt = types }

// readInline yields the records that only sessions hold copies of, each once: of
// several copies the first.
func readInline[T any](a *Archive, f File[T], known *ids, each func(Record[T]) bool) error {
	silent := func(contracts.Issue) {}
	return readFile(a, Sessions, reading{report: silent, ids: newIDs(), related: true}, func(session Record[Session]) bool {
		for _, in := range session.inline {
			if in.field != f.inside {
				continue
			}
			if record, ok := inlineRecord(a, f, session, in, known, silent); ok && !each(record) {
				return false
			}
		}
		return true
	})
}

// inlineRecord makes a record of the copy that a session holds, where it says
// enough and the record is not known yet.
func inlineRecord[T any](a *Archive, f File[T], session Record[Session], in inlineRef, known *ids, report func(contracts.Issue)) (Record[T], bool) {
	if known.has(in.id) || known.wasDeleted(in.id) {
		return Record[T]{}, false
	}
	raw := session.raw[in.from:in.to]
	begin := place{session.Line, session.Column}.after(session.raw[:in.from])
	r := recordReader[T]{file: f, reading: reading{report: report}, limits: a.limits}
	pointer, _, _ := session.locate(in.field)
	record := Record[T]{
		ID: in.id, Index: session.Index, File: session.File, Pointer: pointer, Line: begin.line, Column: begin.column,
		origin: "inline:" + in.id,
	}
	d := r.decoder(raw, begin)
	ok, err := record.decode(d, f.schema)
	// Without a name the copy says nothing that the reference does not.
	if !ok || err != nil || d.deleted || slices.ContainsFunc(d.findings, func(f finding) bool {
		return f.severity == contracts.Error || f.code == CodeFieldMissing && f.pointer == "/name"
	}) {
		return record, false
	}
	known.add(in.id, raw, begin.line)
	// A copy need not be complete.
	d.findings = slices.DeleteFunc(d.findings, func(f finding) bool { return f.code == CodeFieldMissing })
	r.tell(record, d, raw, begin)
	return record, true
}
