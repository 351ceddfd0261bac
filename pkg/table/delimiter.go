package table

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// delimiters are looked for in this order.
var delimiters = []byte{',', ';', '\t', '|'}

// So much of a text tells how its cells are kept apart.
const (
	sampleRows  = 200
	sampleBytes = 256 << 10
)

// find finds out the delimiter, and what else the first rows tell.
func (c *csvRows) find(dialect *Dialect) error {
	announced, err := c.announcement()
	if err != nil {
		return err
	}
	candidates := delimiters
	if announced != 0 {
		c.announced = true
		candidates = []byte{announced}
	}
	var best sample
	for _, delimiter := range candidates {
		c.delimiter = delimiter
		s, err := c.sample()
		if err != nil {
			return err
		}
		if best.delimiter == 0 || s.beats(best) {
			best = s
		}
	}
	c.delimiter = best.delimiter
	dialect.Delimiter = rune(best.delimiter)
	dialect.LineEnd = best.ends.String()
	return nil
}

// announcement returns the delimiter that the first line is for, and 0 where it is
// a row: Excel writes and understands "sep=;".
func (c *csvRows) announcement() (byte, error) {
	head, err := bufio.NewReader(c.reader()).Peek(len(`"sep=;"` + "\n"))
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	line := string(head)
	if end := strings.IndexAny(line, "\r\n"); end >= 0 {
		line = line[:end]
	}
	if unquoted, ok := strings.CutPrefix(line, `"`); ok {
		if line, ok = strings.CutSuffix(unquoted, `"`); !ok {
			return 0, nil
		}
	}
	const sep = "sep="
	if len(line) != len(sep)+1 || !strings.EqualFold(line[:len(sep)], sep) {
		return 0, nil
	}
	delimiter := line[len(sep)]
	if delimiter == '"' || delimiter >= 0x80 {
		return 0, nil
	}
	return delimiter, nil
}

// sample is what the first rows are if a delimiter is the right one.
type sample struct {
	delimiter byte
	// columns are how many the first row has, up to where it is at fault.
	columns int
	// fits tells that no row is at fault.
	fits bool
	// alike counts the rows that have as many, of all.
	alike, rows int
	// usual is the most frequent number of columns but one, usually how many rows
	// have it.
	usual, usually int
	ends           lineEnds
}

func (c *csvRows) sample() (sample, error) {
	found := sample{delimiter: c.delimiter}
	widths := make(map[int]int)
	s, err := c.scan()
	if err != nil {
		return sample{}, err
	}
	for err == nil && found.rows < sampleRows && s.read < sampleBytes {
		var rec Record
		if rec, err = s.next(); err != nil {
			break
		}
		if found.rows == 0 {
			found.columns = len(rec.Cells)
		}
		found.rows++
		widths[len(rec.Cells)]++
	}
	_, fault := errors.AsType[*Fault](err)
	if err != nil && !fault && !errors.Is(err, io.EOF) {
		return sample{}, err
	}
	if found.fits = !fault; fault && found.rows == 0 {
		found.columns = len(s.row.ends) + 1
	}
	found.alike = widths[found.columns]
	for width, n := range widths {
		if width > 1 && n*width > found.usually*found.usual {
			found.usual, found.usually = width, n
		}
	}
	found.ends = s.ends
	return found, nil
}

// beats tells whether a delimiter explains the rows better than another. The first
// row is most often a header, in which no delimiter stands for itself: a delimiter
// that it lacks is none. Of two that it has, the one is right that makes the more
// cells in rows of its width.
func (s sample) beats(other sample) bool {
	switch {
	case (s.columns > 1) != (other.columns > 1):
		return s.columns > 1
	case s.fits != other.fits:
		return s.fits
	case s.columns > 1:
		return s.alike*(s.columns-1) > other.alike*(other.columns-1)
	}
	// There may be a line with a title above the header.
	return s.usually*(s.usual-1) > other.usually*(other.usual-1)
}

func (e lineEnds) String() string {
	switch e {
	case lineEnds{}:
		return ""
	case lineEnds{lf: true}:
		return "LF"
	case lineEnds{crlf: true}:
		return "CRLF"
	case lineEnds{cr: true}:
		return "CR"
	}
	return "mixed"
}
