// Package ingest is the way in: it receives archives and lists of users over
// HTTP, stores them and requests their import, starts the import of what was
// checked, and takes the commands for imports: replay, cancel, discard. By it
// administrators pause a stage. It consumes nothing and has no database.
package ingest

import (
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/services/ingest/internal/announce"
	"github.com/usher-events/usher/services/ingest/internal/control"
	"github.com/usher-events/usher/services/ingest/internal/pause"
	"github.com/usher-events/usher/services/ingest/internal/start"
	"github.com/usher-events/usher/services/ingest/internal/template"
	"github.com/usher-events/usher/services/ingest/internal/upload"
)

// Service declares the service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.IngestService,
		UsesBucket: true,
		Routes:     routes,
	}
}

func routes(res *service.Resources) map[string]http.Handler {
	deps := announce.Deps{
		Bucket:    res.Bucket,
		Names:     res.Broker.Names(),
		Publisher: res.Broker.Publisher(),
		Last:      res.Broker.Last,
		Uploads:   res.Broker.Uploads,
		Log:       res.Log,
	}
	events := upload.New(upload.Events(res.Config.MaxUpload), deps)
	users := upload.New(upload.Users(res.Config.MaxUpload), deps)
	controller := control.New(control.Deps{
		Bucket:    res.Bucket,
		Names:     res.Broker.Names(),
		Publisher: res.Broker.Publisher(),
		Last:      res.Broker.Last,
		Next:      res.Broker.Next,
		Log:       res.Log,
	})
	mended := upload.Mended{Receiver: users, Commands: controller}
	starter := start.New(deps)
	pauser := pause.Pauser{Broker: res.Broker, Log: res.Log}
	return map[string]http.Handler{
		"POST /v1/events/import/{source_type}":     upload.Lingering(service.Authenticated(res.Log, res.Auth, events.Receive)),
		"POST /v1/users/import/{source_type}":      upload.Lingering(service.AdminOnly(res.Log, res.Auth, users.Receive)),
		"GET /v1/users/import/template.csv":        service.Handler(res.Log, template.Users(table.CSV)),
		"GET /v1/users/import/template.xlsx":       service.Handler(res.Log, template.Users(table.XLSX)),
		"DELETE /v1/imports/{id}":                  service.Authenticated(res.Log, res.Auth, controller.Discard),
		"POST /v1/imports/{id}/cancel":             service.Authenticated(res.Log, res.Auth, controller.Cancel),
		"POST /v1/imports/{id}/replay":             service.Authenticated(res.Log, res.Auth, controller.Replay),
		"POST /v1/imports/{id}/rows/{source_type}": upload.Lingering(service.AdminOnly(res.Log, res.Auth, mended.Receive)),
		"POST /v1/imports/{id}/start":              service.Authenticated(res.Log, res.Auth, starter.Start),
		"POST /v1/stages/{stage}/pause":            service.AdminOnly(res.Log, res.Auth, pauser.Pause),
		"POST /v1/stages/{stage}/resume":           service.AdminOnly(res.Log, res.Auth, pauser.Resume),
	}
}
