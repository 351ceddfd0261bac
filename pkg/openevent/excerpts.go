package openevent

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/usher-events/usher/contracts"
)

// Excerpt is the piece of a line that an issue stands in.
type Excerpt struct {
	// Text has no line break. It is as found, so it may hold anything else.
	Text string
	// Column is where Text begins in its line, counted from 1 in bytes.
	Column int
	// Ends tells that the line ends with Text.
	Ends bool
}

// Excerpts reads what stands around the places of issues: of each line at most
// around bytes before the issue's column, and as many behind it. There is one
// excerpt for each issue, the zero one where it has no line or where the line
// cannot be read. Each file is read once, as far as the last of its issues.
//
// The error is the source's, never about the archive's content.
func (a *Archive) Excerpts(issues []contracts.Issue, around int) ([]Excerpt, error) {
	found := make([]Excerpt, len(issues))
	windows := map[*entry][]*window{}
	for i, issue := range issues {
		if e, ok := a.entries[issue.File]; ok && issue.Line > 0 {
			column := max(1, issue.Column)
			windows[e] = append(windows[e], &window{
				line: issue.Line, from: max(1, column-around), to: column + around, excerpt: &found[i],
			})
		}
	}
	for e, list := range windows {
		slices.SortFunc(list, func(x, y *window) int {
			return cmp.Or(cmp.Compare(x.line, y.line), cmp.Compare(x.to, y.to))
		})
		var wrong *Error
		if err := a.lookThrough(e, list); err != nil && !errors.As(err, &wrong) {
			return nil, err
		}
	}
	return found, nil
}

// window is a stretch of a line that is looked for: its columns from up to, but
// not with, to.
type window struct {
	line, from, to int
	excerpt        *Excerpt
}

// add takes what falls into the window of a piece of its line that begins at a
// column.
func (w *window) add(piece []byte, column int) {
	from, to := max(w.from-column, 0), min(w.to-column, len(piece))
	if from >= to {
		return
	}
	if w.excerpt.Column == 0 {
		w.excerpt.Column = column + from
	}
	w.excerpt.Text += string(piece[from:to])
}

// end is called when the window has got all that it gets.
func (w *window) end(lineEnds bool) {
	x := w.excerpt
	if x.Ends = lineEnds; x.Ends {
		x.Text = strings.TrimSuffix(x.Text, "\r")
	}
	// The window may have cut characters in two.
	for x.Column > 1 && x.Text != "" && !utf8.RuneStart(x.Text[0]) {
		x.Text, x.Column = x.Text[1:], x.Column+1
	}
	for i := 1; !x.Ends && i < utf8.UTFMax && i <= len(x.Text); i++ {
		if last := x.Text[len(x.Text)-i:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRuneInString(last) {
				x.Text = x.Text[:len(x.Text)-i]
			}
			break
		}
	}
}

// lookThrough reads a file until all windows are full. They are in their order.
// It goes from piece to piece, since a file may well be one line.
func (a *Archive) lookThrough(e *entry, windows []*window) error {
	rc, err := a.open(e)
	if err != nil {
		return err
	}
	defer rc.Close()
	decoded, _ := utf8Reader(rc)
	text := bufio.NewReaderSize(decoded, 32<<10)
	for line, column := 1, 1; len(windows) > 0; {
		piece, err := text.ReadSlice('\n')
		lineEnds := !errors.Is(err, bufio.ErrBufferFull)
		piece = bytes.TrimSuffix(piece, newline)
		for _, w := range windows {
			if w.line > line || w.from >= column+len(piece) {
				break
			}
			w.add(piece, column)
		}
		column += len(piece)
		for len(windows) > 0 && windows[0].line == line && (lineEnds || windows[0].to <= column) {
			windows[0].end(lineEnds && windows[0].to >= column)
			windows = windows[1:]
		}
		switch {
		case err == nil:
			line, column = line+1, 1
		case errors.Is(err, io.EOF):
			return nil
		case lineEnds:
			return err
		}
	}
	return nil
}
