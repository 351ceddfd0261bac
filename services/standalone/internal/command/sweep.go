package command

import (
	"context"
	"strconv"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Sweep is `usher sweep`.
type Sweep struct {
	client.Config
	DryRun bool `help:"Remove nothing, only tell what would be removed."`
}

// Run has the server sweep and prints what that came to.
func (c *Sweep) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	swept, err := server.Sweep(ctx, c.DryRun)
	if err != nil {
		return err
	}
	table := newTable(t.Out, "SWEEP", "COUNT", "BYTES", "FOR EXAMPLE")
	for _, s := range swept {
		example := ""
		if len(s.Examples) > 0 {
			example = s.Examples[0]
		}
		table.row(s.Sweep, strconv.Itoa(s.Count), byteText(s.Bytes), example)
	}
	if err := table.flush(); err != nil {
		return err
	}
	if c.DryRun {
		t.note("Nothing was removed.")
	}
	return nil
}
