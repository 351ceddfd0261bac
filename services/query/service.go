// Package query is what people and programs ask: how an import goes, what it
// found, and the events that imports have made. It projects the messages of all
// stages into one row per import and reads the rest from the views that the
// owners of the data offer. The all-in-one process and cmd/query run it.
package query

import (
	"embed"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/files"
	"github.com/usher-events/usher/services/query/internal/openapi"
	"github.com/usher-events/usher/services/query/internal/page"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the query service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.QueryService,
		Migrations: migrations,
		UsesBucket: true,
		Routes:     routes,
		Loops:      loops,
	}
}

func routes(res *service.Resources) map[string]http.Handler {
	events := api.API{DB: res.DB, PublicURL: res.Config.PublicURL}
	public := events.Handlers()
	public["GET /v1/events/{event}/media/{media}/{variant}"] = files.New(events, res.Bucket, res.Log).Media
	public["GET /e/{identifier}"] = page.Pages{API: events}.Event
	handlers := make(map[string]http.Handler)
	for pattern, f := range public {
		handlers[pattern] = service.Optional(res.Log, res.Auth, f)
	}
	t := tasks.Tasks{DB: res.DB, Broker: res.Broker}
	owners := map[string]service.AuthenticatedFunc{
		"GET /v1/tasks/{id}":           t.Task,
		"GET /v1/imports/{id}/issues":  t.Issues,
		"GET /v1/imports/{id}/remaps":  t.Remaps,
		"GET /v1/imports/{id}/history": t.History,
	}
	for _, path := range []string{"/v1/imports", "/v1/import-jobs"} { // the second is the old name
		owners["GET "+path] = t.Imports
		owners["GET "+path+"/{id}"] = t.Import
	}
	for pattern, f := range owners {
		handlers[pattern] = service.Authenticated(res.Log, res.Auth, f)
	}
	handlers["GET /openapi.json"] = openapi.Handler()
	return handlers
}

func loops(res *service.Resources) []service.Loop {
	projector := projection.New(res.DB, res.Broker, res.Log)
	return []service.Loop{{Name: "projector", Run: projector.Run}}
}
