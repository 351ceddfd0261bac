package openevent

// Form is one record of the file "forms": which fields the forms of sessions
// and speakers have.
type Form struct {
	ID string `oe:"id,id"`
	// SessionForm and SpeakerForm hold one FormField per field, in the order of
	// the archive.
	SessionForm []FormField `oe:"session_form,form"`
	SpeakerForm []FormField `oe:"speaker_form,form"`
}

// FormField says whether a form asks for a field, and whether it insists.
type FormField struct {
	// Form is "session" or "speaker".
	Form string
	// Field is the name of the field, such as "short_abstract".
	Field    string
	Required bool
	Included bool
}

// Fields returns the fields of both forms, the session's first.
func (f Form) Fields() []FormField {
	fields := make([]FormField, 0, len(f.SessionForm)+len(f.SpeakerForm))
	return append(append(fields, f.SessionForm...), f.SpeakerForm...)
}
