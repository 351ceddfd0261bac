package openevent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
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
	// path leads to the value that is read, from the record on, in the keys as they are
	// written. own leads there in the names of the fields, and the places that elements
	// of lists come to: so what is unknown is found again in whatever dialect.
	path     []string
	own      []string
	findings []finding
	// unkept counts those beyond maxFindings.
	unkept int
	// forgot counts the findings and unknown keys that were looked through to drop some.
	forgot int
	// values are where the fields of the record stand.
	values []valuePlace
	extra  map[string]json.RawMessage
	// lenient is as contracts.Lenient; deleted tells of a field of KindDeleted.
	lenient, deleted bool
	// related tells to note what inline and back are for.
	related bool
	inline  []inlineRef
	// back are the ids of the records that this one says refer to it.
	back []string
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
	var members [maxFields]member
	err := d.members(func(key []byte, keyAt int) error {
		found, known := s.find(key)
		if !known {
			return d.unknown(key, keyAt)
		}
		f, m := &s.fields[found.field], &members[found.field]
		before := *m
		if len(d.path) == 0 {
			d.place(f.name, found.key, before.key != "")
		}
		m.key, m.at = found.key, d.pos
		switch before.key {
		case "":
			return d.member(f, v, m)
		case found.key:
			d.forget(found.key)
			d.takeExtra(f)
			d.finding(contracts.Warning, CodeDuplicateKey, found.key, keyAt, fmt.Sprintf("The key '%s' stands twice; the last value holds", found.key))
			return d.member(f, v, m)
		default:
			return d.otherSpelling(f, v, before, m, keyAt)
		}
	})
	if err != nil {
		return err
	}
	for i := range s.fields {
		f := &s.fields[i]
		if members[i].outcome != isSet && f.fallback != "" {
			v.Field(f.index).SetString(f.fallback)
		}
		if members[i].outcome == isNone {
			d.none(f, members[i], begin)
		}
	}
	return nil
}

// member is what is known of a field while its object is read.
type member struct {
	// key is the key as written, "" where there is none; at is where its value begins.
	key     string
	at      int
	outcome outcome
}

// member reads the value of a member into its field.
func (d *decoder) member(f *field, v reflect.Value, m *member) error {
	d.path, d.own = append(d.path, m.key), append(d.own, f.name)
	var err error
	m.outcome, err = d.field(f, v.Field(f.index))
	d.path, d.own = d.path[:len(d.path)-1], d.own[:len(d.own)-1]
	return err
}

// otherSpelling reads a field that the object has under another name already,
// as files do that somebody has half converted. What is empty takes nothing
// away; of two values the last one holds.
func (d *decoder) otherSpelling(f *field, v reflect.Value, before member, m *member, keyAt int) error {
	value := v.Field(f.index)
	if !value.CanSet() { // one that is not imported
		return d.member(f, v, m)
	}
	earlier := reflect.New(value.Type()).Elem()
	earlier.Set(value)
	found, extra := len(d.findings), d.takeExtra(f)
	if err := d.member(f, v, m); err != nil {
		return err
	}
	back := func() {
		value.Set(earlier)
		*m = before
		d.takeExtra(f)
		maps.Copy(d.extra, extra) // where there is any, there is a map
	}
	switch {
	case m.outcome == isBad && before.outcome == isSet:
		d.forgive(found, m.key)
		back()
	case m.outcome == isSet && before.outcome == isBad:
		d.forgive(0, before.key)
	case m.outcome == isNone:
		back()
	case before.outcome != isNone && !reflect.DeepEqual(earlier.Interface(), value.Interface()):
		d.finding(contracts.Warning, CodeTwoSpellings, m.key, keyAt,
			fmt.Sprintf("'%s' and '%s' are the same field, with different values; the last one holds", before.key, m.key))
	}
	return nil
}

// forgive makes the errors about a member warnings, from one finding on: the
// record has a value for the field after all.
func (d *decoder) forgive(from int, key string) {
	pointer := d.pointer(key)
	for i := range d.findings[min(from, len(d.findings)):] {
		if f := &d.findings[from+i]; f.pointer == pointer && f.severity == contracts.Error {
			f.severity = contracts.Warning
		}
	}
}

// none deals with a field that the object has no value for.
func (d *decoder) none(f *field, m member, begin int) {
	if m.key == "" {
		m.key, m.at = f.name, begin
	}
	switch {
	case f.required && !(f.spared && d.lenient):
		d.finding(contracts.Error, CodeRequiredFieldMissing, m.key, m.at, fmt.Sprintf("Required field '%s' is missing", m.key))
	case f.required || f.wanted:
		d.finding(contracts.Warning, CodeFieldMissing, m.key, m.at, fmt.Sprintf("The field '%s' is missing; the record is imported without it", m.key))
	}
}

// forget drops what was found about an earlier value of a member.
func (d *decoder) forget(member string) {
	if d.forgot += len(d.findings); d.forgot > maxForgotten || len(d.findings) == maxFindings {
		return // it would take long, again and again
	}
	pointer := d.pointer(member)
	inside := pointer + "/"
	d.findings = slices.DeleteFunc(d.findings, func(f finding) bool {
		return f.pointer == pointer || strings.HasPrefix(f.pointer, inside)
	})
}

// place notes where the value of a field of the record stands, under which key.
// One that stands there again takes the place of what was noted before.
func (d *decoder) place(field, key string, again bool) {
	d.markAt = d.markAt.after(d.data[d.mark:d.pos])
	d.mark = d.pos
	if again {
		d.values = slices.DeleteFunc(d.values, func(v valuePlace) bool { return v.field == field })
	}
	d.values = append(d.values, valuePlace{field, key, d.markAt.line, d.markAt.column})
}

// unknown keeps the value of a key that the table does not have.
func (d *decoder) unknown(key []byte, keyAt int) error {
	name := escapePointer.Replace(string(key))
	path := strings.Join(append(d.own, name), "/")
	if _, twice := d.extra[path]; twice {
		d.finding(contracts.Warning, CodeDuplicateKey, name, keyAt, fmt.Sprintf("The key '%s' stands twice; the last value holds", cut(string(key))))
	}
	value, err := d.raw()
	if err != nil {
		return err
	}
	d.keep(path, value)
	return nil
}

// takeExtra removes what was found unknown inside of a field whose value does not count
// any more, and returns it.
func (d *decoder) takeExtra(f *field) map[string]json.RawMessage {
	switch f.kind {
	case KindObject, KindList, KindForm:
	default:
		return nil
	}
	if d.forgot += len(d.extra); d.forgot > maxForgotten {
		return nil // as in forget
	}
	inside := strings.Join(append(d.own, f.name), "/") + "/"
	var taken map[string]json.RawMessage
	for path, value := range d.extra {
		if strings.HasPrefix(path, inside) {
			if taken == nil {
				taken = map[string]json.RawMessage{}
			}
			taken[path] = value
			delete(d.extra, path)
		}
	}
	return taken
}

// escapePointer writes a key as a token of a JSON pointer (RFC 6901).
var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

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
	case KindBack:
		return isSet, d.backRefs()
	case KindDeleted:
		text, out, err := d.trimmed(f)
		d.deleted = out == isSet && text != "0" && text != "false"
		return out, err
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
		d.own = append(d.own, fmt.Sprint(v.Len()-1))
		defer func() { d.own = d.own[:len(d.own)-1] }()
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
	if isNothing(raw) {
		return isNone, nil
	}
	d.invalid(f, CodeWrongType, at, fmt.Sprintf("'%s' should be %s", f.name, wanted), string(raw))
	return isBad, nil
}

// isNothing tells whether a value is null or empty.
func isNothing(raw []byte) bool {
	switch string(bytes.Map(dropBlank, raw[:min(len(raw), 16)])) {
	case "null", `""`, "[]", "{}":
		return true
	}
	return false
}

func dropBlank(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
		return -1
	}
	return r
}

// maxFindings is how many findings of one record are kept; the rest are counted.
// A hostile one could have millions.
const maxFindings = 1000

// maxForgotten is how many findings and unknown keys of one record are looked through
// because of keys that stand twice.
const maxForgotten = 1 << 24

func (d *decoder) found(f finding) {
	if len(d.findings) < maxFindings {
		d.findings = append(d.findings, f)
		return
	}
	d.unkept++
	// An error takes the place of what is none: for it a record is left out.
	if last := &d.findings[maxFindings-1]; f.severity == contracts.Error && last.severity != contracts.Error {
		*last = f
	}
}

// invalid reports a value that cannot be read: an error where the field is
// required, since the record is without it then.
func (d *decoder) invalid(f *field, code string, at int, message, value string) {
	severity := contracts.Warning
	if f.required {
		severity = contracts.Error
	}
	d.found(finding{
		severity: severity, code: code, pointer: d.pointer(""), at: at, message: message, value: cut(value),
	})
}

// finding reports something about a member of the object that is read.
func (d *decoder) finding(severity contracts.Severity, code, member string, at int, message string) {
	d.found(finding{
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
