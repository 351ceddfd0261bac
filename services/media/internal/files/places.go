package files

import (
	"iter"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/media/internal/remote"
)

// places are the addresses of the web that an import names, no more of them than it
// may fetch from.
type places struct {
	web   Web
	known map[string]*place
	// order is that of the rows.
	order []*place
	// passed counts the rows that name one too many. They stay pending.
	passed int
}

// place is an address, and the uses that rows have for it: all share one file.
type place struct {
	address string
	uses    []*use
}

// use is what the rows of one kind want of a place, and get: the same for each. Of all
// but the first there is only the id, since an archive may name an address as often as
// it likes.
type use struct {
	first  Row
	ids    []int64
	result storedFile
}

func newPlaces(web Web) *places {
	return &places{web: web.withDefaults(), known: make(map[string]*place)}
}

// take takes the rows that name an address, and returns the others.
func (p *places) take(rows []Row) []Row {
	var packed []Row
	for _, row := range rows {
		if openevent.IsURL(row.Path) {
			p.add(row)
		} else {
			packed = append(packed, row)
		}
	}
	return packed
}

func (p *places) add(row Row) {
	address := remote.Canonical(row.Path)
	row.Path = "" // however long it was
	at, known := p.known[address]
	if !known && len(p.order) == p.web.Addresses {
		p.passed++
		return
	}
	if !known {
		at = &place{address: address}
		p.known[address] = at
		p.order = append(p.order, at)
	}
	at.add(row)
}

// results gives what has become of each row, but of those that were passed over.
func (p *places) results() iter.Seq[storedFile] {
	return func(yield func(storedFile) bool) {
		for _, at := range p.order {
			for _, u := range at.uses {
				for _, id := range u.ids {
					result := u.result
					result.ID = id
					if !yield(result) {
						return
					}
				}
			}
		}
	}
}

func (p *place) add(row Row) {
	for _, u := range p.uses {
		if u.first.Kind == row.Kind {
			u.ids = append(u.ids, row.ID)
			return
		}
	}
	p.uses = append(p.uses, &use{first: row, ids: []int64{row.ID}})
}

// first is the first row that names the place.
func (p *place) first() Row { return p.uses[0].first }

// rows is how many name the place.
func (p *place) rows() int {
	n := 0
	for _, u := range p.uses {
		n += len(u.ids)
	}
	return n
}
