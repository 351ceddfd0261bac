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

// splitter cuts a file into its records: the elements of the list at its root,
// or the one object there. It looks at brackets and quotes only; what is
// between them is the decoder's to judge. Where the file is broken it goes on
// behind the damage. Memory is bounded by one record.
type splitter struct {
	r      io.Reader
	single bool
	// naming is the key that every record has, and hardly anything inside of one.
	naming string
	limits Limits

	buf []byte
	// off is where in the file buf begins.
	off int64
	// pos is the next byte to look at, mark the one whose place is known.
	pos, mark int
	markAt    place
	// readErr ends the reading; it is reported when all before it is used up.
	readErr error
	state   splitState
	// listed tells of a file of one object that it is a list all the same,
	// unlisted of a file of a list that it begins with an object.
	listed, unlisted bool
	// begun is where the last record begins.
	begun place
	// notes are what was read over since they were last taken.
	notes []fileNote

	// checkAt is after how many bytes of a record it is looked at for mistakes,
	// so that a lost quote does not take in half of the file.
	checkAt int
	// passing tells that the record is too large and only gone over.
	passing bool

	margin margin
	// first tells that it is the list's first record, lineBefore is where what
	// is before it ends.
	first      bool
	lineBefore int
	// shortest and longest are the lengths of records.
	shortest, longest int
	// found is how many mistakes there were, work how many bytes were looked at
	// once more because of them.
	found, work int
}

// fileNote says what was read over between the records.
type fileNote struct {
	code    string
	at      place
	message string
	// record tells that it is about the record before it.
	record bool
}

type splitState int

const (
	atStart  splitState = iota
	atFirst             // behind the opening bracket
	atNext              // behind a record
	atGap               // behind a record where the lack of a comma is told
	atRecord            // before a record that must be one
	atEnd               // behind the root
	atStop              // where the reading ends, for good or bad
)

const (
	minBuffer  = 64 << 10
	firstCheck = 64 << 10
	// maxFound is how many mistakes of one file are told.
	maxFound = 1000
)

func newSplitter(r io.Reader, single bool, naming string, limits Limits) *splitter {
	return &splitter{r: r, single: single, naming: naming, limits: limits, buf: make([]byte, 0, minBuffer), markAt: place{1, 1}}
}

// next returns the next record and where it begins; the bytes hold until the
// following call. The error is io.EOF behind the last record, *jsonError where
// the file is not as it should be, and any other where it could not be read.
// After a *jsonError the reading may go on.
func (s *splitter) next() ([]byte, place, error) {
	err := s.seek()
	if err == nil {
		s.advance(s.pos)
		s.begun = s.markAt
		certain := s.state == atRecord
		s.state = atNext
		if err = s.value(); err == nil && !certain {
			err = s.stray()
		}
	}
	if err != nil {
		return nil, s.begun, s.goOn(err)
	}
	return s.buf[s.mark:s.pos], s.begun, nil
}

// broken says that the record that next returned last is broken. It returns
// the error as next does.
func (s *splitter) broken(wrong *jsonError) error {
	length := s.pos - s.mark
	// What has too many values is no damage: its brackets tell where it ends.
	whole := wrong.code == CodeRecordTooLarge
	if c := s.buf[s.mark]; whole || (c == '{' || c == '[') && length < firstCheck && length <= s.limits.Record {
		wrong.end = s.off + int64(s.pos)
	}
	wrong.record = true
	return s.goOn(wrong)
}

// seek goes to the next record.
func (s *splitter) seek() error {
	s.advance(s.pos)
	before := s.markAt.line
	var err error
	switch s.state {
	case atStop:
		if s.readErr != nil {
			return s.readErr
		}
		return io.EOF
	case atRecord:
		return nil
	case atStart:
		if err = s.begin(); err != nil || s.state == atRecord {
			return err
		}
		s.advance(s.pos)
		before = s.markAt.line
	}
	if s.single && s.state == atNext {
		if err := s.endOfSingle(); err != nil {
			return err
		}
	}
	if s.state != atEnd {
		err = s.separator()
	}
	if err == nil && s.state == atEnd {
		return s.finish()
	}
	if err == nil {
		s.advance(s.pos)
		s.first, s.lineBefore = s.state == atFirst, before
	}
	return err
}

// begin goes to the root, and inside where it is a list.
func (s *splitter) begin() error {
	s.state = atNext
	var encoding string
	if s.r, encoding = utf8Reader(s.r); encoding != "" {
		s.notes = append(s.notes, fileNote{CodeEncoding, place{1, 1}, "The file is encoded as " + encoding + "; UTF-8 belongs there", false})
	}
	c, err := s.peek()
	switch {
	case errors.Is(err, io.EOF):
		return s.stop(s.fail(CodeJSONSyntax, "The file is empty"))
	case err != nil:
		return err
	case c == '{':
		s.unlisted = !s.single
		s.state = atRecord
		return nil
	case c != '[':
		return s.fail(CodeJSONSyntax, "The file does not begin as JSON")
	}
	s.pos++
	if s.state = atFirst; !s.single {
		return nil
	}
	s.listed = true
	if c, err = s.peek(); err == nil && c == ']' {
		return s.stop(s.fail(CodeJSONRoot, "The file holds an empty list where one object belongs"))
	}
	s.state = atRecord
	return s.orTheEnd(err, "The file ends inside its list")
}

// endOfSingle goes behind the root of a file of one object.
func (s *splitter) endOfSingle() error {
	s.state = atEnd
	if !s.listed {
		return nil
	}
	c, err := s.peek()
	if err == nil && c == ',' {
		at := s.markAt.after(s.buf[s.mark:s.pos])
		s.pos++
		if c, err = s.peek(); err == nil && c != ']' {
			return s.stop(s.fail(CodeSeveralEvents, "The file holds a list of several objects where one belongs; only the first is read"))
		}
		if err == nil {
			s.noteComma(at)
		}
	}
	switch {
	case err != nil:
		return s.orTheEnd(err, "The file ends inside its list")
	case c != ']':
		return s.fail(CodeJSONSyntax, "The end of the list is missing here")
	}
	s.pos++
	return nil
}

// separator goes over what stands between two records, to atEnd where the
// list ends instead.
func (s *splitter) separator() error {
	c, err := s.peek()
	if err != nil {
		if s.unlisted && errors.Is(err, io.EOF) {
			s.notes = append(s.notes, fileNote{CodeJSONRoot, s.begun, "The file holds one object where a list belongs; it is read as a list of one", true})
			s.state = atEnd
			return nil
		}
		return s.orTheEnd(err, "The file ends inside its list")
	}
	if s.unlisted {
		s.unlisted = false
		if c != ',' && c != '{' && c != ']' {
			return s.fail(CodeJSONSyntax, "There is more after the end of the JSON")
		}
		return s.fail(CodeJSONSyntax, "The list has no opening bracket").nothingLost()
	}
	switch {
	case c == ']':
		s.pos++
		s.state = atEnd
		return nil
	case s.state == atFirst && c != ',' && c != '}':
		return nil
	case c == '{' && s.state == atGap:
		return nil
	case c == '{':
		s.state = atGap
		return s.fail(CodeJSONSyntax, "A comma is missing between two records").nothingLost()
	case s.state == atFirst && c == ',':
		wrong := s.fail(CodeJSONSyntax, "A record is missing before a comma").nothingLost()
		s.pos++
		return wrong
	case c != ',':
		return s.fail(CodeJSONSyntax, "A comma or the end of the list is missing here")
	}
	at := s.markAt.after(s.buf[s.mark:s.pos])
	s.pos++
	if c, err = s.peek(); err != nil {
		return s.orTheEnd(err, "The file ends inside its list")
	}
	switch c {
	case ',':
		return s.fail(CodeJSONSyntax, "A record is missing after a comma").nothingLost()
	case ']':
		s.noteComma(at)
		s.pos++
		s.state = atEnd
	case '}', ':':
		return s.fail(CodeJSONSyntax, fmt.Sprintf("%q stands where a record belongs", c))
	}
	return nil
}

func (s *splitter) noteComma(at place) {
	s.notes = append(s.notes, fileNote{CodeTrailingComma, at, trailingComma, true})
}

// finish reads to the end, where nothing but blanks may stand.
func (s *splitter) finish() error {
	_, err := s.peek()
	if err == nil {
		return s.fail(CodeJSONSyntax, "There is more after the end of the JSON")
	}
	if errors.Is(err, io.EOF) {
		s.state = atStop
	}
	return err
}

// value goes behind the value that begins at pos, which is the mark. A
// *jsonError is about the record that begins there.
func (s *splitter) value() error {
	s.checkAt, s.passing = firstCheck, false
	err := s.within()
	if err == nil && !s.passing {
		// The same as where the buffer ends within the record.
		err = s.checks(s.pos - s.mark)
	}
	if err == nil && s.passing {
		wrong := s.tooLarge()
		wrong.end = s.off + int64(s.pos)
		return wrong
	}
	if err == nil && s.unlisted && !s.listable() {
		wrong := s.failAt(s.mark, CodeJSONRoot, "The file holds one object where a list belongs")
		wrong.from, wrong.rest = wrong.at, true
		return s.stop(wrong)
	}
	wrong, is := errors.AsType[*jsonError](err)
	switch {
	case !is:
		return err
	case s.passing:
		return s.tooLarge()
	case wrong.record:
		return wrong
	}
	wrong.record = true
	if s.pos == len(s.buf) {
		// A bracket that is not closed takes in all that follows, as it may be.
		wrong.search = 0
	}
	if earlier := s.mistake(min(s.pos+1, len(s.buf)) - s.mark); earlier != nil && earlier.off <= wrong.off {
		return earlier
	}
	return wrong
}

// within does the work of value.
func (s *splitter) within() error {
	depth := 1 // the list at the root
	if s.single {
		depth = 0
	}
	outside := depth
	closers := make([]byte, 0, 64)
	for {
		if s.pos == len(s.buf) {
			if err := s.readOn(); err != nil {
				if errors.Is(err, io.EOF) && depth == outside && s.pos > s.mark {
					return nil // a bare number at the very end
				}
				return s.orTheEnd(err, "The file ends inside a value")
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
				return s.noKey()
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
	from := s.pos
	for {
		i := bytes.IndexByte(s.buf[s.pos:], '"')
		if i < 0 {
			at := s.off + int64(from)
			s.pos = len(s.buf)
			if err := s.readOn(); err != nil {
				return s.orTheEnd(err, "The file ends inside a text")
			}
			from = int(max(at-s.off, int64(s.mark)))
			continue
		}
		quote := s.pos + i
		s.pos = quote + 1
		if backslashes(s.buf, from, quote)%2 == 0 {
			return nil
		}
	}
}

// backslashes counts those in b before to, back to from.
func backslashes(b []byte, from, to int) int {
	n := 0
	for to-n > from && b[to-n-1] == '\\' {
		n++
	}
	return n
}

// noKey complains where a text that stands for a record is the key of
// something, whose beginning got lost.
func (s *splitter) noKey() error {
	if s.passing {
		return nil
	}
	length := s.pos - s.mark
	c, _ := s.nonBlank(length)
	s.pos = s.mark + length
	if c != ':' {
		return nil
	}
	wrong := s.failAt(s.mark, CodeJSONSyntax, "A key stands where a record belongs")
	wrong.record = true
	return wrong
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

// readOn reads on inside a record, which begins at the mark. Of one that is
// too large nothing is kept.
func (s *splitter) readOn() error {
	if !s.passing {
		if err := s.checks(len(s.buf) - s.mark); err != nil {
			return err
		}
	}
	if s.passing {
		keep := backslashes(s.buf, s.mark, s.pos) % 2 // it says what the next byte is
		s.advance(s.pos - keep)
	}
	return s.more()
}

// checks looks at the record, of which there are n bytes so far, for mistakes
// where that is due, so that what is found does not depend on how much was
// read at once.
func (s *splitter) checks(n int) error {
	for s.checkAt <= min(n, s.limits.Record) {
		if wrong := s.mistake(s.checkAt); wrong != nil {
			return wrong
		}
		s.checkAt *= 2
	}
	if n > s.limits.Record {
		if wrong := s.mistake(s.limits.Record); wrong != nil {
			return wrong
		}
		if s.margin.known() {
			// The next record can be told without knowing where this one ends.
			wrong := s.tooLarge()
			wrong.search = 0
			return wrong
		}
		s.passing = true
	}
	return nil
}

// mistake looks for the first mistake in the n bytes from the mark, which may
// be the beginning of a record only.
func (s *splitter) mistake(n int) *jsonError {
	sc := s.scanner(s.buf[s.mark : s.mark+n])
	var wrong *jsonError
	if errors.As(sc.skip(), &wrong) && !wrong.short {
		wrong.record = true
		return wrong
	}
	return nil
}

// scanner reads bytes that begin at the mark as one record.
func (s *splitter) scanner(b []byte) scanner {
	depth := 1
	if s.single {
		depth = 0
	}
	return scanner{data: b, begin: s.markAt, depth: depth, limit: s.limits.Depth}
}

// more reads on, keeping everything from the mark, and a little before it.
func (s *splitter) more() error {
	if s.readErr != nil {
		return s.readErr
	}
	if gone := s.mark - excerptBefore - 1; gone > 0 {
		n := copy(s.buf, s.buf[gone:])
		s.buf, s.pos, s.mark, s.off = s.buf[:n], s.pos-gone, s.mark-gone, s.off+int64(gone)
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

func (s *splitter) tooLarge() *jsonError {
	return &jsonError{
		code: CodeRecordTooLarge, message: "The record is larger than " + bytesText(int64(s.limits.Record)),
		at: s.begun, off: s.pos - s.mark, search: s.pos - s.mark, record: true, end: noEnd,
	}
}

// fail makes an error at pos.
func (s *splitter) fail(code, message string) *jsonError { return s.failAt(s.pos, code, message) }

func (s *splitter) failAt(pos int, code, message string) *jsonError {
	return &jsonError{
		code: code, message: message, at: s.markAt.after(s.buf[s.mark:pos]), off: pos - s.mark, search: pos - s.mark, end: noEnd,
	}
}

// stop makes an error the last one.
func (s *splitter) stop(wrong *jsonError) error {
	wrong.last = true
	return wrong
}

// orTheEnd makes an error of the end of the file, and leaves others as they are.
func (s *splitter) orTheEnd(err error, message string) error {
	if errors.Is(err, io.EOF) {
		return s.fail(CodeJSONSyntax, message)
	}
	return err
}
