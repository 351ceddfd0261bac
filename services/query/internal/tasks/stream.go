package tasks

import (
	"context"
	"fmt"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/live"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// Stream answers with the task document each time that it changes, until the
// import has ended.
func (t Tasks) Stream(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	noReferrer(w)
	id := r.PathValue("id")
	return t.Live.One(w, r, id, who.Until, func(ctx context.Context) (contracts.Task, error) {
		i, err := t.Find(ctx, id, who)
		return i.Task(), err
	})
}

// StreamAll answers with the task document of each import that is in the list of who
// asks, each time that it changes.
func (t Tasks) StreamAll(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	noReferrer(w)
	topic := live.Topic{Issuer: who.Issuer, Subject: who.Subject}
	if who.Admin {
		topic = live.Topic{}
	}
	return t.Live.All(w, r, topic, who.Until, func(ctx context.Context, number int64, limit int) ([]live.Change, error) {
		return changes(ctx, t.visible(who).Where("changed > ?", number).Order("changed DESC").Limit(int64(limit)))
	})
}

// changes reads the imports of a query as they are now.
func changes(ctx context.Context, query *bun.SelectQuery) ([]live.Change, error) {
	var rows []projection.Import
	if err := query.Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("changes of imports: %w", err)
	}
	all := make([]live.Change, len(rows))
	for n, row := range rows {
		all[n] = live.Change{Number: row.Changed, Owner: row.Owner(), Task: row.Task()}
	}
	return all, nil
}

// noReferrer keeps the address, which may hold a ticket, from being told to others.
func noReferrer(w http.ResponseWriter) { w.Header().Set("Referrer-Policy", "no-referrer") }
