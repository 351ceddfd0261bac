package edit

import (
	"context"
	"net/http"
	"slices"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// tellEdited stores among the import's commands which attributes people have
// changed, so that whoever wants to replay or discard the import learns of it, and
// of the two that come at once the broker takes one. It is called before the
// change is committed: dying in between tells of a change that was not made. That
// costs whoever discards the import a force, and whoever would make it anew another
// upload; the other way a change could be lost unasked.
//
// What was told before is not told again, and nothing is told of an import that
// the stream has forgotten, for which there are no more commands.
func (s Events) tellEdited(ctx context.Context, tx bun.Tx, w http.ResponseWriter, e event, who auth.Identity, changed []string) error {
	last, err := s.last(ctx, tx, w, e)
	if err != nil || last.sequence == 0 {
		return err
	}
	var told []string
	switch m := last.payload.(type) {
	case *contracts.EventEdited:
		told = m.Attributes
	case *contracts.ImportFinished:
		if m.State != contracts.Success {
			return problem.New(http.StatusConflict, "import_failed", "The import that makes this event has failed; replay it first.")
		}
	default: // it was taken back, and the event goes with it
		return errUnknown
	}
	all := slices.Concat(told, changed)
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == len(told) {
		return nil
	}
	return s.publish(ctx, w, last, &contracts.EventEdited{Attributes: all, By: who.Owner()})
}
