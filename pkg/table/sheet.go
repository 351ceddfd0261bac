package table

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	// maxRows is how many rows a sheet has in Excel.
	maxRows = 1 << 20
	// maxCells is how many cells a sheet may have, with the empty ones before the
	// last of each row, which are not in the file.
	maxCells = 1 << 26
)

// sheetReader reads the rows of a sheet.
type sheetReader struct {
	book    *workbook
	strings *stringReader
	part    *part

	row row
	// number is the row's, cells counts those of all rows.
	number, cells int
	// width is how many cells the first row has.
	width int

	// What is known of the open cell.
	column int
	kind   string
	style  int
	value  []byte
	// in counts the open elements whose text is the value, phonetic those that only
	// say how it is pronounced.
	in, phonetic int
}

func (w *workbook) read(file *zip.File) (*sheetReader, error) {
	p, err := openPart(file, MaxUnpacked)
	if err != nil {
		return nil, err
	}
	return &sheetReader{book: w, strings: w.strings.reader(), part: p}, nil
}

// next returns the next row that is not blank, and io.EOF behind the last.
func (r *sheetReader) next() (Record, error) {
	for {
		token, err := r.part.next()
		if errors.Is(err, io.EOF) {
			err = errors.New("a sheet without an end")
		}
		if err != nil {
			return Record{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = r.begin(t)
		case xml.CharData:
			if r.in > 0 && r.phonetic == 0 {
				r.value = append(r.value, t...)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "row":
				if !r.row.blank() {
					r.fit()
					return r.row.record(), nil
				}
			case "sheetData":
				if err := r.part.drain(); err != nil {
					return Record{}, err
				}
				return Record{}, io.EOF
			default:
				err = r.end(t)
			}
		}
		if len(r.row.text)+len(r.value) > MaxRecord {
			err = &Fault{Reason: RowTooLong, Place: Place{r.number, 1}, Row: r.number}
		}
		if err != nil {
			return Record{}, err
		}
	}
}

// begin takes the tag that opens an element.
func (r *sheetReader) begin(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		r.row.reset()
		r.column = 0
		r.number++
		if n := attribute(e, "r"); n != "" {
			var err error
			if r.number, err = strconv.Atoi(n); err != nil {
				return err
			}
		}
		if r.number < 1 || r.number > maxRows {
			return fmt.Errorf("row %d", r.number)
		}
	case "c":
		r.column++
		r.value, r.kind, r.style = r.value[:0], "", 0
		for _, a := range e.Attr {
			var err error
			switch {
			case a.Name.Space != "":
			case a.Name.Local == "r":
				r.column, err = columnOf(a.Value)
			case a.Name.Local == "t":
				r.kind = a.Value
			case a.Name.Local == "s":
				r.style, err = strconv.Atoi(a.Value)
			}
			if err != nil {
				return err
			}
		}
		if r.column > MaxColumns {
			return &Fault{Reason: TooManyColumns, Place: Place{r.number, r.column}, Row: r.number}
		}
	case "v", "t":
		r.in++
	case "rPh":
		r.phonetic++
	}
	return nil
}

// end takes the tag that closes an element.
func (r *sheetReader) end(e xml.EndElement) error {
	switch e.Name.Local {
	case "v", "t":
		r.in--
	case "rPh":
		r.phonetic--
	case "c":
		return r.cell()
	}
	return nil
}

// cell puts the open cell into its column.
func (r *sheetReader) cell() error {
	if r.column <= len(r.row.ends) {
		return errors.New("cells out of order")
	}
	if r.cells += r.column - len(r.row.ends); r.cells > maxCells {
		return &Fault{Reason: TooLarge, Place: Place{r.number, r.column}, Row: r.number, err: errors.New("cells")}
	}
	for len(r.row.ends) < r.column-1 {
		r.row.end(Place{r.number, len(r.row.ends) + 1})
	}
	text := &r.row.text
	switch r.kind {
	case "s":
		index, err := strconv.Atoi(string(r.value))
		if err != nil {
			return err
		}
		if *text, err = r.strings.append(*text, index); err != nil {
			return err
		}
	case "inlineStr", "str":
		*text = append(*text, unescaped(r.value)...)
	case "b":
		*text = append(*text, boolean(string(r.value))...)
	case "d":
		*text = append(*text, isoDate(string(r.value))...)
	case "e":
		*text = append(*text, r.value...) // such as #N/A
	default:
		*text = append(*text, r.book.formats.of(r.style).number(string(r.value), r.book.from1904)...)
	}
	r.value = r.value[:0]
	r.row.end(Place{r.number, r.column})
	return nil
}

// fit makes a row as wide as it is for people: without empty cells at its end, which
// may have a colour only, but as wide as the first.
func (r *sheetReader) fit() {
	n := len(r.row.ends)
	for n > 1 && r.row.ends[n-1] == r.row.ends[n-2] {
		n--
	}
	r.row.ends, r.row.places = r.row.ends[:n], r.row.places[:n]
	if r.width == 0 {
		r.width = n
	}
	for len(r.row.ends) < r.width {
		r.row.end(Place{r.number, len(r.row.ends) + 1})
	}
}

// columnOf returns the number of the column of a cell such as BC12.
func columnOf(reference string) (int, error) {
	letters := strings.TrimRight(reference, "0123456789")
	if letters == "" || len(letters) > 3 {
		return 0, errors.New("a cell without a column")
	}
	column := 0
	for _, letter := range []byte(letters) {
		if letter |= 0x20; letter < 'a' || letter > 'z' {
			return 0, errors.New("a cell without a column")
		}
		column = column*26 + int(letter-'a') + 1
	}
	return column, nil
}
