package command

import (
	"bytes"
	"context"
	"io"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Status is `usher status`.
type Status struct {
	client.Config
	ID   string `arg:"" help:"Id of the import."`
	JSON bool   `help:"Print the task document as the server gives it."`
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
	_, err = io.WriteString(t.Out, statusText(server, task, issuesOf(ctx, t, server, task)))
	return err
}
