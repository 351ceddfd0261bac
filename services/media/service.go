// Package media is the stage that takes the archive's pictures, videos, audio
// files and slide decks into the bucket. The all-in-one process and cmd/media
// run it.
package media

import (
	"embed"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/media/internal/files"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the media service.
func Service() service.Service {
	return service.Service{
		Name:       contracts.MediaService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     func(*service.Resources) []stage.Stage { return []stage.Stage{archiveStage()} },
	}
}

func archiveStage() stage.Stage {
	return stage.Stage{
		Kind: contracts.EventArchive,
		Name: contracts.Media,
		Needs: []contracts.EntityType{
			contracts.Events, contracts.Sponsors, contracts.Speakers, contracts.Tracks, contracts.Sessions,
		},
		Entities: []stage.Entity{stage.Join(
			files.Of(openevent.Events),
			files.Of(openevent.Sponsors),
			files.Of(openevent.Speakers),
			files.Of(openevent.Tracks),
			files.Of(openevent.Sessions),
		)},
		Effects:        files.Store,
		DiscardEffects: files.Remove,
	}
}
