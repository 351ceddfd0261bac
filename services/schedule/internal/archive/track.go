package archive

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// TrackRow is a row of schedule.tracks.
type TrackRow struct {
	bun.BaseModel `bun:"table:schedule.tracks"`
	stage.Row

	Name        string `bun:"name"`
	Color       string `bun:"color,nullzero"`
	Description string `bun:"description,nullzero"`
	Location    string `bun:"location,nullzero"`
	ImageURL    string `bun:"image_url,nullzero"`
}

// MapTrack maps one track.
func MapTrack(sc *stage.Scope, rec openevent.Record[openevent.Track]) *TrackRow {
	t := rec.Value
	return &TrackRow{
		Row:         stage.RowOf(sc, rec),
		Name:        t.Name,
		Color:       t.Color,
		Description: t.Description.Clean(),
		Location:    t.Location,
		ImageURL:    t.TrackImage,
	}
}
