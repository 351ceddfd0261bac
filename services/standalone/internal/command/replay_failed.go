package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// valid tells whether one import is meant or those that have failed, and not both.
// How long ago has to be said: what failed long ago was mostly given up, and each
// replay ends with a mail.
func (c *Replay) valid() error {
	switch {
	case c.ID == "" && !c.Failed:
		return errors.New("give the id of an import, or --failed and --since")
	case c.ID != "" && (c.Selection != Selection{} || c.DryRun):
		return errors.New("an import is named by its id, or several by --failed, --since, --stage, --code and --kind")
	case c.Failed && c.Since == 0:
		return errors.New("--failed needs --since: how long ago they failed at most, such as 2h")
	case c.Failed && c.Force:
		return errors.New("--force is for one import")
	case c.Failed && c.Watch:
		return errors.New("--watch is for one import")
	}
	return nil
}

// ofAll are the answers that the next import would get, too.
var ofAll = []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}

// replayFailed replays all imports that have failed and are meant, the oldest
// first, and tells what came of each. One that is refused does not keep it from
// the others.
func (c *Replay) replayFailed(ctx context.Context, t *Terminal, server *client.Client) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	// All of them before the first is replayed, which takes it out of the list.
	imports, err := server.Imports(ctx, filter, math.MaxInt)
	if err != nil {
		return err
	}
	if len(imports) == 0 {
		_, err := fmt.Fprintln(t.Out, "There are no such imports.")
		return err
	}
	refused := 0
	for n, i := range slices.Backward(imports) {
		text, err := c.replayOne(ctx, server, i)
		if no := (*client.RefusedError)(nil); errors.As(err, &no) && !slices.Contains(ofAll, no.Status) {
			text, err = "refused: "+no.Error(), nil
			refused++
		}
		if ctx.Err() != nil {
			return &Exit{Code: interrupted, Err: fmt.Errorf("stopped before %d of %d imports were replayed", n+1, len(imports))}
		}
		if err != nil {
			return fmt.Errorf("%d of %d imports were not replayed: %w", n+1+refused, len(imports), err)
		}
		if _, err := fmt.Fprintf(t.Out, "%s  %s\n", client.Line(i.ID), text); err != nil {
			return err
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d of %d imports were not replayed", refused, len(imports))
	}
	return nil
}

// replayOne replays an import and says so in half a line.
func (c *Replay) replayOne(ctx context.Context, server *client.Client, i client.Import) (string, error) {
	if c.DryRun {
		text := "would be replayed from stage " + client.Line(cmp.Or(c.From, string(i.Stage)))
		if i.Error != nil {
			text += ", failed with " + client.Line(i.Error.Code)
		}
		return text, nil
	}
	var replayed client.Replayed
	err := client.Persist(ctx, cmp.Or(c.pace, client.DefaultPace()), func() (err error) {
		replayed, err = server.Replay(ctx, i.ID, contracts.Stage(c.From), false)
		return err
	})
	return fmt.Sprintf("attempt %d, from stage %s", replayed.Attempt, client.Line(string(replayed.From))), err
}
