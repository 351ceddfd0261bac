package tasks

import (
	"context"
	"net/http"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/live"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// Stream answers with the task document each time that it changes, until the
// import has ended.
func (t Tasks) Stream(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	id := r.PathValue("id")
	return t.stream(w, r, id, func(ctx context.Context) (projection.Import, error) { return t.Find(ctx, id, who) })
}

// StreamByTicket is Stream for a browser, which cannot send a token with what it
// streams: the ticket in the address stands for one.
func (t Tasks) StreamByTicket(w http.ResponseWriter, r *http.Request) error {
	noReferrer(w)
	id := r.PathValue("id")
	if err := t.redeem(w, r, id); err != nil {
		return err
	}
	return t.stream(w, r, id, func(ctx context.Context) (projection.Import, error) { return t.read(ctx, id) })
}

func (t Tasks) stream(w http.ResponseWriter, r *http.Request, id string, read func(context.Context) (projection.Import, error)) error {
	noReferrer(w)
	return t.Live.Stream(w, r, id, func(ctx context.Context) (live.Document, error) {
		i, err := read(ctx)
		if err != nil {
			return live.Document{}, err
		}
		return live.Of(i.Task())
	})
}

// noReferrer keeps the address, which may hold a ticket, from being told to others.
func noReferrer(w http.ResponseWriter) { w.Header().Set("Referrer-Policy", "no-referrer") }
