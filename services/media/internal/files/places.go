package files

import (
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
	// passed are the rows that name one too many.
	passed []storedFile
}

// place is an address, and the rows that name it: they share one file.
type place struct {
	address string
	rows    []Row
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
		p.passed = append(p.passed, storedFile{ID: row.ID, State: onWeb})
		return
	}
	if !known {
		at = &place{address: address}
		p.known[address] = at
		p.order = append(p.order, at)
	}
	at.rows = append(at.rows, row)
}

// all gives each row of the place the same result.
func (p *place) all(result storedFile) []storedFile {
	results := make([]storedFile, len(p.rows))
	for i, row := range p.rows {
		results[i] = result
		results[i].ID = row.ID
	}
	return results
}
