package api

import (
	"context"
	"strconv"
	"time"
	_ "time/tzdata" // the zones of events, also where the system has none

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/visibility"
)

// identifierLength is how long the identifiers of events are: 8 hexadecimal
// digits, which may all be decimal ones and so look like an id.
const identifierLength = 8

// scope is an event as the one who asks may see it. Every row is of one.
type scope struct {
	event    int64
	imported string // the id of the import that has made it
	revision int64
	zone     *time.Location
	// whole tells whether all that belongs to the event may be seen.
	whole bool
}

// scopeFor returns how who may see the event of a row.
func scopeFor(who auth.Identity) func(row) scope {
	return func(r row) scope {
		revision, _ := events.value(r, "revision").(int64)
		return scope{
			event: r.id, imported: events.text(r, "import_id"), revision: revision, zone: zoneOf(events.value(r, "timezone")),
			whole: visibility.Whole(who, events.text(r, "owner_iss"), events.text(r, "owner_sub")),
		}
	}
}

// zoneOf returns the zone of that name, UTC where there is none such.
func zoneOf(name any) *time.Location {
	s, _ := name.(string)
	if zone, err := time.LoadLocation(s); err == nil && s != "Local" {
		return zone
	}
	return time.UTC
}

// choose begins a query of all rows of a resource.
func (a API) choose(res resource) *bun.SelectQuery {
	return a.DB.NewSelect().TableExpr("? AS r", bun.Ident(res.view))
}

// visible begins a query of the events that who may see.
func (a API) visible(who auth.Identity) *bun.SelectQuery {
	return visibility.Events(a.choose(events), who)
}

// within begins a query of what of a kind belongs to an event and may be seen.
func (a API) within(s scope, res resource) *bun.SelectQuery {
	query := a.choose(res).
		Join("JOIN query.imports AS i ON i.id = r.import_id AND i.attempt >= r.attempt").
		Where("i.event_id = ? AND i.state = ?", s.event, contracts.Success)
	if !s.whole && res.public != "" {
		query.Where("("+res.public+")", s.imported)
	}
	return query
}

// find returns the event of a path, by its id or its identifier.
func (a API) find(ctx context.Context, who auth.Identity, key string) (row, error) {
	if !postgres.Storable(key) {
		return row{}, jsonapi.NotFound()
	}
	query := a.visible(who).Limit(1)
	id, err := strconv.ParseInt(key, 10, 64)
	switch {
	case err == nil && len(key) == identifierLength:
		query.Where("(r.identifier = ? OR r.id = ?)", key, id).OrderExpr("r.identifier = ? DESC", key)
	case err == nil:
		query.Where("r.id = ?", id)
	default:
		query.Where("r.identifier = ?", key)
	}
	return events.first(ctx, query, scopeFor(who))
}

// findWithin returns the one of a kind that belongs to an event and has the id
// of a path.
func (a API) findWithin(ctx context.Context, s scope, res resource, key string) (row, error) {
	id, ok := readID(key)
	if !ok {
		return row{}, jsonapi.NotFound()
	}
	return res.first(ctx, a.within(s, res).Where("r.id = ?", id), s.ofAll)
}

// ofAll says that rows are of this very event.
func (s scope) ofAll(row) scope { return s }
