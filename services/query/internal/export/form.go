package export

import (
	"encoding/json"
	"slices"
	"strconv"
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

func (f formRow) field() openevent.FormField {
	return openevent.FormField{Form: f.Form, Field: f.FieldIdentifier, Required: f.IsRequired, Included: f.IsIncluded}
}

// formRecords makes records of the fields of forms, in their order. The old server takes
// one record with the fields of sessions and speakers, so all that fits goes into the
// first; a field of another form, one that is there twice and one that has more to it
// stand in records of their own, as archives have them that come from the columns of a
// table.
func formRecords(rows []formRow) ([]openevent.Record[openevent.Form], error) {
	var records []openevent.Record[openevent.Form]
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && sameRecord(rows[from].Origin, rows[to].Origin) {
			to++
		}
		extra, err := rows[from].extra()
		if err != nil {
			return nil, err
		}
		group := rows[from:to]
		if n := len(records) - 1; n >= 0 && len(extra) == 0 && joinAll(&records[n].Value, group) {
			group = nil
		}
		records = append(records, recordsOf(group, extra)...)
		from = to
	}
	return records, nil
}

// sameRecord tells whether two rows come from one record.
func sameRecord(a, b string) bool {
	first, _, _ := strings.Cut(a, "/")
	second, _, _ := strings.Cut(b, "/")
	return first == second
}

// recordsOf are the records of some rows that come from one: mostly one again. What does
// not fit into it has one of its own.
func recordsOf(rows []formRow, extra map[string]json.RawMessage) []openevent.Record[openevent.Form] {
	var records []openevent.Record[openevent.Form]
	for n, row := range rows {
		if n > 0 && join(&records[0].Value, row) {
			continue
		}
		record := openevent.Record[openevent.Form]{Value: openevent.Form{ID: row.id()}}
		if n == 0 {
			record.Extra = extra
		}
		if len(rows) == 1 && !packed(row, extra) || !join(&record.Value, row) {
			record.Value.OfForm, record.Value.FieldName = row.Form, row.FieldIdentifier
			record.Value.Required, record.Value.Included = &row.IsRequired, &row.IsIncluded
		}
		records = append(records, record)
	}
	return records
}

// packed tells whether the one field of a record belongs into the description of a form. A
// plain one does, and one of which more is said there. Else what is said beside it is what
// the row of a table has: the record is written as such a row is.
func packed(row formRow, extra map[string]json.RawMessage) bool {
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

// join puts a field behind those of a record. False, and nothing is changed, where the
// record could not be read back in that order.
func join(form *openevent.Form, row formRow) bool {
	known := func(fields []openevent.FormField) bool {
		return slices.ContainsFunc(fields, func(f openevent.FormField) bool { return f.Field == row.FieldIdentifier })
	}
	switch {
	case form.FieldName != "" || strings.Contains(row.FieldIdentifier, "-"):
		return false
	case row.Form == "session" && len(form.SpeakerForm) == 0 && !known(form.SessionForm):
		form.SessionForm = append(form.SessionForm, row.field())
	case row.Form == "speaker" && !known(form.SpeakerForm):
		form.SpeakerForm = append(form.SpeakerForm, row.field())
	default:
		return false
	}
	return true
}

// joinAll joins all rows or none.
func joinAll(form *openevent.Form, rows []formRow) bool {
	joined := *form
	joined.SessionForm, joined.SpeakerForm = slices.Clone(form.SessionForm), slices.Clone(form.SpeakerForm)
	for _, row := range rows {
		if !join(&joined, row) {
			return false
		}
	}
	*form = joined
	return true
}

// orderOfForms is that in which their archive had them.
const orderOfForms = "split_part(r.origin, '/', 1)::bigint, split_part(r.origin, '/', 2)::bigint"

// orderOfLinks is that of the links within their event.
const orderOfLinks = "split_part(r.origin, '/', 2)::bigint"

// noFormID is what the first record of forms has for its id where there are no rows.
const noFormID = 1

// emptyForm is the record of an event whose forms have no fields: the old server expects
// that there is one.
func emptyForm() openevent.Record[openevent.Form] {
	return openevent.Record[openevent.Form]{Value: openevent.Form{ID: strconv.Itoa(noFormID)}}
}
