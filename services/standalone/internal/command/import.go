package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// interrupted is the status of a process that Ctrl-C has ended, as shells have it.
const interrupted = 130

// issuesShown is how many issues a successful import names.
const issuesShown = 10

// Import is `usher import`.
type Import struct {
	client.Config
	File       string            `arg:"" help:"What to import: an archive, a zip of JSON files and media, or a list of users, CSV or xlsx. The file tells which."`
	Publish    bool              `help:"Of an archive: show the event to everybody as soon as it is imported."`
	Mode       string            `help:"What becomes of input that is not as it should be: default, strict (any warning fails the import) or lenient (bad records or rows are left out)." default:"default" enum:"default,strict,lenient"`
	FetchMedia bool              `help:"Of an archive: bring in the files that it names by addresses of the web, too."`
	OnConflict string            `help:"Of a list: what becomes of rows whose accounts there are already: ${enum}." default:"fail" enum:"fail,skip,update"`
	NoInvite   bool              `help:"Of a list: mail no invitation to those who get an account without a password."`
	Mapping    map[string]string `help:"Of a list: the field that a column holds, by title or place, such as Spitzname=nick or '#3=' to leave one out. May be repeated." placeholder:"COLUMN=FIELD" mapsep:"none"`
	Check      bool              `help:"Only check the file, and wait for what there is to say; \"usher start\" imports it after that." aliases:"dry-run"`
	Watch      bool              `help:"Follow the import to its end; the exit status is 0 only on success."`

	pace client.Pace // zero is client.DefaultPace
}

// Run uploads the file and, where it is told to, watches what becomes of it.
func (c *Import) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	accepted, err := c.upload(ctx, t, server)
	if err != nil {
		return err
	}
	if earlier := client.Line(accepted.EarlierImport); earlier != "" {
		t.note("You have imported this very file before: `usher status %s` shows what became of it.", earlier)
	}
	if _, err := fmt.Fprintf(t.Out, "Import    %s\nTask      %s\n",
		client.Line(accepted.ID), client.Line(accepted.TaskURL)); err != nil || !c.Watch && !c.Check {
		return err
	}
	if _, err := follow(ctx, t, server, accepted.ID, accepted.Kind, 1, c.pace); err != nil {
		return err
	}
	if c.Check {
		t.note("`usher start %s` imports it.", client.Line(accepted.ID))
	}
	return nil
}

// follow shows the import until an attempt, or a later one, is finished, and how
// it ended. Its kind may not be known yet.
func follow(ctx context.Context, t *Terminal, server *client.Client, id string, kind contracts.Kind, attempt int, pace client.Pace) (client.Task, error) {
	task, err := watch(ctx, server, id, kind, attempt, pace, newView(t))
	if err != nil {
		return task, err
	}
	issues := issuesOf(ctx, t, server, task, issuesShown)
	if _, err := io.WriteString(t.Out, ending(server, task, issues)); err != nil {
		return task, err
	}
	return task, notSuccess(task)
}

// watch has a view shown the import until an attempt, or a later one, is finished.
func watch(ctx context.Context, server *client.Client, id string, kind contracts.Kind, attempt int, pace client.Pace, v view) (client.Task, error) {
	task, err := server.Watch(ctx, id, attempt, cmp.Or(pace, client.DefaultPace()), v)
	if closed := v.Close(); err == nil {
		err = closed
	}
	word := wordOf(cmp.Or(task.Kind, kind))
	switch {
	case errors.Is(err, context.Canceled):
		return task, &Exit{Code: interrupted, Err: fmt.Errorf("stopped watching; the %s goes on, `usher status %s` shows it", word, id)}
	case err != nil:
		return task, fmt.Errorf("watching ended: %w; `usher status %s` shows the %s", err, id, word)
	}
	return task, nil
}

// wordOf is what an import of a kind is called where it is told how it goes on.
func wordOf(kind contracts.Kind) string {
	if kind == contracts.EventExport {
		return "export"
	}
	return "import"
}

// notSuccess is the error that a finished import ends the process with, nil where it
// has succeeded.
func notSuccess(task client.Task) error {
	reason := task.Reason()
	switch {
	case task.State == contracts.Success:
		return nil
	case reason != "" && task.Kind.Check():
		return fmt.Errorf("the check failed: %s", reason)
	case reason != "":
		return fmt.Errorf("the %s failed: %s", wordOf(task.Kind), reason)
	}
	return fmt.Errorf("the %s ended as %s", wordOf(task.Kind), client.Line(string(task.State)))
}

// issuesOf returns the issues to show: all of a failure's own document, else
// the first that the server lists, at most limit. They are not worth an error: the counts are
// in the task document.
func issuesOf(ctx context.Context, t *Terminal, server *client.Client, task client.Task, limit int) []contracts.Issue {
	if task.Error != nil && len(task.Error.Issues) > 0 {
		return task.Error.Issues
	}
	if task.Issues == (contracts.IssueCounts{}) {
		return nil
	}
	issues, err := server.Issues(ctx, task.ID, limit)
	if err != nil {
		t.note("The issues cannot be shown: %v", err)
	}
	return issues
}

// ending tells how an import ended. Its last line is the event's URL, or where the
// archive of an export is, and nothing else, where there is one.
func ending(server *client.Client, task client.Task, issues []contracts.Issue) string {
	text := string(task.State)
	if took := duration(task); took != "" {
		text += " after " + took
	}
	event, ok := task.Event()
	switch {
	case ok && event.DryRun:
		text += ": " + eventName(event) + " is checked, nothing is imported"
	case ok && event.Exported != nil:
		text += ": " + exportedText(event) + "; " + untilText(event.ExpiresAt)
	case ok:
		text += ": " + eventName(event)
	case task.State == contracts.Failure && task.Stage != "":
		text += " in stage " + client.Line(string(task.Stage))
	}
	text += "\n"
	if task.Error != nil {
		text += client.Problem(task.Error.Title, task.Error.Detail, task.Error.Code) + "\n"
	}
	text += wouldText(event) + refusedText(task.ID, event) + issueText(server, task, issues)
	switch {
	case ok && event.Exported != nil:
		text += client.Line(server.URL(event.DownloadURL)) + "\n"
	case ok:
		text += client.Line(server.URL(event.URL)) + "\n"
	}
	return text
}
