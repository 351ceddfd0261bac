package openevent

import (
	"cmp"
	"slices"
	"strings"
)

// Dialect says how the keys of an archive are spelled. Reading understands all of them,
// also side by side; writing is in one.
type Dialect string

// The dialects that are written.
const (
	// DialectA is in snake case, as the first server wrote and read it.
	DialectA Dialect = "a"
	// DialectB is in kebab case, as the samples and the generators of web pages and apps have it.
	DialectB Dialect = "b"
)

// ParseDialect reads the name of a dialect, in any case; none is A.
func ParseDialect(s string) (Dialect, bool) {
	switch strings.ToLower(s) {
	case "", string(DialectA):
		return DialectA, true
	case string(DialectB):
		return DialectB, true
	default:
		return "", false
	}
}

// key is how the dialect spells a field of the struct called in.
func (d Dialect) key(in, field string) string {
	if d != DialectB {
		return field
	}
	if key, ok := kebabKeys[in][field]; ok {
		return key
	}
	return strings.ReplaceAll(field, "_", "-")
}

// writtenKey is one key of an object that is written.
type writtenKey struct {
	key string
	// field is its place in schema.fields.
	field int
}

// order lists the keys of the struct called in, as exporters have always ordered them:
// the id, what the record is called, and the rest by the alphabet. What is never written
// is not among them.
func (s *schema) order(in string) map[Dialect][]writtenKey {
	written := make(map[Dialect][]writtenKey)
	for _, d := range []Dialect{DialectA, DialectB} {
		var keys []writtenKey
		for i, f := range s.fields {
			if f.kind != KindDropped && f.kind != KindDeleted {
				keys = append(keys, writtenKey{d.key(in, f.name), i})
			}
		}
		slices.SortFunc(keys, func(a, b writtenKey) int {
			return cmp.Or(cmp.Compare(s.fields[a.field].rank(), s.fields[b.field].rank()), cmp.Compare(a.key, b.key))
		})
		written[d] = keys
	}
	return written
}

// rank tells which fields stand before the others.
func (f field) rank() int {
	switch {
	case f.kind == KindID:
		return 0
	case f.name == "name" || f.name == "title":
		return 1
	default:
		return 2
	}
}
