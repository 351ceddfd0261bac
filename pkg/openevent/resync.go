package openevent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/usher-events/usher/contracts"
)

// jsonError tells what is wrong with the JSON of a file, where, and what is
// left out because of it.
type jsonError struct {
	code    string
	message string
	at      place
	// line is the line of at, cut to what an issue repeats.
	line string
	// lost tells that what stands between from and to is left out; to is the
	// last byte of it. rest tells that it is all to the end of the file.
	lost, rest bool
	from, to   place

	// off is where it is behind the mark, search from where on the next record
	// is looked for.
	off, search int
	// record tells that it is inside the record at the mark, whose brackets
	// close at end, an offset in the file.
	record bool
	end    int64
	// kept tells that nothing is left out, last that nothing more is read, and
	// short that there were not enough bytes to tell.
	kept, last, short bool
}

// noEnd is the end of a record whose brackets do not close.
const noEnd = -1

func (e *jsonError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.at.line, e.at.column, e.text())
}

// text is the sentence for people.
func (e *jsonError) text() string {
	switch {
	case e.rest:
		return fmt.Sprintf("%s; everything from line %d on is left out", e.message, e.from.line)
	case !e.lost:
		return e.message
	case e.from.line == e.to.line:
		return fmt.Sprintf("%s; columns %d to %d of line %d are left out", e.message, e.from.column, e.to.column, e.from.line)
	default:
		return fmt.Sprintf("%s; lines %d to %d are left out", e.message, e.from.line, e.to.line)
	}
}

// nothingLost marks a mistake that costs no record.
func (e *jsonError) nothingLost() *jsonError {
	e.kept = true
	return e
}

const (
	// maxWork is how many bytes of a file are looked at once more in search of
	// records behind damage.
	maxWork = 64 << 20
	// workOfTry is what each try counts, however soon it fails.
	workOfTry = 512
	// lookAhead is how far behind a record it is checked that it is one.
	lookAhead = 64 << 10
)

// goOn completes a *jsonError by what is lost, and goes behind it. Other
// errors it leaves as they are.
func (s *splitter) goOn(err error) error {
	wrong, is := errors.AsType[*jsonError](err)
	if !is {
		return err
	}
	if wrong.code != CodeRecordTooLarge { // there the place is out of sight
		wrong.line = s.excerpt(wrong.off)
	}
	if s.found++; s.found > maxFound {
		wrong.message = fmt.Sprintf("The file has more than %d mistakes", maxFound)
		wrong.lost, wrong.rest, wrong.from, wrong.last = true, true, wrong.at, true
	}
	switch {
	case s.single || wrong.last:
		s.state, s.readErr = atStop, io.EOF
		return wrong
	case wrong.kept:
		return wrong
	}
	s.unlisted = false
	wrong.from = wrong.at
	if wrong.record {
		wrong.from, wrong.to = s.begun, wrong.at
		wrong.search = max(wrong.search, 1)
	}
	s.pos = min(s.mark+wrong.search, len(s.buf))
	s.advance(s.pos)
	s.resync(wrong)
	wrong.lost = wrong.rest || wrong.to != place{}
	return wrong
}

// resync goes from the mark to the next record that can be told from what is
// inside of one, or to where the damaged record ends by its brackets. It notes
// the last place on the way that is not blank, and whether it gave up.
//
// A record is a complete object with the naming key, at the margin of the
// records before it, or not much shorter than they are where they have none,
// and with nothing behind it that tells that it is part of another object.
func (s *splitter) resync(wrong *jsonError) {
	tail := -1 // of the bytes from the mark on, the last that is not blank
	step := func() {
		if tail >= 0 {
			wrong.to = s.markAt.after(s.buf[s.mark : s.mark+tail])
			tail = -1
		}
		s.advance(s.pos)
	}
	var last byte // neither blank nor a comma
	for {
		if s.off+int64(s.pos) == wrong.end {
			step()
			s.state = atNext
			return
		}
		if s.pos == len(s.buf) {
			step()
			if s.more() != nil {
				s.state = atStop
				return
			}
			continue
		}
		c := s.buf[s.pos]
		switch c {
		case ' ', '\t', '\r', '\n':
			s.pos++
			continue
		case ',':
		case '{', '[':
			step()
			if s.work > maxWork {
				s.state, s.readErr = atStop, io.EOF
				wrong.rest = true
				return
			}
			length := 0
			switch {
			case last == ':': // a value inside an object
				if !s.margin.known() {
					length, _ = s.complete(0)
				}
			case c == '{' && s.margin.holds(s.markAt):
				var named bool
				if length, named = s.complete(0); named && (s.margin.known() || s.longEnough(length)) && s.amongRecords(length) {
					s.state = atRecord
					return
				}
			}
			// What is longer than a record may be a list that is not closed.
			if length > 0 && (s.longest == 0 || length <= s.longest) {
				s.pos += length
				tail = length - 1
				last = c + 2
				continue
			}
			last = c
		default:
			last = c
		}
		tail = s.pos - s.mark
		s.pos++
	}
}

// complete returns the length of the list or object that begins i bytes behind
// the mark, 0 where there is no whole one, and whether it has the naming key.
func (s *splitter) complete(i int) (length int, named bool) {
	s.work += workOfTry
	for {
		sc := s.scanner(s.buf[s.mark+i:])
		size := len(sc.data)
		var err error
		if sc.peek() == '{' {
			named, err = sc.has(s.naming)
		} else {
			err = sc.skip()
		}
		var wrong *jsonError
		switch {
		case err == nil:
			s.work += sc.pos
			if sc.pos > s.limits.Record {
				return 0, false
			}
			return sc.pos, named
		case errors.As(err, &wrong) && !wrong.short:
			s.work += wrong.off
			return 0, false
		case size > s.limits.Record || !s.fill(i+2*size):
			s.work += size
			return 0, false
		}
	}
}

// has reads an object and tells whether it has one of the keys.
func (s *scanner) has(keys ...string) (bool, error) {
	found := false
	err := s.members(func(key []byte, _ int) error {
		for _, k := range keys {
			found = found || string(key) == k
		}
		return s.skip()
	})
	return found, err
}

// listable tells whether the object at the mark could be a record.
func (s *splitter) listable() bool {
	sc := s.scanner(s.buf[s.mark:s.pos])
	found, err := sc.has("id", s.naming)
	return found || err != nil // what is broken is told as that
}

// fill reads until there are n bytes behind the mark. False where nothing more came.
func (s *splitter) fill(n int) bool {
	before := len(s.buf) - s.mark
	for len(s.buf)-s.mark < n {
		if s.more() != nil {
			return len(s.buf)-s.mark > before
		}
	}
	return true
}

// nonBlank returns the first byte from i behind the mark on that is not blank,
// and its place; 0 where there is none within sight.
func (s *splitter) nonBlank(i int) (byte, int) {
	for to := i + lookAhead; i < to; i++ {
		if s.mark+i >= len(s.buf) && !s.fill(i+1) {
			return 0, i
		}
		switch c := s.buf[s.mark+i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, i
		}
	}
	return 0, i
}

// amongRecords tells whether what follows the object that ends i bytes behind
// the mark may be the rest of the file's list. Inside a record a key or a
// closing brace comes sooner or later.
func (s *splitter) amongRecords(i int) bool {
	for to := i + lookAhead; i < to; {
		c, at := s.nonBlank(i)
		next, nextAt := s.nonBlank(at + 1)
		switch {
		case c == '}':
			return false
		case c == ',' && next == '{':
			length, _ := s.complete(nextAt)
			if length == 0 {
				return true
			}
			i = nextAt + length
		case c == ',':
			return !s.isKey(nextAt)
		case c == ']' && next == ',':
			return !s.isKey(nextAt + 1)
		case c == ']':
			return next != '}' && next != ']'
		default:
			return true
		}
	}
	return true
}

// isKey tells whether the key of an object follows, i bytes behind the mark.
func (s *splitter) isKey(i int) bool {
	c, i := s.nonBlank(i)
	if c != '"' {
		return false
	}
	length, _ := s.complete(i)
	c, _ = s.nonBlank(i + length)
	return length > 0 && c == ':'
}

// stray complains about a record that is but a part of one: where a record
// lost its end, what is in a list inside of it looks like the next ones. Only
// what does not look like the records before it is suspected.
func (s *splitter) stray() error {
	length := s.pos - s.mark
	switch s.buf[s.mark] {
	case '{':
	case '[':
		if c, _ := s.nonBlank(length); c != 0 {
			return nil
		}
		wrong := s.failAt(s.mark, CodeJSONSyntax, "A list stands where a record belongs")
		wrong.record = true
		return wrong
	default:
		return nil
	}
	if s.shortest > 0 && !(s.margin.holds(s.begun) && s.longEnough(length)) && !s.amongRecords(length) {
		wrong := s.failAt(s.mark, CodeJSONSyntax, "The record before this one has no proper end")
		wrong.record, wrong.search = true, length
		return wrong
	}
	if s.shortest == 0 || length < s.shortest {
		s.shortest = length
	}
	s.longest = max(s.longest, length)
	s.margin.add(s.begun, s.lineBefore, s.first)
	return nil
}

// longEnough tells whether an object of this length may be a record, judging
// by those before it.
func (s *splitter) longEnough(length int) bool { return 2*length >= s.shortest }

// margin is the column in which records begin, where each of them begins a line.
type margin struct {
	column int
	mixed  bool
}

// add takes the place of one more record. lineBefore is where what is before it ends.
func (m *margin) add(at place, lineBefore int, first bool) {
	switch {
	case at.line == lineBefore && first:
	case at.line == lineBefore, m.column > 0 && m.column != at.column:
		m.mixed = true
	default:
		m.column = at.column
	}
}

// known tells whether there is one.
func (m *margin) known() bool { return m.column > 0 && !m.mixed }

// holds tells whether a record may begin at p.
func (m *margin) holds(p place) bool { return !m.known() || m.column == p.column }

// excerptBefore is how many bytes of a line stand before the mistake in what
// an issue repeats of it, if there are as many or more. Where there are more,
// "…" takes the place of those to the left, and is counted.
const excerptBefore = 80

// excerpt returns the line of the byte that is i behind the mark, cut around it.
func (s *splitter) excerpt(i int) string {
	s.fill(i + contracts.MaxIssueValue + 1)
	at := min(s.mark+i, len(s.buf))
	from := max(at-excerptBefore, 0)
	left := s.buf[from:at]
	cutLeft := false
	if nl := bytes.LastIndexByte(left, '\n'); nl >= 0 {
		left = left[nl+1:]
	} else if from > 0 && s.buf[from-1] != '\n' {
		cutLeft = true
	}
	right := s.buf[at:]
	cutRight := false
	if nl := bytes.IndexByte(right, '\n'); nl >= 0 {
		right = bytes.TrimSuffix(right[:nl], []byte("\r"))
	}
	if most := contracts.MaxIssueValue - len(left); len(right) > most {
		cutRight = true
		right = right[:most-len(ellipsis)]
	}
	line := bytes.Join([][]byte{left, right}, nil)
	begin, end := 0, len(line)
	if cutLeft {
		begin = len(ellipsis)
	}
	if cutRight {
		for n := 1; n < utf8.UTFMax && n <= len(right); n++ { // not half of a character
			if utf8.RuneStart(line[end-n]) {
				if !utf8.FullRune(line[end-n:]) {
					end -= n
				}
				break
			}
		}
	}
	// One byte stays one byte, so that the place of the mistake is kept.
	for i := begin; i < end; {
		r, n := utf8.DecodeRune(line[i:end])
		switch {
		case r == 0:
			line[i] = ' '
		case r == utf8.RuneError && n == 1 && cutLeft && i < begin+utf8.UTFMax && !utf8.RuneStart(line[i]):
			line[i] = ' '
		case r == utf8.RuneError && n == 1:
			line[i] = '?'
		}
		i += n
	}
	out := string(line[begin:end])
	if cutLeft {
		out = ellipsis + out
	}
	if cutRight {
		out += ellipsis
	}
	return out
}

const ellipsis = "…"
