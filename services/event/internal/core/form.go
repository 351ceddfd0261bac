package core

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// FormRow is a row of event.custom_forms: one field of one form.
type FormRow struct {
	bun.BaseModel `bun:"table:event.custom_forms"`
	stage.Row

	Form            string `bun:"form"`
	FieldIdentifier string `bun:"field_identifier"`
	IsRequired      bool   `bun:"is_required"`
	IsIncluded      bool   `bun:"is_included"`
}

// MapForms maps the fields of both forms, which the archive packs into one record.
func MapForms(sc *stage.Scope, rec openevent.Record[openevent.Form]) []*FormRow {
	fields := rec.Value.Fields()
	rows := make([]*FormRow, 0, len(fields))
	for n, field := range fields {
		rows = append(rows, &FormRow{
			Row:             sc.Nested(rec.Origin(), n, ""),
			Form:            field.Form,
			FieldIdentifier: field.Field,
			IsRequired:      field.Required,
			IsIncluded:      field.Included,
		})
	}
	if len(rows) > 0 {
		rows[0].Unknown = rec.Unknown() // of the record, wherever in it
	}
	return rows
}
