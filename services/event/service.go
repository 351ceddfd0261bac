// Package event is the first stage of an event archive: it checks the whole
// archive before a row is written and then makes the event's core, its social
// links and its forms. Of an archive that is only to be checked it does the
// former. The all-in-one process and cmd/event run it.
package event

import (
	"embed"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/event/internal/core"
	"github.com/usher-events/usher/services/event/internal/edit"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the event service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.EventService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     func(*service.Resources) []stage.Stage { return []stage.Stage{archiveStage(), checkStage()} },
		Routes:     routes,
	}
}

func routes(res *service.Resources) map[string]http.Handler {
	events := edit.Events{
		DB:     res.DB,
		Broker: res.Broker,
		Clear:  stage.NewRunner(archiveStage(), res.ForStages()).Clear,
		Log:    res.Log,
	}
	return map[string]http.Handler{
		"PATCH /v1/events/{event}":  service.Authenticated(res.Log, res.Auth, events.Change),
		"DELETE /v1/events/{event}": service.Authenticated(res.Log, res.Auth, events.Remove),
	}
}

func archiveStage() stage.Stage {
	return stage.Stage{
		Kind:    contracts.EventArchive,
		Name:    contracts.Event,
		Before:  core.Check,
		Prepare: core.Identify,
		Entities: []stage.Entity{
			stage.Rows(openevent.Events, core.MapEvent),
			stage.Lists(contracts.SocialLinks, openevent.Events, core.MapSocialLinks),
			stage.Lists(contracts.CustomForms, openevent.Forms, core.MapForms),
		},
		Finish:         core.Finish,
		Discard:        core.Discard,
		DiscardEffects: core.DiscardArchive,
	}
}

// checkStage is the stage of a check: it does what comes before all rows, and
// then ends.
func checkStage() stage.Stage {
	return stage.Stage{
		Kind:           contracts.EventCheck,
		Name:           contracts.Event,
		Before:         core.CheckOnly,
		DiscardEffects: core.DiscardArchive,
	}
}
