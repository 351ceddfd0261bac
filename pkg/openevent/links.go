package openevent

import (
	"fmt"
	"hash/maphash"

	"github.com/usher-events/usher/contracts"
)

// links compares the two sides of a relation: what sessions refer to, and which
// sessions the records there say refer to them. The sessions' side is the one
// that counts. A record that names no session says nothing, as in files that
// were written without that side.
type links struct {
	seed maphash.Seed
	// said are the links that the other side names and sessions have not named yet.
	said map[uint64]struct{}
	// says tells which records name any sessions.
	says map[uint64]struct{}
	// ours counts the links that only sessions name.
	ours int
	// given is set where there are too many to compare.
	given bool
}

// maxLinks bounds the memory of the comparison: beyond it there is none.
const maxLinks = 1 << 20

func newLinks() *links {
	return &links{seed: maphash.MakeSeed(), said: map[uint64]struct{}{}, says: map[uint64]struct{}{}}
}

// say notes that the record with the id names sessions.
func (l *links) say(id string, sessions []string) {
	if id == "" || len(sessions) == 0 || l.given {
		return
	}
	l.says[maphash.String(l.seed, id)] = struct{}{}
	for _, session := range sessions {
		l.said[l.pair(id, session)] = struct{}{}
	}
	if len(l.said)+len(l.says) > maxLinks {
		l.given, l.said, l.says = true, nil, nil
	}
}

// compare takes what a session names.
func (l *links) compare(session string, refs ...Ref) {
	if session == "" || l.given {
		return
	}
	for _, ref := range refs {
		pair := l.pair(ref.ID, session)
		if _, both := l.said[pair]; both {
			delete(l.said, pair)
		} else if _, says := l.says[maphash.String(l.seed, ref.ID)]; says {
			l.ours++
		}
	}
}

// pair hashes two ids; the byte between them is in none.
func (l *links) pair(id, session string) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	_, _ = h.WriteString(id)
	_ = h.WriteByte(0)
	_, _ = h.WriteString(session)
	return h.Sum64()
}

// summary tells in one issue where the sides disagree.
func (l *links) summary(c *checker, file, sessions string) {
	if l.given || l.ours+len(l.said) == 0 {
		return
	}
	c.report(contracts.Issue{
		Severity: contracts.Warning, Code: CodeLinksDisagree, File: file,
		Message: fmt.Sprintf("%d links to sessions stand only in the file '%s' and are left out, %d only in the file '%s'; the sessions' side holds",
			len(l.said), file, l.ours, sessions),
	})
}
