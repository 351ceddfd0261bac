package openevent

import (
	"hash/maphash"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Paths are values of upload fields, by what they mean: LeadTo tells whether one of them
// would lead to a file of an archive that is being written. The zero value has none. They
// take 8 bytes or a few times that for each.
type Paths struct {
	seed maphash.Seed
	all  map[uint64]struct{}
}

// Add adds the value of an upload field. One that never leads to a file of an archive, such
// as the address of one on the web, adds nothing.
func (p *Paths) Add(value string) {
	path, ok := mediaPath(value)
	if !ok || IsURL(value) {
		return
	}
	if p.all == nil {
		p.seed, p.all = maphash.MakeSeed(), make(map[uint64]struct{})
	}
	for _, meant := range meantBy(strings.TrimPrefix(path, "/")) {
		p.all[p.hash(meant)] = struct{}{}
	}
}

// LeadTo tells whether a path would lead to a file of that name, as Archive.Media reads it.
// It may be mistaken in favour of yes, once in a very long while.
func (p *Paths) LeadTo(name string) bool {
	if len(p.all) == 0 {
		return false
	}
	for _, meant := range meantBy(name) {
		if _, found := p.all[p.hash(meant)]; found {
			return true
		}
	}
	return false
}

func (p *Paths) hash(name string) uint64 { return maphash.String(p.seed, norm.NFC.String(name)) }
