package edit

import (
	"context"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

// Remove answers DELETE /v1/events/{event}: the import that made the event is
// taken back, by every stage. It takes effect with the command in the stream;
// the event's own row is removed before the answer, so that the next request
// does not find it any more.
func (s Events) Remove(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	ctx := context.WithoutCancel(r.Context()) // whoever has asked may be gone
	var e event
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if e, err = find(ctx, tx, who, r.PathValue("event")); err != nil {
			return err
		}
		if err := e.expected(r); err != nil {
			return err
		}
		// Under the row's lock, so that what was expected is still so.
		return s.command(ctx, tx, w, e, who)
	})
	if err != nil {
		return err
	}
	if err := s.Clear(ctx, e.ImportID, contracts.Discarded); err != nil {
		// The stage does it when the command reaches it.
		s.Log.WarnContext(ctx, "event is not removed yet", "import", e.ImportID, "error", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// command stores the discard among the import's commands, behind the end of the
// attempt that made the event. An import that has not ended has no event yet.
func (s Events) command(ctx context.Context, tx bun.Tx, w http.ResponseWriter, e event, who auth.Identity) error {
	last, err := s.last(ctx, tx, w, e)
	if err != nil {
		return err
	}
	if _, taken := contracts.TakenBack(last.payload); taken {
		return nil // by somebody before us
	}
	return s.publish(ctx, w, last, &contracts.DiscardRequested{By: who.Owner()})
}
