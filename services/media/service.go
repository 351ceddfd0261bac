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
	"github.com/usher-events/usher/services/media/internal/remote"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Service returns the media service.
func Service() service.Service {
	web := files.Web{Fetcher: remote.New(remote.Config{})}
	return service.Service{
		Name:       contracts.MediaService,
		Migrations: migrations,
		UsesBucket: true,
		Stages:     func(*service.Resources) []stage.Stage { return []stage.Stage{archiveStage(web)} },
	}
}

func archiveStage(web files.Web) stage.Stage {
	return stage.Stage{
		Kind:  contracts.EventArchive,
		Name:  contracts.Media,
		Needs: contracts.Media.Needs(),
		Entities: []stage.Entity{stage.Join(
			files.Of(openevent.Events),
			files.Of(openevent.Sponsors),
			files.Of(openevent.Speakers),
			files.Of(openevent.Tracks),
			files.Of(openevent.Sessions),
		)},
		Effects:        files.Store(web),
		DiscardEffects: files.Remove,
	}
}
