package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// API reads events and what belongs to them from the views of their owners.
type API struct {
	DB *bun.DB
}

// Handlers returns the handler of each route by its pattern.
func (a API) Handlers() map[string]service.AuthenticatedFunc {
	handlers := map[string]service.AuthenticatedFunc{
		"GET /v1/events":         a.Events,
		"GET /v1/events/{event}": a.Event,
	}
	for _, res := range lists {
		handlers["GET /v1/events/{event}/"+res.path] = a.ofEvent(res)
	}
	return handlers
}

// Events lists the events that who asks may see.
func (a API) Events(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return a.list(w, r, events, a.visible(who), func(r row) *time.Location {
		return zoneOf(events.value(r, "timezone"))
	})
}

// Event answers with one event.
func (a API) Event(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	event, err := a.find(r.Context(), who, r.PathValue("event"))
	if err != nil {
		return err
	}
	shown, err := a.show(r.Context(), events, []row{event}, func(row) *time.Location {
		return zoneOf(events.value(event, "timezone"))
	})
	if err != nil {
		return err
	}
	return jsonapi.Write(w, jsonapi.ContentType, jsonapi.Document{Data: shown[0]})
}

// ofEvent lists the resources of one kind that belong to an event.
func (a API) ofEvent(res resource) service.AuthenticatedFunc {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		event, err := a.find(r.Context(), who, r.PathValue("event"))
		if err != nil {
			return err
		}
		zone := zoneOf(events.value(event, "timezone"))
		query := a.choose(res).
			Join("JOIN query.imports AS i ON i.id = r.import_id AND i.attempt >= r.attempt").
			Where("i.event_id = ? AND i.state = ?", event.id, contracts.Success)
		return a.list(w, r, res, query, func(row) *time.Location { return zone })
	}
}

// list answers with one page of what a query chooses. It takes as many queries
// as the resource has relationships to many, and two more.
func (a API) list(w http.ResponseWriter, r *http.Request, res resource, query *bun.SelectQuery, zone func(row) *time.Location) error {
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return err
	}
	total, err := query.Count(r.Context())
	if err != nil {
		return fmt.Errorf("%s: %w", res.path, err)
	}
	rows, err := res.fetch(r.Context(), query.OrderExpr("r.id").Limit(int64(page.Size)).Offset(int64(page.Offset())))
	if err != nil {
		return err
	}
	shown, err := a.show(r.Context(), res, rows, zone)
	if err != nil {
		return err
	}
	return jsonapi.Write(w, jsonapi.ContentType, jsonapi.List(shown, page, r.URL, int(total)))
}

// show makes the resources of rows, with all their relationships.
func (a API) show(ctx context.Context, res resource, rows []row, zone func(row) *time.Location) ([]jsonapi.Resource, error) {
	shown := make([]jsonapi.Resource, len(rows))
	for i, r := range rows {
		shown[i] = res.show(r, zone(r))
		if res.path == events.path {
			// The others have no address of their own, so no link to it.
			shown[i].Links = &jsonapi.Self{Self: "/v1/events/" + strconv.FormatInt(r.id, 10)}
		}
	}
	for _, relationship := range res.many {
		if err := a.relate(ctx, relationship, rows, shown); err != nil {
			return nil, err
		}
	}
	return shown, nil
}
