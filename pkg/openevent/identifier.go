package openevent

import "regexp"

// identifierForm matches what may be the public name of an event: it becomes
// part of addresses, and nothing in it has to be escaped there.
var identifierForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// isIdentifier tells whether s may be an identifier. Digits alone would be
// taken for an id, except for the 8 that the format's own identifiers have.
func isIdentifier(s string) bool {
	return identifierForm.MatchString(s) && (!isNumber(s) || len(s) == 8)
}
