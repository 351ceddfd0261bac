package ending

import (
	"fmt"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// text is what the owner reads.
type text struct {
	title        string
	notification string
	mail         string
}

func textOf(f *contracts.ImportFinished, carried contracts.Carried) text {
	if f.State == contracts.Success {
		return successText(f)
	}
	return failureText(f, carried)
}

func successText(f *contracts.ImportFinished) text {
	t := text{title: "Your import has ended"}
	var b strings.Builder
	if r := f.Result; r != nil {
		t.title = fmt.Sprintf("Event %s has been imported", oneLine(r.EventName))
		fmt.Fprintf(&b, "The event %s has been imported.\n\nIts id is %s, you find it at\n%s\n", oneLine(r.EventName), r.ID, r.URL)
	}
	if n := f.Issues.Warning; n > 0 {
		fmt.Fprintf(&b, "\nThere %s on the way; the list of issues of this import tells what and where.\n", warnings(n))
	}
	t.mail = b.String()
	t.notification, _, _ = strings.Cut(t.mail, "\n")
	return t
}

func failureText(f *contracts.ImportFinished, carried contracts.Carried) text {
	t := text{title: "Import of event failed", notification: f.Failure}
	var b strings.Builder
	fmt.Fprintf(&b, "The import of %s did not succeed. Nothing of it is visible to anybody.\n\n", fileName(carried))
	fmt.Fprintf(&b, "What was wrong:\n%s\n", f.Failure)
	listed := 0
	for _, i := range f.FirstIssues {
		if i.Severity == contracts.Error {
			fmt.Fprintf(&b, "\n- %s", i)
			listed++
		}
	}
	if listed > 0 {
		b.WriteString("\n")
	}
	if more := f.Issues.Error - listed; more > 0 && listed > 0 {
		fmt.Fprintf(&b, "… and %d more.\n", more)
	}
	t.mail = b.String()
	return t
}

func warnings(n int) string {
	if n == 1 {
		return "was 1 warning"
	}
	return fmt.Sprintf("were %d warnings", n)
}

func fileName(c contracts.Carried) string {
	if c.FileName == "" {
		return "your archive"
	}
	return oneLine(c.FileName)
}

// oneLine keeps what comes from an archive from breaking a subject or a
// sentence into lines of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
