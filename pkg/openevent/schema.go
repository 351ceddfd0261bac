package openevent

import (
	"fmt"
	"reflect"
	"strings"
)

// Kind says how a field's value is read.
type Kind string

// The kinds of fields. Every kind takes null and "" as none.
const (
	KindText   Kind = "text"   // string, "" is none
	KindHTML   Kind = "html"   // HTML
	KindURL    Kind = "url"    // string with a scheme of the web
	KindEmail  Kind = "email"  // string
	KindEnum   Kind = "enum"   // string, mostly out of a list
	KindUpload Kind = "upload" // string: a path in the archive or a URL
	KindColor  Kind = "color"  // string: a CSS colour
	KindZone   Kind = "zone"   // string: an IANA time zone
	KindLength Kind = "length" // string: a session's length
	KindID     Kind = "id"     // string: numbers and texts alike

	KindState      Kind = "state"       // string: what has been decided about a session
	KindEventState Kind = "event_state" // string: draft, published or completed
	KindPrivacy    Kind = "privacy"     // string: public or private
	KindLanguage   Kind = "language"    // string: a language's English name
	KindIdentifier Kind = "identifier"  // string: letters, digits, - and _
	KindNumber     Kind = "number"      // *float64
	KindInteger    Kind = "integer"     // *int64
	KindBoolean    Kind = "boolean"     // *bool
	KindTime       Kind = "time"        // Time
	KindRef        Kind = "ref"         // Ref
	KindRefs       Kind = "refs"        // []Ref
	KindObject     Kind = "object"      // *struct
	KindList       Kind = "list"        // []struct
	KindForm       Kind = "form"        // []FormField, JSON inside a string
	KindBack       Kind = "back"        // the other side of a relation: read to compare
	KindDeleted    Kind = "deleted"     // not empty where the record was deleted
	KindDropped    Kind = "dropped"     // known, and left out on purpose
)

// Field is one line of the table of a record's fields.
type Field struct {
	// Name is the field's key in dialect A, Aliases are its names in the others.
	Name    string
	Aliases []string
	Kind    Kind
	// Required tells that a record without it cannot be imported, Wanted that it
	// is imported with a warning.
	Required bool
	Wanted   bool
	// Fields are those of the objects inside, for KindObject and KindList.
	Fields []Field
}

// schema is how one struct is read: its fields, and where they are found by key.
type schema struct {
	fields []field
	// byKey maps the spellings of keys to fields; see find.
	byKey map[string]spelling
	// id is the place of the source id, or -1.
	id int
	// written are the keys of an object that is written, in their order.
	written map[Dialect][]writtenKey
}

// spelling is one way to write the key of a field.
type spelling struct {
	// field is its place in schema.fields.
	field int
	// key is as written.
	key string
}

// field is one line of a schema.
type field struct {
	name     string
	aliases  []string
	kind     Kind
	required bool
	wanted   bool
	// spared tells that a lenient reading does without a required field.
	spared bool
	// sparse tells that its key is left away where there is nothing to write.
	sparse bool
	// fallback is the text where the archive has none that can be read.
	fallback string
	// index is the field's place in the struct.
	index int
	inner *schema
}

// maxFields is how many fields of one object the decoder can tell seen from unseen.
const maxFields = 64

// schemaOf reads the table from the struct tags of T: `oe:"key,kind,required"`,
// where the kind may be left out if the Go type says it; "wanted", "spared"
// and "sparse" are as in field, and "default=" gives the text for none. A struct that cannot
// be read is a mistake in this package, hence the panic.
func schemaOf[T any]() *schema { return schemaOfType(reflect.TypeFor[T]()) }

func schemaOfType(t reflect.Type) *schema {
	s := &schema{byKey: map[string]spelling{}, id: -1}
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("oe"), ",")
		if name == "" {
			panic(fmt.Sprintf("openevent: %s.%s has no tag", t, sf.Name))
		}
		f := field{name: name, aliases: aliases[t.Name()][name], index: i, kind: kindOf(sf.Type)}
		for option := range strings.SplitSeq(options, ",") {
			fallback, isDefault := strings.CutPrefix(option, "default=")
			switch {
			case isDefault:
				f.fallback = fallback
			case option == "required":
				f.required = true
			case option == "wanted":
				f.wanted = true
			case option == "spared":
				f.spared = true
			case option == "sparse":
				f.sparse = true
			case option != "":
				f.kind = Kind(option)
			}
		}
		if f.kind == KindObject || f.kind == KindList {
			f.inner = schemaOfType(sf.Type.Elem())
		}
		if f.kind == KindID {
			s.id = len(s.fields)
		}
		for _, key := range append([]string{name}, f.aliases...) {
			for _, written := range []string{key, strings.ReplaceAll(key, "_", "-")} {
				s.byKey[written] = spelling{field: len(s.fields), key: written}
			}
		}
		s.fields = append(s.fields, f)
	}
	if len(s.fields) > maxFields {
		panic(fmt.Sprintf("openevent: %s has more than %d fields", t, maxFields))
	}
	s.written = s.order(t.Name())
	return s
}

// find returns the field of a key. What is not spelled in one of the usual ways
// is looked up without its capitals, blanks and hyphens.
func (s *schema) find(key []byte) (spelling, bool) {
	if found, ok := s.byKey[string(key)]; ok {
		return found, true
	}
	if len(key) > maxKey {
		return spelling{}, false
	}
	folded := foldKey.Replace(strings.ToLower(trimBlanks(string(key))))
	found, ok := s.byKey[folded]
	return spelling{field: found.field, key: string(key)}, ok
}

var foldKey = strings.NewReplacer("-", "_", " ", "_")

// maxKey is the length of the longest key that is looked at closely, in bytes.
const maxKey = 64

// kindOf returns the kind that a Go type stands for by itself.
func kindOf(t reflect.Type) Kind {
	switch t {
	case reflect.TypeFor[HTML]():
		return KindHTML
	case reflect.TypeFor[Time]():
		return KindTime
	case reflect.TypeFor[Ref]():
		return KindRef
	case reflect.TypeFor[[]Ref]():
		return KindRefs
	case reflect.TypeFor[*float64]():
		return KindNumber
	case reflect.TypeFor[*int64]():
		return KindInteger
	case reflect.TypeFor[*bool]():
		return KindBoolean
	}
	switch t.Kind() {
	case reflect.Pointer:
		return KindObject
	case reflect.Slice:
		return KindList
	default:
		return KindText
	}
}

// naming returns the key by which records of the file are told from what is
// inside of them: their name or title.
func (s *schema) naming() string {
	for _, key := range []string{"title", "name"} {
		if found, ok := s.byKey[key]; ok && s.fields[found.field].name == key {
			return key
		}
	}
	return "id"
}

// list gives the table as the package's users see it.
func (s *schema) list() []Field {
	fields := make([]Field, 0, len(s.fields))
	for _, f := range s.fields {
		out := Field{Name: f.name, Aliases: f.aliases, Kind: f.kind, Required: f.required, Wanted: f.wanted}
		if f.inner != nil {
			out.Fields = f.inner.list()
		}
		fields = append(fields, out)
	}
	return fields
}
