package openevent

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// extra is what Record.Extra has for one object that is written.
type extra struct {
	// own are the values of the object's unknown keys.
	own map[string]json.RawMessage
	// inside is what there is for the objects in it: by the names of fields, and by the
	// places in a list.
	inside map[string]*extra
}

// of returns what there is for an object inside, nil for nothing.
func (x *extra) of(name string) *extra {
	if x == nil {
		return nil
	}
	return x.inside[name]
}

// set adds a value at a path of names.
func (x *extra) set(path []string, value json.RawMessage) {
	for _, name := range path[:len(path)-1] {
		if x.inside == nil {
			x.inside = map[string]*extra{}
		}
		if x.inside[name] == nil {
			x.inside[name] = &extra{}
		}
		x = x.inside[name]
	}
	if x.own == nil {
		x.own = map[string]json.RawMessage{}
	}
	x.own[path[len(path)-1]] = value
}

// placeExtra finds the objects of a record that unknown keys belong into. What belongs
// into an element that a list does not have, or into no object at all, becomes a key of the
// record that is called by the whole path: nothing is lost, and no element is made up.
func placeExtra(s *schema, record reflect.Value, values map[string]json.RawMessage) *extra {
	if len(values) == 0 {
		return nil
	}
	x := &extra{}
	for _, pointer := range slices.Sorted(maps.Keys(values)) {
		path := strings.Split(pointer, "/")
		for i := range path {
			path[i] = unescapePointer.Replace(path[i])
		}
		knows, ok := inside(s, record, path)
		switch {
		case !ok:
			x.set([]string{pointer}, values[pointer])
		case !knows(path[len(path)-1]):
			x.set(path, values[pointer])
		}
	}
	return x
}

// unescapePointer reads a token of a JSON pointer, see escapePointer.
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// knows tells whether a key is that of a field.
func (s *schema) knows(key string) bool {
	_, known := s.find([]byte(key))
	return known
}

// inside finds the object that a path leads into, and gives the path the names of the
// fields. It tells which keys of the object are known. False where there is no such object.
func inside(s *schema, v reflect.Value, path []string) (knows func(key string) bool, ok bool) {
	if len(path) == 1 {
		return s.knows, true
	}
	found, known := s.find([]byte(path[0]))
	if !known {
		return nil, false
	}
	f := &s.fields[found.field]
	path[0] = f.name
	switch {
	case f.kind == KindObject && len(path) == 2:
		return f.inner.knows, true
	case f.kind == KindList && len(path) == 3:
		i, err := strconv.Atoi(path[1])
		return f.inner.knows, err == nil && path[1] == strconv.Itoa(i) && 0 <= i && i < v.Field(f.index).Len()
	case f.kind == KindForm && len(path) == 3:
		fields := v.Field(f.index).Interface().([]FormField)
		return isFormFlag, slices.ContainsFunc(fields, func(field FormField) bool { return field.Field == path[1] })
	}
	return nil, false
}
