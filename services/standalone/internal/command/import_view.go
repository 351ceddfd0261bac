package command

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// view shows an import while it runs. Close ends the show and tells what kept
// it from being seen.
type view interface {
	client.Observer
	Close() error
}

// quiet is the view of those who only wait.
type quiet struct{ t *Terminal }

// Changed implements client.Observer.
func (quiet) Changed(client.Task) {}

// Trouble implements client.Observer.
func (q quiet) Trouble(err error) { q.t.note("Trying again: %v", err) }

// Close implements view.
func (quiet) Close() error { return nil }

func newView(t *Terminal) view {
	if t.Interactive {
		return newBars(t)
	}
	return &lines{t: t}
}

// lines is the view of a log: one line when the message changes, numbers
// aside, and one for each tenth of the whole.
type lines struct {
	t    *Terminal
	last line
	err  error
}

// line is what makes a line worth printing.
type line struct {
	message string
	tenth   int
}

// Changed implements client.Observer.
func (l *lines) Changed(task client.Task) {
	percent, known := percentOf(task.Progress)
	this := line{message: withoutNumbers(task.Message), tenth: percent / 10}
	if task.State.Final() || this == l.last {
		return
	}
	l.last = this
	column := "     "
	if known {
		column = fmt.Sprintf("%3d %%", percent)
	}
	_, err := fmt.Fprintf(l.t.Out, "%s  %s\n", column, client.Line(task.Message))
	l.err = errors.Join(l.err, err)
}

// Trouble implements client.Observer.
func (l *lines) Trouble(err error) {
	l.last = line{} // so that the next line tells that it goes on
	l.t.note("Trying again: %v", err)
}

// Close implements view.
func (l *lines) Close() error { return l.err }

func withoutNumbers(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
}

// percentOf says how much of all that is known of is done; false where nothing
// is known of yet.
func percentOf(progress map[contracts.EntityType]contracts.TaskProgress) (int, bool) {
	var done, total int
	for _, p := range progress {
		done += min(p.Done, p.Total)
		total += p.Total
	}
	if total == 0 {
		return 0, false
	}
	return done * 100 / total, true
}
