package sweep

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// done is the body of the answer.
type done struct {
	DryRun bool    `json:"dry_run"`
	Sweeps []Swept `json:"sweeps"`
}

// Serve answers POST /v1/sweep, when all is done: it is for administrators, who
// have time.
func (s *Sweeper) Serve(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	dry, err := dryRunOf(r.URL.Query())
	if err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "sweep asked for", "dry_run", dry, "issuer", who.Issuer, "subject", who.Subject)
	all, err := s.Sweep(r.Context(), dry)
	switch {
	case errors.Is(err, ErrRunning):
		return problem.New(http.StatusConflict, "sweep_running", "A sweep is running already.")
	case errors.Is(err, ErrBehind):
		w.Header().Set("Retry-After", "10")
		return problem.New(http.StatusServiceUnavailable, "projection_behind",
			"What has become of the imports is not known up to now, so nothing was swept; try again soon.")
	case err != nil:
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(done{dry, all}) // a client that is gone misses nothing but the numbers
	return nil
}

func dryRunOf(q url.Values) (bool, error) {
	switch wish := q.Get("dry_run"); {
	case len(q["dry_run"]) > 1:
	case wish == "true":
		return true, nil
	case wish == "false" || !q.Has("dry_run"):
		return false, nil
	}
	return false, problem.New(http.StatusBadRequest, "bad_option", "dry_run is true or false, and given once.")
}
