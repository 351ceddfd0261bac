package userlist

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// MaxRecord is how many bytes a row may have.
const MaxRecord = 1 << 20

// errRowTooLong ends the reading of a row that has more than MaxRecord bytes.
var errRowTooLong = errors.New("row too long")

// record is one row as it stands in the file.
type record struct {
	cells  []string
	places []place
}

// place is where a cell begins, both counted from 1, the column in bytes.
type place struct{ line, column int }

// blank tells a row without anything in it, as spreadsheets leave them.
func (r record) blank() bool {
	for _, cell := range r.cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// records yields the rows of a file one by one. Rows without anything in them
// are skipped.
type records struct {
	csv   *csv.Reader
	bound *bound
	// next is the line behind the last row.
	next int
}

func newRecords(r io.Reader) *records {
	content := bufio.NewReader(r)
	if start, _ := content.Peek(3); string(start) == "\ufeff" { // an error comes again with the first row
		_, _ = content.Discard(len(start))
	}
	bound := &bound{r: content, most: MaxRecord}
	reader := csv.NewReader(bound)
	reader.FieldsPerRecord = -1 // what does not fit is told with its place, see list
	return &records{csv: reader, bound: bound, next: 1}
}

// read returns the next row and io.EOF behind the last. A *csv.ParseError and
// errRowTooLong are the file's fault, any other error is not.
func (r *records) read() (record, error) {
	for {
		begin := r.csv.InputOffset()
		r.bound.most = begin + MaxRecord
		cells, err := r.csv.Read()
		if err != nil {
			return record{}, err
		}
		rec := record{cells: cells, places: make([]place, len(cells))}
		for i := range cells {
			rec.places[i].line, rec.places[i].column = r.csv.FieldPos(i)
		}
		last := len(cells) - 1
		r.next = rec.places[last].line + strings.Count(cells[last], "\n") + 1
		if !rec.blank() {
			return rec, nil
		}
	}
}

// bound yields what r does up to an offset, and errRowTooLong behind it. The
// reader of CSV reads ahead, but never into a row before it has to.
type bound struct {
	r    io.Reader
	read int64
	most int64
}

func (b *bound) Read(p []byte) (int, error) {
	if b.read > b.most {
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	return n, err
}
