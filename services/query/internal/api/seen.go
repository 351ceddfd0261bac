package api

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/visibility"
)

// Seen is an event as somebody sees it.
type Seen struct{ scope scope }

// See returns the event of a path, by its id or its identifier, as who sees it.
// The error is the problem not_found where there is none for who.
func (a API) See(ctx context.Context, who auth.Identity, key string) (Seen, error) {
	event, err := a.find(ctx, who, key)
	return Seen{event.scope}, err
}

// Whole tells whether all that belongs to the event may be seen: by its owner and by
// administrators, who may do something to it, too.
func (s Seen) Whole() bool { return s.scope.whole }

// Owned is an event that may be seen as a whole.
type Owned struct {
	// Import is the id of the import that has made it.
	Import string
	Event  contracts.EventFacts
	// Theirs tells that who sees it owns it, and would also without being an administrator.
	Theirs bool
}

// FindOwned returns the event of a path where who may see all of it: its owner and
// administrators. To everybody else it is the problem not_found, also where they see the
// event.
func (a API) FindOwned(ctx context.Context, who auth.Identity, key string) (Owned, error) {
	event, err := a.find(ctx, who, key)
	if err != nil {
		return Owned{}, err
	}
	if !event.scope.whole {
		return Owned{}, jsonapi.NotFound()
	}
	plain := who
	plain.Admin = false
	return Owned{
		Import: event.scope.imported,
		Event: contracts.EventFacts{
			ID: number(event.id), Identifier: events.text(event, "identifier"),
			Name: events.text(event, "name"), Timezone: events.text(event, "timezone"),
		},
		Theirs: visibility.Whole(plain, events.text(event, "owner_iss"), events.text(event, "owner_sub")),
	}, nil
}

// Rows chooses the rows of a view that belong to an event and that are seen; the
// view is called r in the query.
func (a API) Rows(seen Seen, view string) *bun.SelectQuery {
	res := resource{view: view}
	if at := slices.IndexFunc(lists, func(known resource) bool { return known.view == view }); at >= 0 {
		res = lists[at]
	}
	return a.within(seen.scope, res)
}

// Media is a stored file of an event.
type Media struct {
	ID          int64  `bun:"id"`
	ImportID    string `bun:"import_id"`
	OwnerType   string `bun:"owner_type"`
	Kind        string `bun:"kind"`
	Path        string `bun:"path"`
	Blob        string `bun:"blob"`
	ContentType string `bun:"content_type"`
	SHA256      string `bun:"sha256"`
}

// FindMedia returns the file of a path whose bytes are there, where who sees
// it. The error is the problem not_found where there is none for who.
func (a API) FindMedia(ctx context.Context, who auth.Identity, event, key string) (Media, error) {
	id, ok := readID(key)
	if !ok {
		return Media{}, jsonapi.NotFound()
	}
	seen, err := a.See(ctx, who, event)
	if err != nil {
		return Media{}, err
	}
	var found Media
	err = a.Rows(seen, "media.api_media").
		ColumnExpr("r.id, r.import_id, r.owner_type, r.kind, r.path, r.blob, r.content_type, r.sha256").
		Where("r.id = ? AND r.state = ?", id, stored).
		Scan(ctx, &found)
	if errors.Is(err, sql.ErrNoRows) {
		return Media{}, jsonapi.NotFound()
	}
	if err != nil {
		return Media{}, fmt.Errorf("media %d: %w", id, err)
	}
	return found, nil
}
