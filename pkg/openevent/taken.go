package openevent

import (
	"hash/maphash"

	"golang.org/x/text/unicode/norm"
)

// Names are the media files of an archive that is being written, by what their names
// mean: Has tells whether a path would lead to one of them. The zero value and nil have
// none. They take 8 bytes or a few times that for each.
type Names struct {
	seed maphash.Seed
	all  map[uint64]struct{}
}

// Add adds the name of a file.
func (n *Names) Add(name string) {
	if n.all == nil {
		n.seed, n.all = maphash.MakeSeed(), make(map[uint64]struct{})
	}
	for _, meant := range meantBy(name) {
		n.all[n.hash(meant)] = struct{}{}
	}
}

// Has tells whether the value of an upload field leads to a file, as Archive.Media reads
// it. It may be mistaken in favour of yes, once in a very long while.
func (n *Names) Has(value string) bool {
	path, ok := mediaPath(value)
	if n == nil || len(n.all) == 0 || !ok || IsURL(value) {
		return false
	}
	if path[0] == '/' {
		path = path[1:]
	}
	for _, meant := range meantBy(path) {
		if _, found := n.all[n.hash(meant)]; found {
			return true
		}
	}
	return false
}

func (n *Names) hash(name string) uint64 { return maphash.String(n.seed, norm.NFC.String(name)) }
