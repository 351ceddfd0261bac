package export

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
)

type formRow struct {
	bun.BaseModel `bun:"table:event.api_custom_forms,alias:r"`
	row

	// Origin is "<record>/<place>": which record of its archive the row comes from.
	Origin          string
	Form            string
	FieldIdentifier string
	IsRequired      bool
	IsIncluded      bool
}

func (f *formRow) field() openevent.FormField {
	return openevent.FormField{Form: f.Form, Field: f.FieldIdentifier, Required: f.IsRequired, Included: f.IsIncluded}
}

// maxJoined is how many fields go into a record that holds those of several.
const maxJoined = 1000

// formRecords makes records of the fields of forms, in their order. The old server takes
// one record with the fields of sessions and speakers, so what fits goes into the first; a
// field of another form, one that is there twice and one that has more to it stand in
// records of their own, as archives have them that come from the columns of a table. One
// record is in memory, and the rows that come from one.
func formRecords(rows iter.Seq2[*formRow, error]) iter.Seq2[openevent.Record[openevent.Form], error] {
	return func(yield func(openevent.Record[openevent.Form], error) bool) {
		var last *formRecord
		// take joins the rows that come from one record to the last, or yields that and goes on.
		take := func(rows []*formRow) (bool, error) {
			records, err := recordsOf(rows)
			if err != nil {
				return false, err
			}
			for _, r := range records {
				if last != nil && last.join(r) {
					continue
				}
				if last != nil && !yield(last.record(), nil) {
					return false, nil
				}
				last = r
			}
			return true, nil
		}
		var group []*formRow
		for row, err := range rows {
			goOn := true
			if err == nil && len(group) > 0 && !sameRecord(group[0].Origin, row.Origin) {
				goOn, err = take(group)
				group = nil
			}
			if err != nil {
				yield(openevent.Record[openevent.Form]{}, err)
			}
			if err != nil || !goOn {
				return
			}
			group = append(group, row)
		}
		if len(group) > 0 {
			if goOn, err := take(group); err != nil {
				yield(openevent.Record[openevent.Form]{}, err)
				return
			} else if !goOn {
				return
			}
		}
		if last == nil {
			last = &formRecord{id: noFormID} // the old server expects that there is one
		}
		yield(last.record(), nil)
	}
}

// noFormID is the id of the record of an event whose forms have no fields.
const noFormID = "1"

// sameRecord tells whether two rows come from one record.
func sameRecord(a, b string) bool {
	first, _, _ := strings.Cut(a, "/")
	second, _, _ := strings.Cut(b, "/")
	return first == second
}

// formRecord is a record that is being made.
type formRecord struct {
	id    string
	extra map[string]json.RawMessage
	// alone is the one field of a record that stands for it as the row of a table does; of
	// any other record fields are what it describes, and known their names.
	alone  *formRow
	fields []*formRow
	known  map[openevent.FormField]bool
}

// recordsOf are the records of some rows that come from one: mostly one again. What does
// not fit into it has one of its own.
func recordsOf(rows []*formRow) ([]*formRecord, error) {
	extra, err := rows[0].extra()
	if err != nil {
		return nil, err
	}
	records := []*formRecord{{id: rows[0].id(), extra: extra}}
	for _, row := range rows {
		last := records[len(records)-1]
		asRow := len(rows) == 1 && !packed(row, extra)
		if !asRow && last.add(row) {
			continue
		}
		if len(last.fields) > 0 || last.alone != nil {
			last = &formRecord{id: row.id()}
			records = append(records, last)
		}
		if asRow || !last.add(row) {
			last.alone = row
		}
	}
	return records, nil
}

// add puts a field behind those of a record. False, and nothing is changed, where the
// record could not be read back in that order.
func (r *formRecord) add(row *formRow) bool {
	name := openevent.FormField{Form: row.Form, Field: row.FieldIdentifier}
	behind := len(r.fields) > 0 && r.fields[len(r.fields)-1].Form == "speaker"
	if r.alone != nil || r.known[name] || strings.Contains(row.FieldIdentifier, "-") ||
		row.Form != "speaker" && (row.Form != "session" || behind) {
		return false
	}
	if r.known == nil {
		r.known = make(map[openevent.FormField]bool)
	}
	r.known[name] = true
	r.fields = append(r.fields, row)
	return true
}

// join puts all fields of another record behind those of r, or none of them.
func (r *formRecord) join(other *formRecord) bool {
	if other.alone != nil || len(other.extra) > 0 || len(r.fields)+len(other.fields) > maxJoined {
		return false
	}
	before := len(r.fields)
	for _, row := range other.fields {
		if r.add(row) {
			continue
		}
		for _, added := range r.fields[before:] {
			delete(r.known, openevent.FormField{Form: added.Form, Field: added.FieldIdentifier})
		}
		r.fields = r.fields[:before]
		return false
	}
	return true
}

func (r *formRecord) record() openevent.Record[openevent.Form] {
	form := openevent.Form{ID: r.id}
	if r.alone != nil {
		form.OfForm, form.FieldName = r.alone.Form, r.alone.FieldIdentifier
		form.Required, form.Included = &r.alone.IsRequired, &r.alone.IsIncluded
	}
	for _, row := range r.fields {
		if row.Form == "session" {
			form.SessionForm = append(form.SessionForm, row.field())
		} else {
			form.SpeakerForm = append(form.SpeakerForm, row.field())
		}
	}
	return openevent.Record[openevent.Form]{ID: r.id, Value: form, Extra: r.extra}
}

// packed tells whether the one field of a record belongs into the description of a form. A
// plain one does, and one of which more is said there. Else what is said beside it is what
// the row of a table has: the record is written as such a row is.
func packed(row *formRow, extra map[string]json.RawMessage) bool {
	switch {
	case row.Form != "session" && row.Form != "speaker":
		return false
	case row.FieldIdentifier == "": // without a name it is no row
		return true
	}
	for key := range extra {
		if strings.HasPrefix(key, row.Form+"_form/") {
			return true
		}
	}
	return len(extra) == 0
}

// orderOfForms is that in which their archive had them.
const orderOfForms = "split_part(r.origin, '/', 1)::bigint, split_part(r.origin, '/', 2)::bigint"

// orderOfLinks is that of the links within their event.
const orderOfLinks = "split_part(r.origin, '/', 2)::bigint"
