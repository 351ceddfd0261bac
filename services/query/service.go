// Package query is what people and programs ask: how an import goes, what it
// found, and the events that imports have made. It projects the messages of all
// stages into one row per import and reads the rest from the views that the
// owners of the data offer. The all-in-one process and cmd/query run it.
package query

import (
	"context"
	"embed"
	"net/http"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/dead"
	"github.com/usher-events/usher/services/query/internal/desk"
	"github.com/usher-events/usher/services/query/internal/export"
	"github.com/usher-events/usher/services/query/internal/files"
	"github.com/usher-events/usher/services/query/internal/help"
	"github.com/usher-events/usher/services/query/internal/live"
	"github.com/usher-events/usher/services/query/internal/openapi"
	"github.com/usher-events/usher/services/query/internal/page"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/rendered"
	"github.com/usher-events/usher/services/query/internal/stages"
	"github.com/usher-events/usher/services/query/internal/storage"
	"github.com/usher-events/usher/services/query/internal/sweep"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the query service. Its routes show what one of its loops hears,
// so both are of one value of it.
func Service() service.Service {
	var once sync.Once
	var hub *live.Hub
	durations := projection.NewDurations()
	hubOf := func(res *service.Resources) *live.Hub {
		once.Do(func() { hub = live.NewHub(tasks.Changes{DB: res.DB, Broker: res.Broker}) })
		return hub
	}
	return service.Service{
		Name:       contracts.QueryService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     func(res *service.Resources) []stage.Stage { return []stage.Stage{export.Stage(res.Config.PublicURL)} },
		Routes:     func(res *service.Resources) map[string]http.Handler { return routes(res, hubOf(res)) },
		Loops:      func(res *service.Resources) []service.Loop { return loops(res, hubOf(res), durations) },
		Metrics: func(res *service.Resources) []prometheus.Collector {
			return []prometheus.Collector{
				projection.Gauge{DB: res.DB}, durations, projection.Lag{DB: res.DB, Broker: res.Broker},
				stages.Gauge{Broker: res.Broker}, storage.Gauge{Broker: res.Broker}, hubOf(res).Gauge(),
			}
		},
	}
}

func routes(res *service.Resources, hub *live.Hub) map[string]http.Handler {
	events := api.API{DB: res.DB, PublicURL: res.Config.PublicURL}
	public := events.Handlers()
	public["GET /v1/events/{event}/media/{media}/{variant}"] = files.New(events, res.Bucket, res.Log).Media
	pages := page.Pages{API: events}
	public["GET /e/{identifier}"] = pages.Event
	public["GET /e/{identifier}/schedule.ics"] = pages.Calendar
	public["GET /e/{identifier}/sessions/{id}"] = pages.Session
	public["GET /e/{identifier}/speakers"] = pages.Speakers
	public["GET /e/{identifier}/speakers/{id}"] = pages.Speaker
	keys, err := auth.NewRowKeys(res.Config.Auth)
	if err != nil {
		panic(err) // the same settings have made a verifier already
	}
	t := tasks.Tasks{DB: res.DB, Broker: res.Broker, Live: hub, RowKeys: keys}
	d := desk.New(res, t)
	public["GET /{$}"] = d.Home()
	public["GET /imports"] = d.History()
	public["GET /imports/{id}"] = d.Import()
	public["GET /imports/{id}/users"] = d.ImportUsers()
	public["GET /users"] = d.Users()
	public["GET /mails"] = d.Mails()
	public["GET /mails/{id}"] = d.Mail()
	public["GET /notifications"] = d.Notifications()
	public["GET /operations"] = d.Operations()
	public["GET /operations/dead/{sequence}"] = d.DeadMessage()
	handlers := make(map[string]http.Handler)
	for pattern, f := range public {
		handlers[pattern] = service.Optional(res.Log, res.Auth, f)
	}
	requests := export.Requests{
		Events: events, Log: res.Log,
		Announcer: begin.Announcer{
			Names: res.Broker.Names(), Publisher: res.Broker.Publisher(), Last: res.Broker.Last, Patience: begin.Patience,
		},
	}
	downloads := export.Downloads{DB: res.DB, Bucket: res.Bucket, Find: t.Find}
	owners := map[string]service.AuthenticatedFunc{
		"POST /v1/events/{event}/export/json": requests.Receive,
		"GET /v1/exports/{id}":                downloads.Send,

		"GET /v1/tasks/{id}":           t.Task,
		"POST /v1/tasks/{id}/ticket":   t.Ticket,
		"POST /v1/imports/ticket":      t.TicketForAll,
		"GET /v1/imports/{id}/issues":  t.Issues,
		"GET /v1/imports/{id}/remaps":  t.Remaps,
		"GET /v1/imports/{id}/history": t.History,
		"GET /v1/imports/{id}/preview": t.Preview,
	}
	for _, path := range []string{"/v1/imports", "/v1/import-jobs"} { // the second is the old name
		owners["GET "+path] = t.Imports
		owners["GET "+path+"/{id}"] = t.Import
	}
	for pattern, f := range owners {
		handlers[pattern] = service.Authenticated(res.Log, res.Auth, f)
	}
	handlers["GET /v1/imports/{id}/failed-rows"] = service.AdminOnly(res.Log, res.Auth, t.FailedRows)
	handlers["GET /v1/stages"] = service.AdminOnly(res.Log, res.Auth, stages.Stages{Broker: res.Broker}.List)
	letters := dead.Letters{Broker: res.Broker, Log: res.Log}
	for pattern, f := range map[string]service.AuthenticatedFunc{
		"GET /v1/dead":               letters.List,
		"GET /v1/dead/{sequence}":    letters.Show,
		"DELETE /v1/dead/{sequence}": letters.Discard,
		"POST /v1/sweep":             sweeper(res).Serve,
	} {
		handlers[pattern] = service.AdminOnly(res.Log, res.Auth, f)
	}
	for pattern, f := range map[string]service.AuthenticatedFunc{
		"GET /v1/tasks/{id}/stream": t.Stream,
		"GET /v1/imports/stream":    t.StreamAll,
	} {
		handlers[pattern] = byTicket(service.Handler(res.Log, t.ByTicket(f)), service.Authenticated(res.Log, res.Auth, f))
	}
	for pattern, f := range map[string]problem.HandlerFunc{
		"GET /signin": d.SignIn, "GET /signin/{code}": d.SignInByCode, "GET /invitation": d.Invitation, "POST /signout": d.SignOut, "GET /static/{file}": d.Static,
		"GET /help/archive": help.Archive, "GET /help/archive/example.zip": help.Example, "GET /help/client.js": help.Client,
	} {
		handlers[pattern] = service.Handler(res.Log, f)
	}
	handlers["GET /openapi.json"] = openapi.Handler()
	for pattern, h := range handlers {
		if !strings.Contains(pattern, " /v1/") { // what programs ask for, streams among it, goes out as it is
			handlers[pattern] = rendered.Compressed(h)
		}
	}
	return handlers
}

// byTicket sends those with a ticket one way: it decides alone then, also where
// there is a token or a session beside it.
func byTicket(with, without http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("ticket") {
			with.ServeHTTP(w, r)
			return
		}
		without.ServeHTTP(w, r)
	})
}

func loops(res *service.Resources, hub *live.Hub, durations *projection.Durations) []service.Loop {
	projector := projection.New(res.DB, res.Broker, res.Log, projection.Observers{Tracer: res.Tracer(), Durations: durations})
	return []service.Loop{
		{Name: "projector", Run: projector.Run},
		{Name: "live", Run: func(ctx context.Context) error { return hub.Run(ctx, res.Broker, res.Log) }},
		{Name: "sweep", Run: sweeper(res).Run},
	}
}

func sweeper(res *service.Resources) *sweep.Sweeper {
	return sweep.New(res.DB, res.Broker, res.Bucket, res.Log)
}
