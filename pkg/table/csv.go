package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
)

// openText opens a table in CSV.
func openText(content io.ReaderAt, size int64) (*Table, error) {
	if foreign, err := magicOf(content, size); err != nil {
		return nil, err
	} else if foreign == zipFile || foreign == oleFile {
		return nil, &Fault{Reason: NotText}
	}
	t, err := textOf(content, size)
	if err != nil {
		return nil, err
	}
	dialect := Dialect{Encoding: t.encoding, BOM: t.bom > 0}
	rows := csvRows{text: t}
	if err := rows.find(&dialect); err != nil {
		return nil, err
	}
	return &Table{dialect: dialect, records: rows.records}, nil
}

// csvRows are the rows of a text.
type csvRows struct {
	text
	delimiter byte
	// announced tells that the first line says what the delimiter is, and no more.
	announced bool
}

func (c csvRows) records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s, err := c.scan()
		for err == nil {
			var rec Record
			if rec, err = s.next(); err == nil && !yield(rec, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(Record{}, err)
		}
	}
}

// scan begins reading.
func (c csvRows) scan() (*scanner, error) {
	s := &scanner{in: bufio.NewReaderSize(c.reader(), 64<<10), delimiter: c.delimiter, place: Place{1, 1}}
	if c.announced {
		if err := s.line(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// scanner reads CSV. encoding/csv would not do: it knows no line that ends with CR,
// makes CRLF in a cell something else, and has no bound.
type scanner struct {
	in        *bufio.Reader
	delimiter byte
	// place is that of the next byte.
	place Place
	row   row
	// ends are the ends of lines that rows have had.
	ends lineEnds
	// read counts the bytes of all rows so far.
	read int64
}

// lineEnds are the kinds of line ends that have been seen.
type lineEnds struct{ lf, crlf, cr bool }

// next returns the next row that is not blank, and io.EOF behind the last.
func (s *scanner) next() (Record, error) {
	for {
		if err := s.line(); err != nil {
			return Record{}, err
		}
		if !s.row.blank() {
			return s.row.record(), nil
		}
	}
}

// state is where in a cell the scanner is.
type state int

const (
	leading  state = iota // before the first character that is no blank
	bare                  // in a cell without quotes
	quoted                // between quotes
	trailing              // behind the closing quote, if it is one
)

// line reads one row, which may be of more than one line.
func (s *scanner) line() error {
	s.row.reset()
	begin := s.place
	cell := begin // where the open cell begins
	var quote Place
	now := leading
	afterCR := false // only between quotes
	for size := 0; ; size++ {
		switch now {
		case bare:
			size += s.plain(s.delimiter, MaxRecord-size)
		case quoted:
			if !afterCR {
				size += s.plain('"', MaxRecord-size)
			}
		}
		b, err := s.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			if now == quoted {
				return &Fault{Reason: Quotes, Place: quote, Row: begin.Line}
			}
			if size == 0 {
				return io.EOF
			}
			return s.close(cell)
		case err != nil:
			return err
		case size == MaxRecord && (now == quoted || b != '\r' && b != '\n'):
			return &Fault{Reason: RowTooLong, Place: begin, Row: begin.Line}
		}
		at := s.place
		s.place.Column++
		s.read++
		if now == quoted && b != '"' {
			s.row.text = append(s.row.text, b)
			if b == '\r' || b == '\n' && !afterCR {
				s.place.Line++
			}
			if b == '\r' || b == '\n' {
				s.place.Column = 1
			}
			afterCR = b == '\r'
			continue
		}
		afterCR = false
		switch {
		case now == quoted:
			now = trailing
		case b == '"' && now == trailing:
			s.row.text = append(s.row.text, b)
			now = quoted
		case b == s.delimiter:
			if err := s.close(cell); err != nil {
				return err
			}
			cell, now = s.place, leading
		case b == '\r' || b == '\n':
			if err := s.newline(b); err != nil {
				return err
			}
			return s.close(cell)
		case b == '"' && now == leading && len(s.row.text) == s.row.start():
			quote, now = at, quoted
		case now == trailing && b == ' ':
		case now == trailing, b == '"' && now == leading:
			// Programs differ in what they take this for.
			return &Fault{Reason: Quotes, Place: at, Row: begin.Line}
		default:
			// A quote amid a cell stands for itself, as for a size in inches.
			s.row.text = append(s.row.text, b)
			if b != ' ' {
				now = bare
			}
		}
	}
}

// plain takes the bytes of a cell that mean nothing but themselves, those up to an end or
// the end of a line, and returns how many: at most so many, and those at hand.
func (s *scanner) plain(end byte, most int) int {
	at, _ := s.in.Peek(min(s.in.Buffered(), most)) // which reads nothing
	n := 0
	for n < len(at) && at[n] != end && at[n] != '\n' && at[n] != '\r' {
		n++
	}
	s.row.text = append(s.row.text, at[:n]...)
	s.place.Column += n
	s.read += int64(n)
	_, _ = s.in.Discard(n) // they are there
	return n
}

// close ends a cell of the row.
func (s *scanner) close(cell Place) error {
	if len(s.row.ends) == MaxColumns {
		return &Fault{Reason: TooManyColumns, Place: cell, Row: cell.Line}
	}
	s.row.end(cell)
	return nil
}

// newline takes the end of a line between rows, of which b is the first byte.
func (s *scanner) newline(b byte) error {
	s.place.Line++
	s.place.Column = 1
	if b == '\n' {
		s.ends.lf = true
		return nil
	}
	next, err := s.in.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(next, []byte{'\n'}) {
		s.ends.cr = true
		return nil
	}
	s.ends.crlf = true
	_, err = s.in.Discard(1)
	return err
}
