package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Start is `usher start`.
type Start struct {
	client.Config
	ID      string            `arg:"" help:"Id of the check."`
	Mapping map[string]string `help:"Of a list: what its columns hold, in the place of what the check was told, as with import. May be repeated." placeholder:"COLUMN=FIELD" mapsep:"none"`
	Watch   bool              `help:"Follow the import to its end; the exit status is 0 only on success."`

	pace client.Pace // zero is client.DefaultPace
}

// Run begins the import of what was checked and, where it is told to, watches what
// becomes of it.
func (c *Start) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	started, err := server.Start(ctx, c.ID, c.Mapping)
	if errors.Is(err, context.Canceled) {
		return &Exit{Code: interrupted, Err: errors.New("stopped before the start was answered; starting it again is harmless, and tells of the import")}
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(t.Out, "Import    %s\nTask      %s\n",
		client.Line(started.ID), client.Line(started.TaskURL)); err != nil || !c.Watch {
		return err
	}
	_, err = follow(ctx, t, server, started.ID, started.Kind, 1, c.pace)
	return err
}
