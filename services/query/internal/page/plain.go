package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plain is what a text of HTML says, in one line and cut at a word where it has
// more characters than most.
func plain(text string, most int) string {
	var b strings.Builder
	length, blank, hidden := 0, false, false
	tokens := html.NewTokenizer(strings.NewReader(text))
	for length <= most {
		switch tokens.Next() {
		case html.ErrorToken: // the end; a string cannot fail to be read
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			tag := atom.Lookup(name)
			hidden = tag == atom.Script || tag == atom.Style
			blank = blank || parts(tag)
		case html.EndTagToken:
			name, _ := tokens.TagName()
			hidden = false
			blank = blank || parts(atom.Lookup(name))
		case html.TextToken:
			if hidden {
				continue
			}
			for _, r := range string(tokens.Text()) {
				if unicode.IsSpace(r) || unicode.IsControl(r) {
					blank = true
					continue
				}
				if blank && length > 0 {
					b.WriteByte(' ')
					length++
				}
				blank = false
				b.WriteRune(r)
				if length++; length > most {
					break
				}
			}
		}
	}
	return cut(b.String(), most)
}

// parts tells of tags that stand between words.
func parts(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.P, atom.Li, atom.Ul, atom.Ol, atom.Center:
		return true
	}
	return false
}

// cut shortens a line to that many characters, if it can at a word.
func cut(line string, most int) string {
	if utf8.RuneCountInString(line) <= most {
		return line
	}
	runes := []rune(line)[:most-1]
	kept := string(runes)
	if at := strings.LastIndexByte(kept, ' '); at > len(kept)/2 {
		kept = kept[:at]
	}
	return strings.TrimRight(kept, " ,.;:") + "…"
}
