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
	return c.answer(w, r, who, "discard", func(_ context.Context, c *command, s standing) (contracts.Payload, error) {
		force, err := forced(r)
		if err != nil {
			return nil, err
		}
		switch {
		case s.state == contracts.Started:
			return nil, errNotEnded
		case s.state == contracts.Discarded:
			return nil, nil //nolint:nilnil // it is done already
		case len(s.edited) > 0 && !force:
			return nil, edited(s.edited)
		}
		return &contracts.DiscardRequested{By: c.who.Owner()}, nil
	})
}

// forced reads the parameter force.
func forced(r *http.Request) (bool, error) {
	switch r.URL.Query().Get("force") {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, problem.New(http.StatusBadRequest, "bad_parameter", `The parameter "force" is "true" or "false".`)
}
