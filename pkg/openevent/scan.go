package openevent

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON from the bytes of one record. Its position stands before
// a value whenever a method is called that reads one.
type scanner struct {
	data []byte
	pos  int
	// begin is the place of the first byte.
	begin place
	depth int
	limit int
	// values counts the members and elements so far, bounded by maxValues where
	// something is made of them.
	values  int
	bounded bool
	// scratch is where texts with escapes are put together.
	scratch []byte

	// notes tell what was read over; more counts those beyond maxNotes.
	notes []note
	more  int
	// mends counts whatever is not as JSON should be.
	mends int
	// lastText is where the text that was read last begins.
	lastText int
	// short tells that an error is the end of the bytes, not what they are.
	short bool
}

// note says what was read over in the JSON.
type note struct {
	code string
	// at is the offset in the bytes.
	at      int
	message string
}

// maxNotes is how many notes of one record are kept: a hostile one could have
// millions.
const maxNotes = 1000

func (s *scanner) note(code string, at int, message string) {
	s.mends++
	if len(s.notes) == maxNotes {
		s.more++
		return
	}
	s.notes = append(s.notes, note{code, at, message})
}

// comma goes over the comma at pos, and notes it where only a closing bracket follows.
func (s *scanner) comma(closing byte) (last bool) {
	at := s.pos
	s.pos++
	s.blanks()
	if s.peek() != closing {
		return false
	}
	s.note(CodeTrailingComma, at, trailingComma)
	return true
}

const trailingComma = "A comma stands before a closing bracket; it is read over"

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// blanks goes over blanks and line breaks.
func (s *scanner) blanks() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// end wants nothing but blanks to follow.
func (s *scanner) end() error {
	if s.blanks(); s.pos < len(s.data) {
		return s.unexpected("the end")
	}
	return nil
}

// members reads an object and calls f for each key, which then reads the
// value. The key's bytes hold until the value is read.
func (s *scanner) members(f func(key []byte, at int) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		s.blanks()
		switch c := s.peek(); {
		case c == '}' && first:
			return s.leave()
		case c != '"':
			return s.unexpected("a key in quotes")
		}
		if err := s.count(); err != nil {
			return err
		}
		at := s.pos
		key, _, err := s.text()
		if err != nil {
			return err
		}
		if s.blanks(); s.peek() != ':' {
			return s.unexpected("a colon")
		}
		s.pos++
		s.blanks()
		if err := f(key, at); err != nil {
			return err
		}
		s.blanks()
		switch s.peek() {
		case ',':
			if s.comma('}') {
				return s.leave()
			}
		case '}':
			return s.leave()
		default:
			return s.unexpected("a comma or a closing brace")
		}
	}
}

// elements reads a list and calls f for each element, which then reads it.
func (s *scanner) elements(f func(i int) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		s.blanks()
		if i == 0 && s.peek() == ']' {
			return s.leave()
		}
		if err := s.count(); err != nil {
			return err
		}
		if err := f(i); err != nil {
			return err
		}
		s.blanks()
		switch s.peek() {
		case ',':
			if s.comma(']') {
				return s.leave()
			}
		case ']':
			return s.leave()
		default:
			return s.unexpected("a comma or a closing bracket")
		}
	}
}

// maxValues is how many values one record may have, those in lists and objects
// inside it included. A real one has some dozens; the shortest ones take a
// hundred times more memory when they are read than in the file.
const maxValues = 100_000

// count counts one more value.
func (s *scanner) count() error {
	if s.values++; s.bounded && s.values > maxValues {
		return s.fail(CodeRecordTooLarge, fmt.Sprintf("The record has more than %d values", maxValues))
	}
	return nil
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > s.limit {
		return s.fail(CodeJSONTooDeep, fmt.Sprintf("The JSON nests deeper than %d levels", s.limit))
	}
	s.pos++
	return nil
}

func (s *scanner) leave() error {
	s.depth--
	s.pos++
	return nil
}

// skip reads a value for its correctness only.
func (s *scanner) skip() error {
	switch c := s.peek(); c {
	case '{':
		return s.members(func([]byte, int) error { return s.skip() })
	case '[':
		return s.elements(func(int) error { return s.skip() })
	case '"':
		_, _, err := s.text()
		return err
	default:
		_, err := s.bare()
		return err
	}
}

// raw reads a value and returns a copy of its JSON, mended where it was none.
func (s *scanner) raw() (json.RawMessage, error) {
	at, mends := s.pos, s.mends
	if err := s.skip(); err != nil {
		return nil, err
	}
	if s.mends == mends {
		return append(json.RawMessage(nil), s.data[at:s.pos]...), nil
	}
	again := scanner{data: s.data[at:s.pos], limit: s.limit}
	return again.rewrite(make([]byte, 0, s.pos-at), asItIs)
}

// rewrite appends the JSON of a value to out, without blanks. word appends what
// is a number, true, false or null.
func (s *scanner) rewrite(out []byte, word func(out, word []byte) []byte) ([]byte, error) {
	s.blanks()
	var err error
	switch s.peek() {
	case '{':
		out = append(out, '{')
		first := len(out)
		err = s.members(func(key []byte, _ int) error {
			if len(out) > first {
				out = append(out, ',')
			}
			var err error
			out = append(appendText(out, key), ':')
			out, err = s.rewrite(out, word)
			return err
		})
		return append(out, '}'), err
	case '[':
		out = append(out, '[')
		err = s.elements(func(i int) error {
			if i > 0 {
				out = append(out, ',')
			}
			var err error
			out, err = s.rewrite(out, word)
			return err
		})
		return append(out, ']'), err
	case '"':
		text, _, err := s.text()
		return appendText(out, text), err
	default:
		bare, err := s.bare()
		return word(out, bare), err
	}
}

// asItIs appends a word as it stands.
func asItIs(out, word []byte) []byte { return append(out, word...) }

// appendText appends a text in quotes.
func appendText(out, text []byte) []byte {
	out = append(out, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ':
			out = fmt.Appendf(out, "\\u%04x", c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// bare reads a number, true, false or null and returns its bytes.
func (s *scanner) bare() ([]byte, error) {
	at := s.pos
	for s.pos < len(s.data) && isBare(s.data[s.pos]) {
		s.pos++
	}
	raw := s.data[at:s.pos]
	s.short = s.pos == len(s.data)
	switch string(raw) {
	case "null", "true", "false":
		return raw, nil
	}
	if !isJSONNumber(raw) {
		s.pos = at
		return nil, s.unexpected("a value")
	}
	return raw, nil
}

func isBare(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '+' || c == '.' || c == '_'
}

// isJSONNumber tells whether b is a number as JSON writes it.
func isJSONNumber[T []byte | string](b T) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return false
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}

// damage says what was mended in a text.
type damage struct{ nul, utf8 bool }

// text reads a string. The bytes hold until the next text is read. Control
// characters are noted and kept, NUL is left out and what is not UTF-8 is
// replaced.
func (s *scanner) text() ([]byte, damage, error) {
	s.lastText = s.pos
	s.pos++
	at, ascii := s.pos, true
	for {
		s.pos += ordinary(s.data[s.pos:])
		if s.pos == len(s.data) || s.data[s.pos] < utf8.RuneSelf {
			break
		}
		for ascii = false; s.pos < len(s.data) && s.data[s.pos] >= utf8.RuneSelf; {
			s.pos++
		}
	}
	raw := s.data[at:s.pos]
	if s.pos < len(s.data) && s.data[s.pos] == '"' && (ascii || utf8.Valid(raw)) {
		s.pos++
		return raw, damage{}, nil
	}
	s.pos = at
	return s.mended()
}

// mended reads a string that cannot be taken as it stands.
func (s *scanner) mended() ([]byte, damage, error) {
	var found damage
	controls := false
	out := s.scratch[:0]
	for {
		if n := ordinary(s.data[s.pos:]); n > 0 {
			out = append(out, s.data[s.pos:s.pos+n]...)
			s.pos += n
		}
		if s.pos >= len(s.data) {
			return nil, found, s.unexpected("a closing quote")
		}
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			s.scratch = out
			if found != (damage{}) {
				s.mends++
			}
			return out, found, nil
		case c < ' ':
			if !controls {
				s.control(c)
				controls = true
			}
			if c == 0 {
				found.nul = true
			} else {
				out = append(out, c)
			}
			s.pos++
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return nil, found, err
			}
			if r == 0 {
				found.nul = true
				continue
			}
			found.utf8 = found.utf8 || r < 0
			out = utf8.AppendRune(out, r) // replaces what is negative
		default:
			r, n := utf8.DecodeRune(s.data[s.pos:])
			found.utf8 = found.utf8 || r == utf8.RuneError && n == 1
			out = utf8.AppendRune(out, r)
			s.pos += n
		}
	}
}

// ordinary tells how many bytes there are at the beginning of b that stand for themselves
// in a text: ASCII but for quotes, backslashes and control characters. It looks at eight
// of them at once.
func ordinary(b []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(b); n += 8 {
		w := binary.LittleEndian.Uint64(b[n:])
		quotes, slashes := w^ones*'"', w^ones*'\\'
		// The high bit of a byte is set where it is below ' ', is a quote, is a backslash or
		// is no ASCII. Above the first such byte a borrow may set others.
		found := (w - ones*' ') | (quotes - ones) | (slashes - ones) | w
		if found &= high; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for ; n < len(b); n++ {
		if c := b[n]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return n
}

// escape reads what begins with a backslash. It returns -1 for half of a
// surrogate pair, which stands for no character.
func (s *scanner) escape() (rune, error) {
	if s.pos++; s.pos == len(s.data) {
		return 0, s.unexpected("an escaped character")
	}
	c := s.data[s.pos]
	s.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
	default:
		s.pos--
		return 0, s.fail(CodeJSONSyntax, fmt.Sprintf("\\%c is no escaped character", rune(c)))
	}
	r, ok := s.hex()
	if !ok {
		return 0, s.unexpected("four hexadecimal digits")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if before := s.pos; s.pos+1 < len(s.data) && s.data[s.pos] == '\\' && s.data[s.pos+1] == 'u' {
		s.pos += 2
		if low, ok := s.hex(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
		s.pos = before
	}
	return -1, nil
}

// hex reads four hexadecimal digits.
func (s *scanner) hex() (rune, bool) {
	if len(s.data)-s.pos < 4 {
		s.short = true
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.data[s.pos:s.pos+4]), 16, 32)
	if err != nil {
		return 0, false
	}
	s.pos += 4
	return rune(v), true
}

// control notes a control character inside a text.
func (s *scanner) control(c byte) {
	if len(s.notes) == maxNotes {
		s.note(CodeControlCharacter, s.pos, "") // counted only
		return
	}
	message := fmt.Sprintf("The control character U+%04X stands inside a text; it should be an escape", c)
	if c == 0 {
		message = "A NUL character stands inside a text; it is left out"
	}
	s.note(CodeControlCharacter, s.pos, message)
}

// unexpected complains about what stands at pos.
func (s *scanner) unexpected(wanted string) error {
	if s.pos >= len(s.data) {
		s.short = true
		return s.fail(CodeJSONSyntax, "The record ends where "+wanted+" belongs")
	}
	r, _ := utf8.DecodeRune(s.data[s.pos:])
	return s.fail(CodeJSONSyntax, fmt.Sprintf("%q stands where %s belongs", r, wanted))
}

func (s *scanner) fail(code, message string) error {
	return &jsonError{
		code: code, message: message, at: s.begin.after(s.data[:s.pos]), off: s.pos,
		search: min(s.lastText, s.pos), short: s.short,
	}
}
