package service

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
)

// retryAfter is in seconds: about what a database takes that starts again.
const retryAfter = "5"

// Handler is [problem.Handler] for what may need the database: while that is away the
// answer is 503 with the code "unavailable", and not that something went wrong.
func Handler(log *slog.Logger, f problem.HandlerFunc) http.Handler {
	return problem.Handler(log, func(w http.ResponseWriter, r *http.Request) error {
		err := f(w, r)
		if p := (*problem.Problem)(nil); errors.As(err, &p) || !postgres.IsUnavailable(err) {
			return err
		}
		w.Header().Set("Retry-After", retryAfter)
		return problem.New(http.StatusServiceUnavailable, "unavailable", "Something that this needs is away right now; try again later.").Because(err)
	})
}
