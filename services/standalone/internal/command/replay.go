package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Replay is `usher replay`.
type Replay struct {
	client.Config
	Selection
	ID    string `arg:"" optional:"" help:"Id of the import. In its place --failed and --since say which imports."`
	From  string `help:"Stage to begin with; default is the one that has failed." placeholder:"STAGE"`
	Force bool   `help:"Make an import anew that has succeeded; until the attempt has, its event is not shown. What people have changed stands in the way all the same."`
	Watch bool   `help:"Follow the import to its end; the exit status is 0 only on success."`

	DryRun bool `help:"With --failed: only tell which imports would be replayed."`

	pace client.Pace // zero is client.DefaultPace
}

// Run begins the next attempt and, where it is told to, watches what becomes of it.
func (c *Replay) Run(ctx context.Context, t *Terminal) error {
	if err := c.valid(); err != nil {
		return &Exit{Code: usage, Err: err}
	}
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	if c.Failed {
		return c.replayFailed(ctx, t, server)
	}
	replayed, err := server.Replay(ctx, c.ID, contracts.Stage(c.From), c.Force)
	if errors.Is(err, context.Canceled) {
		return &Exit{Code: interrupted, Err: fmt.Errorf("stopped before the replay was answered; `usher status %s` shows whether it was accepted", c.ID)}
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(t.Out, "Import    %s\nAttempt   %d, from stage %s\nTask      %s\n",
		client.Line(replayed.ID), replayed.Attempt, client.Line(string(replayed.From)), client.Line(replayed.TaskURL)); err != nil || !c.Watch {
		return err
	}
	_, err = follow(ctx, t, server, replayed.ID, "", replayed.Attempt, c.pace)
	return err
}
