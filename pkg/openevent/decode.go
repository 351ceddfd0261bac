package openevent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// decoder reads one record, straight from its bytes into its struct by the
// schema's table. What is wrong with values becomes findings; what is wrong
// with the JSON ends the reading.
type decoder struct {
	scanner
	// path leads to the value that is read, from the record on.
	path     []string
	findings []finding
	// values are where the fields of the record stand.
	values []valuePlace
	extra  map[string]json.RawMessage
	// mark is the offset whose place is markAt: places are counted going on.
	mark   int
	markAt place
}

// finding is an issue before the record's id is known.
type finding struct {
	severity contracts.Severity
	code     string
	pointer  string
	// at is the offset in the record.
	at      int
	message string
	value   string
	hint    string
}

// outcome says what the value of a field came to.
type outcome int

const (
	isNone outcome = iota // absent, null or empty
	isSet
	isBad // there, but not to be read; a finding says so
)

// record reads the record into v, a struct. False where it is not an object.
func (d *decoder) record(s *schema, v reflect.Value) (bool, error) {
	if d.peek() != '{' {
		if err := d.skip(); err != nil {
			return false, err
		}
		return false, d.end()
	}
	if err := d.object(s, v, 0); err != nil {
		return false, err
	}
	return true, d.end()
}

// object reads an object into v by the table s.
func (d *decoder) object(s *schema, v reflect.Value, begin int) error {
	top := len(d.path) == 0
	var seen uint64
	var outcomes [maxFields]outcome
	var places [maxFields]int
	err := d.members(func(key []byte, keyAt int) error {
		i, known := s.byKey[string(key)]
		if !known {
			return d.unknown(key)
		}
		f := &s.fields[i]
		if seen&(1<<i) != 0 {
			d.forget(f.name)
			d.finding(contracts.Warning, CodeDuplicateKey, f.name, keyAt, fmt.Sprintf("The key '%s' stands twice; the last value holds", f.name))
		}
		seen |= 1 << i
		places[i] = d.pos
		if top {
			d.place(f.name)
		}
		d.path = append(d.path, f.name)
		var err error
		outcomes[i], err = d.field(f, v.Field(f.index))
		d.path = d.path[:len(d.path)-1]
		return err
	})
	if err != nil {
		return err
	}
	for i := range s.fields {
		f := &s.fields[i]
		if outcomes[i] != isNone {
			continue
		}
		if f.fallback != "" {
			v.Field(f.index).SetString(f.fallback)
		}
		if f.required {
			at := begin
			if seen&(1<<i) != 0 {
				at = places[i]
			}
			d.finding(contracts.Error, CodeRequiredFieldMissing, f.name, at, fmt.Sprintf("Required field '%s' is missing", f.name))
		}
	}
	return nil
}

// forget drops what was found about an earlier value of a member.
func (d *decoder) forget(member string) {
	pointer := d.pointer(member)
	d.findings = slices.DeleteFunc(d.findings, func(f finding) bool {
		return f.pointer == pointer || strings.HasPrefix(f.pointer, pointer+"/")
	})
}

// place notes where the value of a field of the record stands.
func (d *decoder) place(field string) {
	d.markAt = d.markAt.after(d.data[d.mark:d.pos])
	d.mark = d.pos
	d.values = append(d.values, valuePlace{field, int32(d.markAt.line), int32(d.markAt.column)})
}

// unknown keeps the value of a key that the table does not have.
func (d *decoder) unknown(key []byte) error {
	path := string(key)
	if len(d.path) > 0 {
		path = strings.Join(d.path, "/") + "/" + path
	}
	value, err := d.raw()
	if err != nil {
		return err
	}
	d.keep(path, value)
	return nil
}

// keep stores a value that has no field, by its path in the record.
func (d *decoder) keep(path string, value json.RawMessage) {
	if d.extra == nil {
		d.extra = map[string]json.RawMessage{}
	}
	d.extra[path] = value
}

// field reads the value of one field. An earlier value of the same key is
// written over, also by null.
func (d *decoder) field(f *field, v reflect.Value) (outcome, error) {
	switch f.kind {
	case KindDropped:
		return isSet, d.skip()
	case KindNumber:
		return read(f, v, d.number)
	case KindInteger:
		return read(f, v, d.integer)
	case KindBoolean:
		return read(f, v, d.boolean)
	case KindTime:
		return read(f, v, d.time)
	case KindRef:
		return read(f, v, d.ref)
	case KindRefs:
		return read(f, v, d.refs)
	case KindForm:
		return read(f, v, d.form)
	case KindID:
		id, out, err := d.id(f)
		v.SetString(id)
		return out, err
	case KindObject:
		return d.inner(f, v)
	case KindList:
		return d.list(f, v)
	default:
		text, out, err := d.textOf(f)
		v.SetString(text)
		return out, err
	}
}

// read stores what one of the decoder's methods returns.
func read[T any](f *field, v reflect.Value, method func(*field) (T, outcome, error)) (outcome, error) {
	value, out, err := method(f)
	*v.Addr().Interface().(*T) = value
	return out, err
}

// inner reads an object into the struct that v points to.
func (d *decoder) inner(f *field, v reflect.Value) (outcome, error) {
	v.SetZero()
	if d.peek() != '{' {
		return d.noneOr(f, "an object")
	}
	v.Set(reflect.New(v.Type().Elem()))
	return isSet, d.object(f.inner, v.Elem(), d.pos)
}

// list reads a list of objects, or a single one, into the slice v.
func (d *decoder) list(f *field, v reflect.Value) (outcome, error) {
	v.SetZero()
	element := func(i int) error {
		d.path = append(d.path, fmt.Sprint(i))
		defer func() { d.path = d.path[:len(d.path)-1] }()
		if d.peek() != '{' {
			_, err := d.noneOr(f, "a list of objects")
			return err
		}
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		return d.object(f.inner, v.Index(v.Len()-1), d.pos)
	}
	switch d.peek() {
	case '[':
		return isSet, d.elements(element)
	case '{':
		return isSet, element(0)
	default:
		return d.noneOr(f, "a list")
	}
}

// noneOr takes null, "" and empty lists and objects as none, and reports any
// other value as of the wrong type.
func (d *decoder) noneOr(f *field, wanted string) (outcome, error) {
	at := d.pos
	if err := d.skip(); err != nil {
		return isBad, err
	}
	raw := d.data[at:d.pos]
	switch string(bytes.Map(dropBlank, raw[:min(len(raw), 16)])) {
	case "null", `""`, "[]", "{}":
		return isNone, nil
	}
	d.invalid(f, CodeWrongType, at, fmt.Sprintf("'%s' should be %s", f.name, wanted), string(raw))
	return isBad, nil
}

func dropBlank(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
		return -1
	}
	return r
}

// invalid reports a value that cannot be read: an error where the field is
// required, since the record is without it then.
func (d *decoder) invalid(f *field, code string, at int, message, value string) {
	severity := contracts.Warning
	if f.required {
		severity = contracts.Error
	}
	d.findings = append(d.findings, finding{
		severity: severity, code: code, pointer: d.pointer(""), at: at, message: message, value: cut(value),
	})
}

// finding reports something about a member of the object that is read.
func (d *decoder) finding(severity contracts.Severity, code, member string, at int, message string) {
	d.findings = append(d.findings, finding{
		severity: severity, code: code, pointer: d.pointer(member), at: at, message: message,
	})
}

// pointer gives the path as a JSON pointer, from the record on.
func (d *decoder) pointer(member string) string {
	var b strings.Builder
	for _, p := range d.path {
		b.WriteByte('/')
		b.WriteString(p)
	}
	if member != "" {
		b.WriteByte('/')
		b.WriteString(member)
	}
	return b.String()
}

// cut shortens a value to what an issue repeats, and makes it text that can be stored.
func cut(value string) string {
	const most = contracts.MaxIssueValue
	long := len(value) > 2*most
	value = value[:min(len(value), 2*most)]
	value = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
	if long || len(value) > most {
		value = strings.ToValidUTF8(value[:min(len(value), most-len(ellipsis))], "") + ellipsis
	}
	return value
}
