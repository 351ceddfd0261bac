package command

import (
	"bytes"
	"context"
	"io"
	"math"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Status is `usher status`.
type Status struct {
	client.Config
	ID   string `arg:"" help:"Id of the import or the export."`
	JSON bool   `help:"Print the task document as the server gives it."`
}

// shownOf is how many issues of a finished import are named: of an export all that the
// server gives at once, because they tell what another server would not take.
func shownOf(kind contracts.Kind) int {
	if kind == contracts.EventExport {
		return math.MaxInt
	}
	return issuesShown
}

// Run prints one import.
func (c *Status) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	task, err := server.Task(ctx, c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = t.Out.Write(append(bytes.TrimRight(task.Raw, "\n"), '\n'))
		return err
	}
	_, err = io.WriteString(t.Out, statusText(server, task, issuesOf(ctx, t, server, task, shownOf(task.Kind))))
	return err
}
