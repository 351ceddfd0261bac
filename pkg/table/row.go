package table

import (
	"bytes"
	"slices"
	"strings"
)

// row gathers the cells of a record. Their text is one string in the end, so that a
// row costs as many allocations as it has parts, not as it has cells.
type row struct {
	text   []byte
	ends   []int // of the cells in text
	places []Place
}

func (r *row) reset() {
	r.text, r.ends, r.places = r.text[:0], r.ends[:0], r.places[:0]
}

// end closes the cell whose text was added last.
func (r *row) end(at Place) {
	r.ends = append(r.ends, len(r.text))
	r.places = append(r.places, at)
}

// start returns where the text of the open cell starts.
func (r *row) start() int {
	if len(r.ends) == 0 {
		return 0
	}
	return r.ends[len(r.ends)-1]
}

// blank tells a row without anything in it, as spreadsheets leave them.
func (r *row) blank() bool { return len(bytes.TrimSpace(r.text)) == 0 }

// shared is how many bytes a row may have whose cells are parts of one string. Of a
// longer one each is its own, so that who keeps a short cell does not keep all of them.
const shared = 4 << 10

func (r *row) record() Record {
	rec := Record{Cells: make([]string, len(r.ends)), Places: slices.Clone(r.places)}
	text := string(r.text)
	start := 0
	for i, end := range r.ends {
		rec.Cells[i] = text[start:end]
		if len(text) > shared {
			rec.Cells[i] = strings.Clone(rec.Cells[i])
		}
		start = end
	}
	return rec
}
