package openevent

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// encoder writes records by the schema's table, as the first server laid them out:
// indented by four blanks, and nothing escaped that need not be. It is what decoder reads.
type encoder struct {
	dialect Dialect
	out     []byte
	indent  int
	// some tells that the list or object that is written has something already.
	some bool
	// columns tells that the record is a form's field, as the column dump has it.
	columns bool
	// compact tells to leave the blanks away, and values counts the members and elements of
	// the record, as the reader does.
	compact bool
	values  int
}

// writeRecord appends the JSON of a record.
func writeRecord[T any](e *encoder, s *schema, r Record[T]) {
	if form, is := any(&r.Value).(*Form); is {
		e.columns = form.FieldName != ""
	}
	v := reflect.ValueOf(&r.Value).Elem()
	e.object(s, v, placeExtra(s, v, r.Extra))
}

// object appends an object with its fields, and what is unknown behind them.
func (e *encoder) object(s *schema, v reflect.Value, x *extra) {
	outside := e.open('{')
	for _, w := range s.written[e.dialect] {
		f := &s.fields[w.field]
		value, inner := v.Field(f.index), x.of(f.name)
		if inner != nil || !e.leftAway(f, value) {
			e.key(w.key)
			e.field(f, value, inner)
		}
	}
	e.unknown(x)
	e.end('}', outside)
}

// unknown appends the members of an object that have no field.
func (e *encoder) unknown(x *extra) {
	if x == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(x.own)) {
		e.key(key)
		e.raw(x.own[key])
	}
}

// leftAway tells of a field whose key is not written. All others are null where there is
// nothing: for true and false the first server takes no null.
func (e *encoder) leftAway(f *field, v reflect.Value) bool {
	switch {
	case f.kind == KindBoolean || f.sparse:
		return v.IsZero()
	case f.kind == KindForm:
		return e.columns && v.Len() == 0
	default:
		return false
	}
}

// field appends the value of a field.
func (e *encoder) field(f *field, v reflect.Value, x *extra) {
	switch f.kind {
	case KindID:
		e.id(v.String())
	case KindNumber:
		e.number(v.Interface().(*float64))
	case KindInteger:
		if n := v.Interface().(*int64); n != nil {
			e.out = strconv.AppendInt(e.out, *n, 10)
		} else {
			e.null()
		}
	case KindBoolean: // there is one, else it is left away
		e.out = strconv.AppendBool(e.out, v.Elem().Bool())
	case KindTime:
		e.text(v.Interface().(Time).String())
	case KindRef:
		e.ref(v.Interface().(Ref), "name")
	case KindRefs:
		e.refs(v.Interface().([]Ref), "name")
	case KindBack:
		e.refs(v.Interface().([]Ref), Sessions.schema.naming())
	case KindObject:
		switch {
		case !v.IsNil():
			e.object(f.inner, v.Elem(), x)
		case x != nil:
			e.object(f.inner, reflect.New(v.Type().Elem()).Elem(), x)
		default:
			e.null()
		}
	case KindList:
		e.list(f, v, x)
	case KindForm:
		e.form(v.Interface().([]FormField), x)
	case KindEventState:
		e.text(e.eventState(v.String()))
	default:
		e.text(v.String())
	}
}

// eventState gives the word as the first server had it, with a capital.
func (e *encoder) eventState(word string) string {
	if e.dialect == DialectA && slices.Contains(eventStates, word) {
		return strings.ToUpper(word[:1]) + word[1:]
	}
	return word
}

// id appends an id: a number where it is written as one writes numbers.
func (e *encoder) id(id string) {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && strconv.FormatInt(n, 10) == id {
		e.out = append(e.out, id...)
		return
	}
	e.text(id)
}

func (e *encoder) number(n *float64) {
	if n == nil || math.IsNaN(*n) || math.IsInf(*n, 0) {
		e.null()
		return
	}
	number, _ := json.Marshal(*n) // the shortest form; what cannot be written is excluded
	e.out = append(e.out, number...)
}

func (e *encoder) ref(r Ref, naming string) {
	if r.IsZero() {
		e.null()
		return
	}
	outside := e.open('{')
	e.key("id")
	e.id(r.ID)
	if r.Name != "" {
		e.key(naming)
		e.text(r.Name)
	}
	e.end('}', outside)
}

// manyRefs is from how many on references without names are ids alone: a record may have
// so many values, and no more.
const manyRefs = 1000

func (e *encoder) refs(refs []Ref, naming string) {
	bare := len(refs) > manyRefs && !slices.ContainsFunc(refs, func(r Ref) bool { return r.Name != "" })
	outside := e.open('[')
	for _, r := range refs {
		switch {
		case r.IsZero():
		case bare:
			e.next()
			e.id(r.ID)
		default:
			e.next()
			e.ref(r, naming)
		}
	}
	e.end(']', outside)
}

func (e *encoder) list(f *field, v reflect.Value, x *extra) {
	outside := e.open('[')
	for i := range v.Len() {
		e.next()
		e.object(f.inner, v.Index(i), x.of(strconv.Itoa(i)))
	}
	e.end(']', outside)
}

// form appends the description of a form: JSON inside of a text, without blanks.
func (e *encoder) form(fields []FormField, x *extra) {
	flag := map[bool]byte{true: '1', false: '0'}
	inner := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			inner = append(inner, ',')
		}
		inner = appendText(inner, []byte(f.Field))
		inner = append(inner, `:{"require":`...)
		inner = append(inner, flag[f.Required])
		inner = append(inner, `,"include":`...)
		inner = append(inner, flag[f.Included])
		if x := x.of(f.Field); x != nil {
			for _, key := range slices.Sorted(maps.Keys(x.own)) {
				inner = append(inner, ',')
				inner = append(appendText(inner, []byte(key)), ':')
				inner = append(inner, valid(x.own[key])...)
			}
		}
		inner = append(inner, '}')
	}
	e.text(string(append(inner, '}')))
}

// raw appends a value as it stands, but for the blanks between its parts.
func (e *encoder) raw(value json.RawMessage) {
	text := valid(value)
	e.values += bytes.Count(text, []byte{','}) // and perhaps some that are in texts
	b := bytes.NewBuffer(e.out)
	lay := func() error { return json.Indent(b, text, strings.Repeat(blanks, e.indent), blanks) }
	if e.compact {
		lay = func() error { return json.Compact(b, text) }
	}
	if lay() == nil {
		e.out = b.Bytes()
	}
}

// valid gives a value, or a text that says the same where it is no JSON.
func valid(value json.RawMessage) json.RawMessage {
	text := bytes.ToValidUTF8(value, []byte("\uFFFD"))
	switch {
	case len(text) == 0:
		return json.RawMessage("null")
	case !json.Valid(text):
		return appendText(nil, text)
	default:
		return text
	}
}

// blanks is by how much what is inside of something is indented.
const blanks = "    "

func (e *encoder) null() { e.out = append(e.out, "null"...) }

// text appends a text, or null for none.
func (e *encoder) text(text string) {
	if text == "" {
		e.null()
		return
	}
	e.quoted(text)
}

func (e *encoder) quoted(text string) {
	e.out = appendText(e.out, []byte(strings.ToValidUTF8(text, "\uFFFD")))
}

// open begins a list or an object, and returns what end is to be given.
func (e *encoder) open(bracket byte) (outside bool) {
	outside = e.some
	e.out = append(e.out, bracket)
	e.indent, e.some = e.indent+1, false
	return outside
}

// next begins a line for one more member or element.
func (e *encoder) next() {
	e.values++
	if e.some {
		e.out = append(e.out, ',')
	}
	e.some = true
	e.line()
}

func (e *encoder) key(key string) {
	e.next()
	e.quoted(key)
	e.out = append(e.out, ':')
	if !e.compact {
		e.out = append(e.out, ' ')
	}
}

// end closes what open has begun.
func (e *encoder) end(bracket byte, outside bool) {
	e.indent--
	if e.some {
		e.line()
	}
	e.out = append(e.out, bracket)
	e.some = outside
}

func (e *encoder) line() {
	if e.compact {
		return
	}
	e.out = append(e.out, '\n')
	for range e.indent {
		e.out = append(e.out, blanks...)
	}
}
