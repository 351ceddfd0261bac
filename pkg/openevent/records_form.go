package openevent

import "slices"

// Form is one record of the file "forms": which fields the forms of sessions
// and speakers have, or what one of them is, as the column dump of the second
// server has it.
type Form struct {
	ID string `oe:"id,id"`
	// SessionForm and SpeakerForm hold one FormField per field, in the order of
	// the archive.
	SessionForm []FormField `oe:"session_form,form"`
	SpeakerForm []FormField `oe:"speaker_form,form"`

	// OfForm and FieldName are "" but where the record is one field.
	OfForm    string `oe:"form,sparse"`
	FieldName string `oe:"field_identifier,sparse"`
	Required  *bool  `oe:"is_required"`
	Included  *bool  `oe:"is_included"`

	_ struct{} `oe:"deleted_at,deleted"`
}

// FormField says whether a form asks for a field, and whether it insists.
type FormField struct {
	// Form is "session" or "speaker", or another one of the source.
	Form string
	// Field is the name of the field, such as "short_abstract".
	Field    string
	Required bool
	Included bool
}

// Fields returns the fields of both forms, the session's first.
func (f Form) Fields() []FormField {
	fields := slices.Concat(f.SessionForm, f.SpeakerForm)
	if f.FieldName != "" {
		fields = append(fields, FormField{
			Form: f.OfForm, Field: f.FieldName, Required: f.Required != nil && *f.Required, Included: f.Included != nil && *f.Included,
		})
	}
	return fields
}
