package command

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/usher-events/usher/pkg/openevent"
)

// cell is a character as a terminal shows it, and how many columns it takes.
type cell struct {
	text  string
	width int
}

// widths do not depend on where the terminal is.
var widths = &runewidth.Condition{StrictEmojiNeutral: true}

// cellsOf makes a text harmless and fit for one line: tabulators are blanks, and
// what would steer the terminal or turn the direction of the line shows as one
// sign that stands for what cannot be shown. at is the cell that the byte at
// offset belongs to.
func cellsOf(text string, offset int) (cells []cell, at int) {
	at = -1
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\t':
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029':
			r = utf8.RuneError
		}
		if i += n; i > offset && at < 0 {
			at = len(cells)
		}
		cells = append(cells, cell{string(r), widths.RuneWidth(r)})
	}
	if at < 0 {
		at = len(cells)
	}
	return cells, at
}

// excerptLines cuts an excerpt to a width, so that the column of the issue is
// in sight. caret is how far from the left that stands then, -1 where the column
// is not known.
func excerptLines(x openevent.Excerpt, column, width int) (text string, caret int) {
	cells, at := cellsOf(x.Text, column-x.Column)
	for x.Column == 1 && at > 0 && cells[0].text == " " { // nobody needs the indentation
		cells, at = cells[1:], at-1
	}
	const ellipsis = "…" // one column wide
	first, last := within(cells, at, width-2)
	var b strings.Builder
	caret = 0
	if first > 0 || x.Column > 1 {
		b.WriteString(ellipsis)
		caret++
	}
	for i, c := range cells[first:last] {
		b.WriteString(c.text)
		if first+i < at {
			caret += c.width
		}
	}
	if last < len(cells) || !x.Ends {
		b.WriteString(ellipsis)
	}
	if column == 0 {
		caret = -1
	}
	return b.String(), caret
}

// within chooses cells around one of them that take no more columns than there
// are, half of them before it if need be.
func within(cells []cell, at, columns int) (first, last int) {
	first, last = at, at
	left := columns
	back := func(keep int) {
		for first > 0 && cells[first-1].width <= left-keep {
			first--
			left -= cells[first].width
		}
	}
	back(columns / 2)
	for last < len(cells) && cells[last].width <= left {
		left -= cells[last].width
		last++
	}
	back(0)
	return first, last
}
