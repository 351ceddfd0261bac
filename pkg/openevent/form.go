package openevent

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// form reads the description of a form: an object of fields, which archives
// write as JSON inside a string.
func (d *decoder) form(f *field) ([]FormField, outcome, error) {
	at := d.pos
	name := strings.TrimSuffix(f.name, "_form")
	switch d.peek() {
	case '{':
		fields, ok, err := formFields(&d.scanner, name)
		if err == nil && !ok {
			d.invalid(f, CodeInvalidForm, at, fmt.Sprintf("'%s' does not describe a form", f.name), "")
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
	fields, ok := formText(&inner, name)
	if !ok {
		d.invalid(f, CodeInvalidForm, at, fmt.Sprintf("'%s' does not describe a form", f.name), string(text))
		return nil, isBad, nil
	}
	return fields, isSet, nil
}

// formText reads a text that is nothing but the description of a form.
func formText(s *scanner, form string) ([]FormField, bool) {
	if s.peek() != '{' {
		return nil, false
	}
	fields, ok, err := formFields(s, form)
	return fields, ok && err == nil && s.end() == nil
}

// formFields reads {"title":{"require":1,"include":1},…}. False where a value
// in it is something else.
func formFields(s *scanner, form string) (fields []FormField, ok bool, err error) {
	ok = true
	err = s.members(func(key []byte, _ int) error {
		field := FormField{Form: form, Field: string(key)}
		if s.peek() != '{' {
			ok = false
			return s.skip()
		}
		err := s.members(func(key []byte, _ int) error {
			var flag *bool
			switch string(key) {
			case "require":
				flag = &field.Required
			case "include":
				flag = &field.Included
			default:
				return s.skip()
			}
			at := s.pos
			err := s.skip()
			if err == nil {
				*flag, _ = truth(string(bytes.Trim(s.data[at:s.pos], `"`)))
			}
			return err
		})
		// A field that stands twice is the last one.
		fields = slices.DeleteFunc(fields, func(f FormField) bool { return f.Field == field.Field })
		fields = append(fields, field)
		return err
	})
	return fields, ok, err
}
