package api

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// identifierLength is how long the identifiers of events are: 8 hexadecimal
// digits, which may all be decimal ones and so look like an id.
const identifierLength = 8

// visible chooses the events that who may see, which are the published ones and
// their own, for administrators all: those whose import has succeeded, by the very row that its task document is made of. So an event
// appears at the moment when its task says SUCCESS, and not at all before.
//
// A replay makes anew only what is from its stage on, so the event's row may be
// of an earlier attempt than the import; one of a later attempt is not done yet.
func (a API) visible(who auth.Identity) *bun.SelectQuery {
	query := a.choose(events).
		Join("JOIN query.imports AS i ON i.id = r.import_id AND i.event_id = r.id AND i.attempt >= r.attempt").
		Where("i.state = ?", contracts.Success)
	if !who.Admin {
		query.Where("(r.state = 'published' OR i.owner_iss = ? AND i.owner_sub = ?)", who.Issuer, who.Subject)
	}
	return query
}

// find returns the event of a path, by its id or its identifier.
func (a API) find(ctx context.Context, who auth.Identity, key string) (row, error) {
	query := a.visible(who).Limit(1)
	id, err := strconv.ParseInt(key, 10, 64)
	switch {
	case err == nil && len(key) == identifierLength:
		query.Where("r.identifier = ? OR r.id = ?", key, id).OrderExpr("r.identifier = ? DESC", key)
	case err == nil:
		query.Where("r.id = ?", id)
	default:
		query.Where("r.identifier = ?", key)
	}
	rows, err := events.fetch(ctx, query)
	if err != nil {
		return row{}, err
	}
	if len(rows) == 0 {
		return row{}, jsonapi.NotFound()
	}
	return rows[0], nil
}
