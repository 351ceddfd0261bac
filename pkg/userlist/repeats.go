package userlist

import (
	"fmt"
	"hash/maphash"
	"slices"
)

// keys are the nicks of a list, or its addresses, while it is looked through for those
// that stand in it twice. Four bytes of each are kept, so that it costs no more than
// that how many there are.
type keys struct {
	seed maphash.Seed
	// parts are the hashes, by those of their bits that they are kept without.
	parts [1 << partBits][]uint32
	// twice are the hashes that were there twice.
	twice map[hash]struct{}
}

// hash is what keys are told apart by. In one of ten lists of a million users it is the same for
// two of them, which costs no more than a second look.
type hash struct {
	part uint16
	rest uint32
}

const partBits = 10

func newKeys() *keys { return &keys{seed: maphash.MakeSeed(), twice: make(map[hash]struct{})} }

func (k *keys) hash(key string) hash {
	sum := maphash.String(k.seed, key)
	return hash{part: uint16(sum >> (64 - partBits)), rest: uint32(sum)} //nolint:gosec // these bits are meant
}

// add takes one more key. An empty one is missing rather than repeated.
func (k *keys) add(key string) {
	if key != "" {
		h := k.hash(key)
		k.parts[h.part] = append(k.parts[h.part], h.rest)
	}
}

// settle finds out which hashes were there twice, and forgets the others.
func (k *keys) settle() {
	for part, hashes := range k.parts {
		slices.Sort(hashes)
		for i := 1; i < len(hashes); i++ {
			if hashes[i] == hashes[i-1] {
				k.twice[hash{uint16(part), hashes[i]}] = struct{}{} //nolint:gosec // there are not as many
			}
		}
		k.parts[part] = nil
	}
}

// mayRepeat tells whether a key may be there twice: two keys can have one hash.
func (k *keys) mayRepeat(key string) bool {
	if len(k.twice) == 0 || key == "" {
		return false
	}
	_, twice := k.twice[k.hash(key)]
	return twice
}

// earlier says which line had a nick or an address before, of those that may repeat.
type earlier struct {
	list          *List
	nicks, emails map[string]int
}

func (l *List) noneEarlier() *earlier {
	return &earlier{list: l, nicks: make(map[string]int), emails: make(map[string]int)}
}

// repeated returns what of a row an earlier row has, and remembers the row.
func (e *earlier) repeated(row Row) []Fault {
	var faults []Fault
	again := func(keys *keys, lines map[string]int, key string, fault Fault) {
		if !keys.mayRepeat(key) {
			return
		}
		first, there := lines[key]
		if !there {
			lines[key] = row.Line
			return
		}
		fault.Message = fmt.Sprintf("Line %d has the same %s as line %d", row.Line, fault.Message, first)
		fault.Hint = "Every user needs one of their own; upper and lower case make no difference."
		faults = append(faults, fault)
	}
	again(e.list.nicks, e.nicks, Key(row.User.Nick), Fault{Field: Nick, Code: CodeNickRepeated, Message: "nick"})
	again(e.list.emails, e.emails, Key(row.User.Email), Fault{Field: Email, Code: CodeEmailRepeated, Message: "e-mail address"})
	return faults
}
