package openevent

import (
	"bytes"
	"hash/maphash"
	"iter"
)

// ids remembers the records of a file by their ids, in few bytes each: an
// archive may hold a million. It knows them by hashes of 64 bits under a secret
// seed. Should two ids fall on one, references to both count as resolved and a
// warning is wrong; a record is left out only where the hash of all that it says
// is the same, too.
type ids struct {
	seed  maphash.Seed
	first map[uint64]firstRecord
	// deleted has the ids of records that are left out since they were deleted.
	deleted map[uint64]struct{}
}

// firstRecord is the first record that has an id.
type firstRecord struct {
	content uint64
	line    int
}

func newIDs() *ids {
	return &ids{seed: maphash.MakeSeed(), first: map[uint64]firstRecord{}, deleted: map[uint64]struct{}{}}
}

// has tells whether there is a record with the id.
func (s *ids) has(id string) bool {
	_, ok := s.first[maphash.String(s.seed, id)]
	return ok
}

// addDeleted notes that the record with the id was deleted.
func (s *ids) addDeleted(id string) { s.deleted[maphash.String(s.seed, id)] = struct{}{} }

// wasDeleted tells whether a record with the id was deleted.
func (s *ids) wasDeleted(id string) bool {
	_, ok := s.deleted[maphash.String(s.seed, id)]
	return ok
}

// add notes a record, raw as it stands in line of its file. Where the id is
// there already it returns the line of the first record that has it, and
// whether that one is the same in all but blanks.
func (s *ids) add(id string, raw []byte, line int) (first int, copied, repeated bool) {
	key, content := maphash.String(s.seed, id), s.content(raw)
	before, repeated := s.first[key]
	if !repeated {
		s.first[key] = firstRecord{content: content, line: line}
	}
	return before.line, before.content == content, repeated
}

// content hashes a JSON value without the blanks between its parts.
func (s *ids) content(raw []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for part := range withoutBlanks(raw) {
		_, _ = h.Write(part) // never fails
	}
	return h.Sum64()
}

// withoutBlanks yields the stretches of a JSON value that have no blanks
// between the tokens.
func withoutBlanks(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		from := 0
		for i := 0; i < len(raw); i++ {
			switch raw[i] {
			case '"':
				i = closingQuote(raw, i+1)
			case ' ', '\n', '\t', '\r':
				if from < i && !yield(raw[from:i]) {
					return
				}
				from = i + 1
			}
		}
		if from < len(raw) {
			yield(raw[from:])
		}
	}
}

// closingQuote finds the end of the text that begins at from.
func closingQuote(raw []byte, from int) int {
	for {
		n := bytes.IndexByte(raw[from:], '"')
		if n < 0 {
			return len(raw)
		}
		at := from + n
		if backslashes(raw, from, at)%2 == 0 {
			return at
		}
		from = at + 1
	}
}
