package archive

import (
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// SessionSpeakerRow is a row of schedule.session_speakers: who speaks in which
// session, in the order of the archive.
type SessionSpeakerRow struct {
	bun.BaseModel `bun:"table:schedule.session_speakers"`
	stage.Key

	SessionID int64 `bun:"session_id"`
	SpeakerID int64 `bun:"speaker_id"`
	Position  int   `bun:"position"`
}

// SpeakersOf takes of a session what MapSessionSpeakers looks at.
func SpeakersOf(s openevent.Session) openevent.Session {
	return openevent.Session{Speakers: s.Speakers}
}

// MapSessionSpeakers maps the speakers of one session. A speaker that is named
// twice speaks once; one that is not in the archive is left out, of which the
// check of the whole archive has warned.
func MapSessionSpeakers(sc *stage.Scope, rec openevent.Record[openevent.Session]) []*SessionSpeakerRow {
	seen := make(map[int64]bool, len(rec.Value.Speakers))
	rows := make([]*SessionSpeakerRow, 0, len(rec.Value.Speakers))
	for n, ref := range rec.Value.Speakers {
		speaker := sc.ID(contracts.Speakers, ref)
		if speaker == nil || seen[*speaker] {
			continue
		}
		seen[*speaker] = true
		rows = append(rows, &SessionSpeakerRow{
			Key:       sc.Key(rec.Origin() + "/" + strconv.Itoa(n)),
			SessionID: sc.MadeOf(contracts.Sessions, rec.Index),
			SpeakerID: *speaker,
			Position:  n,
		})
	}
	return rows
}
