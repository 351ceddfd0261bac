package control

import (
	"context"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

// Cancel answers POST /v1/imports/{id}/cancel: an import that has not ended is
// taken back. Asking again comes to the same.
func (c *Controller) Cancel(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return c.answer(w, r, who, "cancel", func(_ context.Context, c *command, s standing) (contracts.Payload, error) {
		switch s.state {
		case contracts.Started:
			return &contracts.CancelRequested{By: c.who.Owner()}, nil
		case contracts.Canceled:
			return nil, nil //nolint:nilnil // it is done already
		case contracts.Discarded:
			return nil, errDiscarded
		}
		return nil, errHasEnded
	})
}
