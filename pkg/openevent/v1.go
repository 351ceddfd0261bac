package openevent

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mazznoer/csscolorparser"

	"github.com/usher-events/usher/contracts"
)

// V1 holds the rules by which the first server took archives. It looked at each record
// before it made a row of it, and refused the whole archive for the first that was wrong.
type V1 struct {
	// required are the fields that may not be empty, by the name of the file.
	required map[string]map[string]bool
}

// requiredByV1 are the fields that had to be there, whatever the forms say.
var requiredByV1 = map[string][]string{
	Events.Name:         {"id", "name", "start_time", "end_time", "social_links/name", "social_links/link"},
	Forms.Name:          {"id"},
	Microlocations.Name: {"id", "name"},
	Sponsors.Name:       {"id", "name"},
	Speakers.Name:       {"id", "name", "email", "organisation", "country"},
	Tracks.Name:         {"id", "name", "color"},
	SessionTypes.Name:   {"id", "name", "length"},
	Sessions.Name:       {"id", "title", "start_time", "end_time"},
}

// NewV1 returns the rules for an archive whose forms have these fields. What a form
// requires of a speaker or a session was required, and what it did not was not.
func NewV1(fields []FormField) *V1 {
	v := &V1{required: map[string]map[string]bool{}}
	for file, names := range requiredByV1 {
		v.required[file] = map[string]bool{}
		for _, name := range names {
			v.required[file][name] = true
		}
	}
	for _, field := range fields {
		switch field.Form {
		case "speaker":
			v.require(Speakers.Name, Speakers.schema, field)
		case "session":
			v.require(Sessions.Name, Sessions.schema, field)
		}
	}
	return v
}

// require takes what a form says of a field. Relations were not looked at in this way, nor
// fields that came later.
func (v *V1) require(file string, s *schema, said FormField) {
	i := slices.IndexFunc(s.fields, func(f field) bool { return f.name == said.Field })
	if i < 0 || said.Field == "gender" {
		return
	}
	switch s.fields[i].kind {
	case KindID, KindRef, KindRefs, KindBack, KindDropped, KindDeleted, KindBoolean:
	default:
		v.required[file][said.Field] = said.Required
	}
}

// RefusedByV1 reports why the first server would not have taken a record as it is written
// in dialect A. Of a list the record's Index says which it is.
func RefusedByV1[T any](rules *V1, f File[T], rec Record[T], report func(contracts.Issue)) {
	c := v1Check{required: rules.required[f.Name], report: func(field, code, message, value string) {
		index := rec.Index
		issue := contracts.Issue{
			Severity: contracts.Info, Code: code, File: f.Name, Pointer: "/" + field, SourceID: rec.ID, RecordIndex: &index,
			Message: message, Value: cut(value),
		}
		if !f.Single {
			issue.Pointer = "/" + strconv.Itoa(index) + issue.Pointer
		}
		report(issue)
	}}
	v := reflect.ValueOf(&rec.Value).Elem()
	if f.schema.id >= 0 && rec.ID == "" {
		rec.ID = v.Field(f.schema.fields[f.schema.id].index).String()
	}
	if form, is := any(&rec.Value).(*Form); is {
		c.form(form, rec.Index)
	}
	c.object(f.schema, v, "", "")
}

// v1Check looks at one record.
type v1Check struct {
	required map[string]bool
	report   func(field, code, message, value string)
}

func (c *v1Check) form(form *Form, index int) {
	switch {
	case form.FieldName != "":
		c.report("field_identifier", CodeV1Form, "The old server takes the fields of both forms in one record, not each in its own", form.FieldName)
	case index > 0:
		c.report("session_form", CodeV1Form, "The old server takes one record of forms; this is one more", "")
	}
}

// object looks at the fields of an object. It stands at the path at, whose fields are
// called in the rules by what within has before them.
func (c *v1Check) object(s *schema, v reflect.Value, at, within string) {
	for i := range s.fields {
		f := &s.fields[i]
		if f.kind == KindDropped || f.kind == KindDeleted {
			continue
		}
		value := v.Field(f.index)
		switch f.kind {
		case KindObject:
			if !value.IsNil() {
				c.object(f.inner, value.Elem(), at+f.name+"/", within+f.name+"/")
			}
		case KindList:
			for i := range value.Len() {
				c.object(f.inner, value.Index(i), at+f.name+"/"+strconv.Itoa(i)+"/", within+f.name+"/")
			}
		default:
			c.field(f, value, at+f.name, within+f.name, v)
		}
	}
}

// field looks at one value, and at its record where what it may be hangs on another.
func (c *v1Check) field(f *field, v reflect.Value, at, rule string, record reflect.Value) {
	if v.IsZero() {
		if c.required[rule] {
			c.report(at, CodeV1Required, fmt.Sprintf("The old server requires '%s', which is empty", at), "")
		}
		return
	}
	switch f.kind {
	case KindTime:
		t := v.Interface().(Time)
		if t.offset || t.wall.Nanosecond() != 0 {
			c.report(at, CodeV1Time, fmt.Sprintf("The old server takes no offset and no parts of a second in '%s'", at), t.String())
		}
	case KindInteger:
		if n := *v.Interface().(*int64); n < 0 {
			c.report(at, CodeV1Number, fmt.Sprintf("The old server takes no negative number in '%s'", at), strconv.FormatInt(n, 10))
		}
	case KindID:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err != nil {
			c.report(at, CodeV1Number, fmt.Sprintf("The old server takes only a whole number in '%s'", at), v.String())
		}
	case KindNumber, KindBoolean, KindRef, KindRefs, KindBack, KindForm:
	default:
		c.text(f, v.String(), at, record)
	}
}

// text looks at a text that is not empty.
func (c *v1Check) text(f *field, text, at string, record reflect.Value) {
	choice := func(words []string) {
		if !slices.Contains(words, text) {
			c.report(at, CodeV1Choice, fmt.Sprintf("The old server does not know this value of '%s'", at), text)
		}
	}
	switch f.kind {
	case KindURL:
		if record.Type() == reflect.TypeFor[SocialLink]() || record.Type() == reflect.TypeFor[Copyright]() && f.name == "logo" {
			return // a text like any other
		}
		if !v1URL.MatchString(text) {
			c.report(at, CodeV1URL, fmt.Sprintf("The old server does not take '%s' for an address of the web", at), text)
		}
	case KindUpload:
		onWeb := record.Type() == reflect.TypeFor[Event]() && (f.name == "large" || f.name == "thumbnail")
		switch {
		case v1URL.MatchString(text), !onWeb && strings.HasPrefix(text, "/"):
		case onWeb:
			c.report(at, CodeV1URL, fmt.Sprintf("The old server takes '%s' only for an address of the web", at), text)
		default:
			c.report(at, CodeV1URL, fmt.Sprintf("The old server takes '%s' neither for a file of the archive, which begins with a slash, nor for an address of the web", at), text)
		}
	case KindEmail:
		if !v1Email.MatchString(text) {
			c.report(at, CodeV1Email, fmt.Sprintf("The old server does not take '%s' for an e-mail address", at), text)
		}
	case KindColor:
		if !v1Color(text) {
			c.report(at, CodeV1Color, fmt.Sprintf("The old server knows '%s' only as #RGB, #RRGGBB or a name", at), text)
		}
	case KindEventState:
		choice(eventStates) // written with the capital that it wants
	case KindState:
		choice(v1SessionStates)
	case KindPrivacy:
		choice(privacies)
	case KindEnum:
		topic := record.FieldByName("Topic").String()
		// What a topic is divided into is known here of one of them.
		if f.name != "sub_topic" || topic == "" || topic == topicOfSubTopics {
			choice(listed[f.name])
		}
	case KindLanguage:
		if name, ok := languageName(text); !ok || name != text || strings.Contains(text, "(") {
			choice(nil)
		}
	}
}

// topicOfSubTopics is the topic that the words listed for sub_topic belong to.
const topicOfSubTopics = "Science & Technology"

// v1SessionStates are fewer than there are today.
var v1SessionStates = []string{"pending", "accepted", "rejected"}

var (
	// v1URL matches what begins with an address: a host has a dot, or is the server's own.
	v1URL   = regexp.MustCompile(`^(?:https?|ftp)://\S*(?:\S\.|localhost/)\S`)
	v1Email = regexp.MustCompile(`^\S+@\S+\.\S`)
	v1Hex   = regexp.MustCompile(`^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`)
	v1Name  = regexp.MustCompile(`^[A-Za-z]+$`)
)

// v1Color tells whether a text is one of the colours that the server knew, which are those
// of CSS before its fourth edition.
func v1Color(text string) bool {
	switch {
	case v1Hex.MatchString(text):
		return true
	case !v1Name.MatchString(text), strings.EqualFold(text, "rebeccapurple"), strings.EqualFold(text, "transparent"):
		return false
	default:
		_, err := csscolorparser.Parse(text)
		return err == nil
	}
}
