package archive

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// SessionRow is a row of schedule.sessions.
type SessionRow struct {
	bun.BaseModel `bun:"table:schedule.sessions"`
	stage.Row

	Title           string    `bun:"title"`
	Subtitle        string    `bun:"subtitle,nullzero"`
	Level           string    `bun:"level,nullzero"`
	ShortAbstract   string    `bun:"short_abstract,nullzero"`
	LongAbstract    string    `bun:"long_abstract,nullzero"`
	Comments        string    `bun:"comments,nullzero"`
	StartsAt        time.Time `bun:"starts_at,nullzero"`
	EndsAt          time.Time `bun:"ends_at,nullzero"`
	Language        string    `bun:"language,nullzero"`
	SlidesURL       string    `bun:"slides_url,nullzero"`
	AudioURL        string    `bun:"audio_url,nullzero"`
	VideoURL        string    `bun:"video_url,nullzero"`
	SignupURL       string    `bun:"signup_url,nullzero"`
	State           string    `bun:"state,nullzero"`
	TrackID         *int64    `bun:"track_id"`
	MicrolocationID *int64    `bun:"microlocation_id"`
	SessionTypeID   *int64    `bun:"session_type_id"`
}

// MapSession maps one session. A reference that leads nowhere becomes NULL; the
// check of the whole archive has warned of it.
func MapSession(sc *stage.Scope, rec openevent.Record[openevent.Session]) *SessionRow {
	s := rec.Value
	return &SessionRow{
		Row:             stage.RowOf(sc, rec),
		Title:           s.Title,
		Subtitle:        s.Subtitle.Clean(),
		Level:           s.Level.Clean(),
		ShortAbstract:   s.ShortAbstract.Clean(),
		LongAbstract:    s.LongAbstract.Clean(),
		Comments:        s.Comments.Clean(),
		StartsAt:        s.StartTime.In(sc.Zone),
		EndsAt:          s.EndTime.In(sc.Zone),
		Language:        s.Language,
		SlidesURL:       s.Slides,
		AudioURL:        s.Audio,
		VideoURL:        s.Video,
		SignupURL:       s.SignupURL,
		State:           s.State,
		TrackID:         sc.ID(contracts.Tracks, s.Track),
		MicrolocationID: sc.ID(contracts.Microlocations, s.Microlocation),
		SessionTypeID:   sc.ID(contracts.SessionTypes, s.SessionType),
	}
}
