package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Cancel is `usher cancel`.
type Cancel struct {
	client.Config
	ID string `arg:"" help:"Id of the import."`
}

// Run takes back an import that has not ended.
func (c *Cancel) Run(ctx context.Context, t *Terminal) error {
	return takeBack(t, c.Config, func(server *client.Client) (client.TakenBack, error) {
		return server.Cancel(ctx, c.ID)
	})
}

// Discard is `usher discard`.
type Discard struct {
	client.Config
	ID    string `arg:"" help:"Id of the import."`
	Force bool   `help:"Discard also what people have changed since."`
}

// Run takes back an import that has ended, with all that was made of it.
func (c *Discard) Run(ctx context.Context, t *Terminal) error {
	return takeBack(t, c.Config, func(server *client.Client) (client.TakenBack, error) {
		return server.Discard(ctx, c.ID, c.Force)
	})
}

func takeBack(t *Terminal, cfg client.Config, ask func(*client.Client) (client.TakenBack, error)) error {
	server, err := client.New(cfg)
	if err != nil {
		return err
	}
	taken, err := ask(server)
	if errors.Is(err, context.Canceled) {
		return &Exit{Code: interrupted, Err: errors.New("stopped before the command was answered; giving it again is harmless")}
	}
	if err != nil {
		return err
	}
	// What remains to be removed goes by itself; the task tells how far that is.
	_, err = fmt.Fprintf(t.Out, "Import    %s is taken back\nTask      %s\n", client.Line(taken.ID), client.Line(taken.TaskURL))
	return err
}
