package userlist

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Key is the form in which nicks and addresses are unique and looked up: two
// that look alike but for upper and lower case are the same.
func Key(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) {
		return strings.ToLower(s) // the same, in a hundredth of the time
	}
	// Folding may leave what composes to something else, hence twice NFC.
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
