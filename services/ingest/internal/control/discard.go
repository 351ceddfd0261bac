package control

import (
	"context"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// Discard answers DELETE /v1/imports/{id}: an import that has ended is taken back,
// with all that was made of it. What people have changed since stands in the way,
// unless they say ?force=true. Asking again comes to the same.
func (c *Controller) Discard(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	force := false
	switch given := r.URL.Query().Get("force"); given {
	case "", "false":
	case "true":
		force = true
	default:
		return problem.New(http.StatusBadRequest, "bad_parameter", `The parameter "force" is "true" or "false".`)
	}
	return c.answer(w, r, who, "discard", func(_ context.Context, c *command, s standing) (contracts.Payload, error) {
		switch {
		case s.state == contracts.Started:
			return nil, errRuns
		case s.state == contracts.Discarded:
			return nil, nil //nolint:nilnil // it is done already
		case len(s.edited) > 0 && !force:
			return nil, edited(s.edited)
		}
		return &contracts.DiscardRequested{By: c.who.Owner()}, nil
	})
}
