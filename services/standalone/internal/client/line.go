package client

import (
	"strings"
	"unicode"
)

// Line makes any text fit for one line of a terminal: what would steer the
// terminal, break the line or turn its direction becomes a space. Names and
// messages of an import repeat what strangers put into an archive.
func Line(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}
