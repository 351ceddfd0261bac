// Package people is the stage that makes sponsors and speakers. The all-in-one
// process and cmd/people run it.
package people

import (
	"embed"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/people/internal/archive"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the people service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.PeopleService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     func(*service.Resources) []stage.Stage { return []stage.Stage{archiveStage()} },
	}
}

func archiveStage() stage.Stage {
	return stage.Stage{
		Kind: contracts.EventArchive,
		Name: contracts.People,
		Entities: []stage.Entity{
			stage.Rows(openevent.Sponsors, archive.MapSponsor),
			stage.Rows(openevent.Speakers, archive.MapSpeaker),
		},
	}
}
