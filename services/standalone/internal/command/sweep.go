package command

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"

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
	table := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SWEEP\tCOUNT\tBYTES\tFOR EXAMPLE") //nolint:errcheck // Flush tells
	for _, s := range swept {
		example := "-"
		if len(s.Examples) > 0 {
			example = client.Line(s.Examples[0])
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", client.Line(s.Sweep), strconv.Itoa(s.Count), byteText(s.Bytes), example) //nolint:errcheck // as above
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if c.DryRun {
		t.note("Nothing was removed.")
	}
	return nil
}
