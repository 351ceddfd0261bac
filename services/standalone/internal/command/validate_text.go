package command

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

const (
	// issuesPerKind is how many issues of one kind in one file are shown.
	issuesPerKind = 5
	// around is how much of a line is read on either side of an issue, in bytes:
	// more than a terminal shows.
	around = 1 << 10
	// issueIndent is where the text of an issue begins.
	issueIndent = 11
)

// text prints the check for people: what was found, file by file, with the lines
// that are meant.
func (v *validation) text(t *Terminal, archive *openevent.Archive, colors bool) error {
	issues := slices.Clone(v.Issues)
	slices.SortStableFunc(issues, v.order())
	excerpts := make([]openevent.Excerpt, len(issues))
	if archive != nil {
		var err error
		if excerpts, err = archive.Excerpts(issues, around); err != nil {
			return &Exit{Code: usage, Err: err}
		}
	}
	w := &validationWriter{out: bufio.NewWriter(t.Out), columns: t.columns(), colors: colors}
	w.heading(v)
	for i, issue := range issues {
		if i == 0 || issue.File != issues[i-1].File {
			w.file(issue.File)
		}
		w.issue(issue, excerpts[i])
		if kind := kindOf(issue); i == len(issues)-1 || kindOf(issues[i+1]) != kind {
			w.more(v.left[kind], v.perKind > 0)
			delete(v.left, kind)
		}
	}
	if n := v.notShown(); n > 0 {
		w.line("")
		w.line(fmt.Sprintf("%d more issues are counted, but not listed", n))
	}
	w.end(v)
	return w.out.Flush()
}

// order is that in which issues are listed: the files as they were read, what is
// about the whole archive before them; in a file what is worst comes first, and
// what is of one kind stands together, by line.
func (v *validation) order() func(x, y contracts.Issue) int {
	files, kinds := map[string]int{"": -1}, map[issueKind]int{}
	for _, i := range v.Issues {
		if _, ok := files[i.File]; !ok {
			files[i.File] = len(files)
		}
		if _, ok := kinds[kindOf(i)]; !ok {
			kinds[kindOf(i)] = len(kinds)
		}
	}
	rank := map[contracts.Severity]int{contracts.Error: 0, contracts.Warning: 1, contracts.Info: 2}
	return func(x, y contracts.Issue) int {
		return cmp.Or(
			cmp.Compare(files[x.File], files[y.File]), cmp.Compare(rank[x.Severity], rank[y.Severity]),
			cmp.Compare(kinds[kindOf(x)], kinds[kindOf(y)]), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column),
		)
	}
}

// validationWriter writes the parts of the text.
type validationWriter struct {
	out     *bufio.Writer // keeps its first error for Flush
	columns int
	colors  bool
}

func (w *validationWriter) line(s string) { _, _ = w.out.WriteString(strings.TrimRight(s, " ") + "\n") }

func (w *validationWriter) heading(v *validation) {
	w.line(fmt.Sprintf("%-9s %s, %s", "File", client.Line(v.Name), byteText(v.Size)))
	w.line(fmt.Sprintf("%-9s %s", "Mode", v.Mode))
	if v.Summary.Event != "" {
		w.line(fmt.Sprintf("%-9s %s", "Event", w.paint(bold, client.Line(v.Summary.Event))))
	}
	for _, t := range contracts.EntityTypes() {
		if n := v.Summary.Totals[t]; n > 0 {
			w.line(fmt.Sprintf("  %-16s %7d", t, n))
		}
	}
}

func (w *validationWriter) file(name string) {
	w.line("")
	w.line(w.paint(bold, cmp.Or(client.Line(name), "The archive")))
}

func (w *validationWriter) issue(i contracts.Issue, x openevent.Excerpt) {
	severity := fmt.Sprintf("%-7s", i.Severity)
	w.line("  " + w.paint(colorOf(i.Severity), severity) + "  " + placeText(i) + client.Line(i.Message) + w.paint(faint, "  "+i.Code))
	if x.Column > 0 {
		text, caret := excerptLines(x, i.Column, w.columns-issueIndent-2)
		w.indented("| " + text)
		if caret >= 0 {
			w.indented("| " + strings.Repeat(" ", caret) + w.paint(colorOf(i.Severity), "^"))
		}
	}
	if i.Hint != "" {
		w.indented(client.Line(i.Hint))
	}
}

func (w *validationWriter) indented(s string) { w.line(strings.Repeat(" ", issueIndent) + s) }

// placeText says where an issue stands, with two blanks behind it.
func placeText(i contracts.Issue) string {
	switch {
	case i.Line == 0:
		return ""
	case i.Column == 0:
		return fmt.Sprintf("line %d  ", i.Line)
	}
	return fmt.Sprintf("line %d, column %d  ", i.Line, i.Column)
}

func (w *validationWriter) more(n int, all bool) {
	switch {
	case n > 0 && all:
		w.indented(fmt.Sprintf("… and %d more of this kind; --all shows them", n))
	case n > 0:
		w.indented(fmt.Sprintf("… and %d more of this kind", n))
	}
}

func (w *validationWriter) end(v *validation) {
	found := countText(v.Found)
	if v.Found == (contracts.IssueCounts{}) {
		found = "No issues"
	}
	w.line("")
	if v.Note != "" {
		w.line(v.Note)
	}
	if v.OK() {
		w.line(found + ": " + w.paint(green, "the import would succeed"))
		return
	}
	w.line(found + ": " + w.paint(red, "the import would fail"))
}

// style is an escape of a terminal that shows what is behind it in another way.
type style string

const (
	bold   style = "\x1b[1m"
	faint  style = "\x1b[2m"
	red    style = "\x1b[31m"
	green  style = "\x1b[32m"
	yellow style = "\x1b[33m"
	cyan   style = "\x1b[36m"
)

func colorOf(s contracts.Severity) style {
	switch s {
	case contracts.Error:
		return red
	case contracts.Warning:
		return yellow
	default:
		return cyan
	}
}

func (w *validationWriter) paint(s style, text string) string {
	if !w.colors {
		return text
	}
	return string(s) + text + "\x1b[0m"
}
