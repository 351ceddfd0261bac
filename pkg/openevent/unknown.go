package openevent

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// Unknown gives Extra as one JSON object that PostgreSQL can store as jsonb, nil
// where there is nothing: without NUL characters, halves of surrogate pairs and
// bytes that are not UTF-8. A number that jsonb has no room for becomes a text.
func (r Record[T]) Unknown() json.RawMessage {
	if len(r.Extra) == 0 {
		return nil
	}
	out := []byte{'{'}
	for _, key := range slices.Sorted(maps.Keys(r.Extra)) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendText(out, []byte(key))
		out = append(out, ':')
		s := scanner{data: r.Extra[key], limit: maxDepth}
		out, _ = s.rewrite(out, storableWord) // read before without an error
	}
	return append(out, '}')
}

// maxDepth is more than any reader of records lets pass.
const maxDepth = 1 << 10

// storableWord appends a number, true, false or null, as a text where jsonb has
// no room for it.
func storableWord(out, word []byte) []byte {
	if storableNumber(word) {
		return append(out, word...)
	}
	return appendText(out, word)
}

// storableNumber tells whether a bare value is one that jsonb can hold: it is
// far from the 131,072 digits of PostgreSQL's numeric.
func storableNumber(raw []byte) bool {
	const digits, exponent = 1000, 300
	if len(raw) > digits {
		return false
	}
	for i, c := range raw {
		if c == 'e' || c == 'E' {
			if raw[0] == 't' || raw[0] == 'f' {
				return true // true, false
			}
			e, err := strconv.Atoi(string(raw[i+1:]))
			return err == nil && -exponent <= e && e <= exponent
		}
	}
	return true
}
