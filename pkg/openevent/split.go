package openevent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// place is a position in a file: line and column are counted from 1, columns
// in bytes.
type place struct{ line, column int }

// after returns the place that follows b, which begins at p.
func (p place) after(b []byte) place {
	n := bytes.Count(b, newline)
	if n == 0 {
		return place{p.line, p.column + len(b)}
	}
	return place{p.line + n, len(b) - bytes.LastIndexByte(b, '\n')}
}

var newline = []byte{'\n'}

// jsonError tells what is wrong with the JSON of a file, and where.
type jsonError struct {
	code    string
	message string
	at      place
	// off is where in the record it is.
	off int
}

func (e *jsonError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.at.line, e.at.column, e.message)
}

// splitter cuts a file into its records: the elements of the list at its root,
// or the one object there. It looks at brackets and quotes only; what is
// between them is the decoder's to judge. Memory is bounded by one record.
type splitter struct {
	r      io.Reader
	single bool
	limits Limits

	buf []byte
	// pos is the next byte to look at, mark the one whose place is known.
	pos, mark int
	markAt    place
	// readErr ends the reading; it is reported when all before it is used up.
	readErr error
	state   splitState
}

type splitState int

const (
	atStart splitState = iota
	atFirst            // behind the opening bracket
	atNext             // behind a record
	atEnd              // behind the root
)

const minBuffer = 64 << 10

func newSplitter(r io.Reader, single bool, limits Limits) *splitter {
	return &splitter{r: r, single: single, limits: limits, buf: make([]byte, 0, minBuffer), markAt: place{1, 1}}
}

// next returns the next record and where it begins; the bytes hold until the
// following call. The error is io.EOF behind the last record, *jsonError where
// the file is not as it should be, and any other where it could not be read.
// With a *jsonError come the bytes of the record that it happened in, if any.
func (s *splitter) next() ([]byte, place, error) {
	if s.state == atStart {
		if err := s.begin(); err != nil {
			return nil, place{}, err
		}
	}
	if s.state == atEnd {
		return nil, place{}, s.finish()
	}
	if !s.single {
		if done, err := s.separator(); done || err != nil {
			if err == nil {
				err = s.finish()
			}
			return nil, place{}, err
		}
	}
	s.state = atNext
	if s.single {
		s.state = atEnd
	}
	s.advance(s.pos)
	begin := s.markAt
	err := s.value()
	if err == nil && s.pos-s.mark > s.limits.Record {
		err = s.tooLarge()
	}
	record := s.buf[s.mark:s.pos]
	if err != nil && !isJSON(err) {
		record = nil
	}
	return record, begin, err
}

// begin goes to the root, and inside where it is a list.
func (s *splitter) begin() error {
	s.state = atEnd
	if bom := []byte("\xef\xbb\xbf"); s.fill(len(bom)) && bytes.HasPrefix(s.buf, bom) {
		s.pos, s.mark = len(bom), len(bom)
	}
	c, err := s.peek()
	switch {
	case errors.Is(err, io.EOF):
		return s.fail(CodeJSONSyntax, "The file is empty")
	case err != nil:
		return err
	case c != '{' && c != '[':
		return s.fail(CodeJSONSyntax, "The file does not begin as JSON")
	case s.single && c == '[':
		return s.fail(CodeJSONRoot, "The file holds a list where one object belongs")
	case !s.single && c == '{':
		return s.fail(CodeJSONRoot, "The file holds one object where a list belongs")
	}
	s.state = atFirst
	if !s.single {
		s.pos++
	}
	return nil
}

// separator goes over what stands between two records, and tells whether the
// list ended instead.
func (s *splitter) separator() (done bool, err error) {
	c, err := s.peek()
	if err != nil {
		return false, s.failOn(err, "The file ends inside its list")
	}
	switch {
	case c == ']' && s.state != atStart:
		s.pos++
		s.state = atEnd
		return true, nil
	case s.state == atFirst:
		return false, nil
	case c != ',':
		return false, s.fail(CodeJSONSyntax, "A comma or the end of the list is missing here")
	}
	s.pos++
	if c, err = s.peek(); err != nil {
		return false, s.failOn(err, "The file ends inside its list")
	}
	if c == ']' || c == ',' {
		return false, s.fail(CodeJSONSyntax, "A record is missing after a comma")
	}
	return false, nil
}

// finish reads to the end, where nothing but blanks may stand.
func (s *splitter) finish() error {
	s.state = atEnd
	_, err := s.peek()
	if err == nil {
		return s.fail(CodeJSONSyntax, "There is more after the end of the JSON")
	}
	return err
}

// value goes behind the value that begins at pos.
func (s *splitter) value() error {
	depth := 1 // the list at the root
	if s.single {
		depth = 0
	}
	outside := depth
	closers := make([]byte, 0, 64)
	for {
		if s.pos == len(s.buf) {
			if err := s.more(); err != nil {
				if errors.Is(err, io.EOF) && depth == outside && s.pos > s.mark {
					return nil // a bare number at the very end
				}
				return s.failOn(err, "The file ends inside a value")
			}
		}
		c := s.buf[s.pos]
		switch c {
		case '"':
			s.pos++
			if err := s.text(); err != nil {
				return err
			}
			if depth == outside {
				return nil
			}
			continue
		case '{', '[':
			if depth++; depth > s.limits.Depth {
				return s.fail(CodeJSONTooDeep, fmt.Sprintf("The JSON nests deeper than %d levels", s.limits.Depth))
			}
			closers = append(closers, c+2) // '}' and ']' both come two behind
		case '}', ']':
			if depth == outside {
				return nil // behind a bare value
			}
			if closers[len(closers)-1] != c {
				return s.fail(CodeJSONSyntax, fmt.Sprintf("%q stands where %q belongs", c, closers[len(closers)-1]))
			}
			closers = closers[:len(closers)-1]
			if depth--; depth == outside {
				s.pos++
				return nil
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == outside {
				return nil
			}
		}
		s.pos++
	}
}

// text goes behind the string whose opening quote is at pos-1.
func (s *splitter) text() error {
	from := s.pos // relative to mark from here on, as the buffer may move
	for {
		i := bytes.IndexByte(s.buf[s.pos:], '"')
		if i < 0 {
			off := from - s.mark
			s.pos = len(s.buf)
			if err := s.more(); err != nil {
				return s.failOn(err, "The file ends inside a text")
			}
			from = s.mark + off
			continue
		}
		quote := s.pos + i
		s.pos = quote + 1
		escapes := 0
		for quote-escapes > from && s.buf[quote-escapes-1] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return nil
		}
	}
}

// peek goes over blanks and returns the byte behind them, or io.EOF, or the
// error of reading.
func (s *splitter) peek() (byte, error) {
	for {
		for s.pos < len(s.buf) {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\r', '\n':
				s.pos++
			default:
				return c, nil
			}
		}
		s.advance(s.pos)
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// advance moves the mark; what is before it may be given up.
func (s *splitter) advance(to int) {
	s.markAt = s.markAt.after(s.buf[s.mark:to])
	s.mark = to
}

// fill tries to have n bytes in the buffer.
func (s *splitter) fill(n int) bool {
	for len(s.buf) < n {
		if s.more() != nil {
			return false
		}
	}
	return true
}

// more reads on, keeping everything from the mark. The bytes from mark to pos
// are one record, or the beginning of one.
func (s *splitter) more() error {
	if s.readErr != nil {
		return s.readErr
	}
	if len(s.buf)-s.mark > s.limits.Record {
		return s.tooLarge()
	}
	if s.mark > 0 {
		n := copy(s.buf, s.buf[s.mark:])
		s.buf, s.pos, s.mark = s.buf[:n], s.pos-s.mark, 0
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = slices.Grow(s.buf, len(s.buf))
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		s.readErr = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	s.readErr = io.ErrNoProgress
	return s.readErr
}

func (s *splitter) tooLarge() error {
	return s.fail(CodeRecordTooLarge, "The record is larger than "+bytesText(int64(s.limits.Record)))
}

// fail makes an error at pos.
func (s *splitter) fail(code, message string) error {
	s.state = atEnd
	s.readErr = io.EOF
	return &jsonError{code: code, message: message, at: s.markAt.after(s.buf[s.mark:s.pos])}
}

// failOn makes an error of the end of the file, and leaves others as they are.
func (s *splitter) failOn(err error, message string) error {
	if errors.Is(err, io.EOF) {
		return s.fail(CodeJSONSyntax, message)
	}
	return err
}

func isJSON(err error) bool {
	var wrong *jsonError
	return errors.As(err, &wrong)
}
