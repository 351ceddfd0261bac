// Package schedule is the stage that makes rooms, tracks, session types and
// sessions with their speakers. The all-in-one process and cmd/schedule run it.
package schedule

import (
	"embed"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/schedule/internal/archive"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the schedule service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.ScheduleService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     func(*service.Resources) []stage.Stage { return []stage.Stage{archiveStage()} },
	}
}

func archiveStage() stage.Stage {
	return stage.Stage{
		Kind:  contracts.EventArchive,
		Name:  contracts.Schedule,
		Needs: contracts.Schedule.Needs(),
		Entities: []stage.Entity{
			stage.Rows(openevent.Microlocations, archive.MapMicrolocation),
			stage.Rows(openevent.Tracks, archive.MapTrack),
			stage.Rows(openevent.SessionTypes, archive.MapSessionType),
			stage.Rows(openevent.Sessions, archive.MapSession),
			stage.Again(contracts.SessionSpeakers, openevent.Sessions, archive.SpeakersOf, archive.MapSessionSpeakers),
		},
	}
}
