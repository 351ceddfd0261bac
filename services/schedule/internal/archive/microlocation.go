// Package archive maps the schedule of an event archive to rows.
package archive

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// MicrolocationRow is a row of schedule.microlocations: a room.
type MicrolocationRow struct {
	bun.BaseModel `bun:"table:schedule.microlocations"`
	stage.Row

	Name      string   `bun:"name"`
	Latitude  *float64 `bun:"latitude"`
	Longitude *float64 `bun:"longitude"`
	Floor     *int64   `bun:"floor"`
	Room      string   `bun:"room,nullzero"`
}

// MapMicrolocation maps one room.
func MapMicrolocation(sc *stage.Scope, rec openevent.Record[openevent.Microlocation]) *MicrolocationRow {
	m := rec.Value
	return &MicrolocationRow{
		Row:       stage.RowOf(sc, rec),
		Name:      m.Name,
		Latitude:  m.Latitude,
		Longitude: m.Longitude,
		Floor:     m.Floor,
		Room:      m.Room,
	}
}
