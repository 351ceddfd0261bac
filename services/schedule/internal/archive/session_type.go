package archive

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// SessionTypeRow is a row of schedule.session_types.
type SessionTypeRow struct {
	bun.BaseModel `bun:"table:schedule.session_types"`
	stage.Row

	Name string `bun:"name"`
	// Length is as the archive spells it, LengthMinutes what that means.
	Length        string `bun:"length,nullzero"`
	LengthMinutes *int   `bun:"length_minutes"`
}

// MapSessionType maps one session type.
func MapSessionType(sc *stage.Scope, rec openevent.Record[openevent.SessionType]) *SessionTypeRow {
	t := rec.Value
	row := &SessionTypeRow{
		Row:    stage.RowOf(sc, rec),
		Name:   t.Name,
		Length: t.Length,
	}
	if minutes, ok := t.Minutes(); ok {
		row.LengthMinutes = &minutes
	}
	return row
}
