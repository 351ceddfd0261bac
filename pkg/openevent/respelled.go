package openevent

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// respellings finds entries by other spellings of their names, below the data
// files' folder. Each name leads to one entry, or to nil where it leads to
// more than one.
type respellings struct {
	// redecoded has the names as they are, and those that were meant where
	// UTF-8 was read in another encoding.
	redecoded map[string]*entry
	// composed has the same with letters and accents composed: "é" is one
	// character or two, and looks alike.
	composed map[string]*entry
}

// respell makes the respellings of all entries.
func (a *Archive) respell() respellings {
	r := respellings{redecoded: map[string]*entry{}, composed: map[string]*entry{}}
	for name, e := range a.entries {
		name, inFolder := strings.CutPrefix(name, a.folder)
		if !inFolder {
			continue
		}
		for _, meant := range meantBy(name) {
			only(r.redecoded, meant, e)
			only(r.composed, norm.NFC.String(meant), e)
		}
	}
	return r
}

// only lets a name lead to e, unless it leads to another entry already.
func only(names map[string]*entry, name string, e *entry) {
	if other, ok := names[name]; ok && other != e {
		e = nil
	}
	names[name] = e
}

// find returns the one entry that a name can mean, or nil. Spellings of the
// same characters go first: some archives hold the file of "é" in both forms.
func (r respellings) find(name string) *entry {
	meant := meantBy(name)
	if e, found := one(r.redecoded, meant); found {
		return e
	}
	for i := range meant {
		meant[i] = norm.NFC.String(meant[i])
	}
	e, _ := one(r.composed, meant)
	return e
}

// one returns the only entry that names lead to, nil where there are several.
func one(entries map[string]*entry, names []string) (e *entry, found bool) {
	for _, name := range names {
		other, ok := entries[name]
		switch {
		case !ok:
		case found && other != e:
			return nil, true
		default:
			e, found = other, true
		}
	}
	return e, found
}

// meantBy returns a name, and what it was before somebody read its UTF-8 in a
// code page. Programs that make zips do so where they do not mark UTF-8 as such
// (437), and programs that write JSON where they believe in Windows (1252).
func meantBy(name string) []string {
	names := []string{name}
	for _, page := range []*charmap.Charmap{charmap.CodePage437, charmap.Windows1252} {
		bytes, err := page.NewEncoder().String(name)
		if err == nil && bytes != name && utf8.ValidString(bytes) {
			names = append(names, bytes)
		}
	}
	return names
}
