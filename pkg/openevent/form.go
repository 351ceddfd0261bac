package openevent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// form reads the description of a form: an object of fields, which archives
// write as JSON inside a string.
func (d *decoder) form(f *field) ([]FormField, outcome, error) {
	at := d.pos
	name := strings.TrimSuffix(f.name, "_form")
	switch d.peek() {
	case '{':
		fields, found, err := formFields(&d.scanner, name)
		if err == nil {
			d.formFindings(f, found, at)
		}
		return fields, isSet, err
	case '"':
	default:
		out, err := d.noneOr(f, "JSON inside a text")
		return nil, out, err
	}
	text, _, err := d.text()
	if err != nil {
		return nil, isBad, err
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, isNone, nil
	}
	inner := scanner{data: text, limit: d.limit, depth: d.depth}
	fields, found, ok := formText(&inner, name)
	if !ok {
		d.invalid(f, CodeInvalidForm, at, fmt.Sprintf("'%s' does not describe a form", f.name), string(text))
		return nil, isBad, nil
	}
	d.formFindings(f, found, at)
	for _, n := range inner.notes {
		d.note(n.code, at, n.message)
	}
	d.more += inner.more
	return fields, isSet, nil
}

// formFound is what a form holds that its fields cannot say.
type formFound struct {
	// bad names fields and flags that are not what belongs there.
	bad []string
	// twice names the fields that stand twice; of each the last one counts.
	twice []string
	// unknown has the values of other flags, by "field/flag".
	unknown map[string]json.RawMessage
}

func (d *decoder) formFindings(f *field, found formFound, at int) {
	for _, name := range found.bad {
		d.invalid(f, CodeInvalidForm, at, fmt.Sprintf("'%s' in '%s' is not what describes a field; it is left out", cut(name), f.name), name)
	}
	for _, name := range found.twice {
		d.finding(contracts.Warning, CodeDuplicateKey, "", at, fmt.Sprintf("The field '%s' stands twice in '%s'; the last one holds", cut(name), f.name))
	}
	for name, value := range found.unknown {
		d.keep(f.name+"/"+name, value)
	}
}

// formText reads a text that is nothing but the description of a form.
func formText(s *scanner, form string) ([]FormField, formFound, bool) {
	if s.peek() != '{' {
		return nil, formFound{}, false
	}
	fields, found, err := formFields(s, form)
	return fields, found, err == nil && s.end() == nil
}

// isFormFlag tells whether a key is one of the two that say something of a form's field.
func isFormFlag(key string) bool { return key == "require" || key == "include" }

// formFields reads {"title":{"require":1,"include":1},…}.
func formFields(s *scanner, form string) (fields []FormField, found formFound, err error) {
	places := map[string]int{} // of the fields in their list
	err = s.members(func(key []byte, _ int) error {
		field := FormField{Form: form, Field: strings.ReplaceAll(string(key), "-", "_")}
		if s.peek() != '{' {
			found.bad = append(found.bad, field.Field)
			return s.skip() // what it says is told, and not imported
		}
		err := s.members(func(key []byte, _ int) error {
			var flag *bool
			switch string(key) {
			case "require":
				flag = &field.Required
			case "include":
				flag = &field.Included
			}
			name := escapePointer.Replace(field.Field) + "/" + escapePointer.Replace(string(key))
			value, err := s.raw()
			if err != nil {
				return err
			}
			if flag == nil {
				if found.unknown == nil {
					found.unknown = map[string]json.RawMessage{}
				}
				found.unknown[name] = value
				return nil
			}
			var ok bool
			if *flag, ok = truth(string(bytes.Trim(value, `"`))); !ok && string(value) != "null" && string(value) != `""` {
				found.bad = append(found.bad, name)
			}
			return nil
		})
		// A field that stands twice is the last one.
		if at, twice := places[field.Field]; twice {
			found.twice = append(found.twice, field.Field)
			fields[at] = field
			return err
		}
		places[field.Field] = len(fields)
		fields = append(fields, field)
		return err
	})
	return fields, found, err
}
