package export

import (
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

type microlocationRow struct {
	bun.BaseModel `bun:"table:schedule.api_microlocations,alias:r"`
	row

	Name      string
	Latitude  *float64
	Longitude *float64
	Floor     *int64
	Room      string `bun:",nullzero"`
}

func (m *microlocationRow) called() string { return m.Name }

func (m *microlocationRow) record(fields) openevent.Microlocation {
	return openevent.Microlocation{
		ID: m.id(), Name: m.Name, Latitude: m.Latitude, Longitude: m.Longitude, Floor: m.Floor, Room: m.Room,
	}
}

type trackRow struct {
	bun.BaseModel `bun:"table:schedule.api_tracks,alias:r"`
	row

	Name        string
	Color       string `bun:",nullzero"`
	Description string `bun:",nullzero"`
	Location    string `bun:",nullzero"`
	ImageURL    string `bun:",nullzero"`

	// Sessions are those of the track.
	Sessions []named `bun:",scanonly,type:json"`
}

func (t *trackRow) called() string { return t.Name }

func (t *trackRow) record(files fields) openevent.Track {
	return openevent.Track{
		ID: t.id(), Name: t.Name, Color: t.Color, Description: openevent.HTML(t.Description),
		Location: t.Location, TrackImage: files.of("track_image_url", t.ImageURL), Sessions: back(t.Sessions),
	}
}

type sessionTypeRow struct {
	bun.BaseModel `bun:"table:schedule.api_session_types,alias:r"`
	row

	Name   string
	Length string `bun:",nullzero"`
}

func (t *sessionTypeRow) called() string { return t.Name }

func (t *sessionTypeRow) record(fields) openevent.SessionType {
	return openevent.SessionType{ID: t.id(), Name: t.Name, Length: t.Length}
}

type sessionRow struct {
	bun.BaseModel `bun:"table:schedule.api_sessions,alias:r"`
	row

	Title           string
	Subtitle        string `bun:",nullzero"`
	Level           string `bun:",nullzero"`
	ShortAbstract   string `bun:",nullzero"`
	LongAbstract    string `bun:",nullzero"`
	Comments        string `bun:",nullzero"`
	StartsAt        time.Time
	EndsAt          time.Time
	Language        string `bun:",nullzero"`
	SlidesURL       string `bun:",nullzero"`
	AudioURL        string `bun:",nullzero"`
	VideoURL        string `bun:",nullzero"`
	SignupURL       string `bun:",nullzero"`
	State           string `bun:",nullzero"`
	TrackID         *int64
	MicrolocationID *int64
	SessionTypeID   *int64

	// What the session refers to, by name, and who speaks, in their order.
	Track         string  `bun:",scanonly,nullzero"`
	Microlocation string  `bun:",scanonly,nullzero"`
	SessionType   string  `bun:",scanonly,nullzero"`
	Speakers      []named `bun:",scanonly,type:json"`
}

// named is another row that one is related to.
type named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// withRelated adds to a query of rows those that they are related to.
func withRelated(query *bun.SelectQuery, of contracts.EntityType) *bun.SelectQuery {
	const sessions = "(SELECT json_agg(json_build_object('id', o.id, 'name', left(o.title, %d)) ORDER BY o.id) FROM " +
		"(SELECT s.id, s.title FROM schedule.api_sessions AS s %s LIMIT %d) AS o) AS sessions"
	switch of {
	case contracts.Sessions:
		return withReferences(query)
	case contracts.Speakers:
		return query.ColumnExpr(fmt.Sprintf(sessions, maxNamed, "JOIN schedule.api_session_speakers AS p ON p.session_id = s.id WHERE p.speaker_id = r.id", maxBack+1))
	case contracts.Tracks:
		return query.ColumnExpr(fmt.Sprintf(sessions, maxNamed, "WHERE s.track_id = r.id", maxBack+1))
	}
	return query
}

// maxNamed is how many characters of a name stand where another record refers to it: they
// are for whoever looks at the file, and a name may be as long as a record.
const maxNamed = 100

// maxBack is how many sessions a speaker or a track names, for programs that look for them
// there. The other side is the one that counts; where there are more none is named, since
// some would contradict it.
const maxBack = 1000

func back(sessions []named) []openevent.Ref {
	if len(sessions) > maxBack {
		return nil
	}
	var refs []openevent.Ref
	for _, s := range sessions {
		refs = append(refs, ref(&s.ID, s.Name))
	}
	return refs
}

func withReferences(query *bun.SelectQuery) *bun.SelectQuery {
	return query.
		ColumnExpr("left(t.name, ?0) AS track, left(m.name, ?0) AS microlocation, left(y.name, ?0) AS session_type", maxNamed).
		ColumnExpr(`(SELECT json_agg(json_build_object('id', p.speaker_id, 'name', left(s.name, ?)) ORDER BY p.position)
			FROM schedule.api_session_speakers AS p JOIN people.api_speakers AS s ON s.id = p.speaker_id
			WHERE p.session_id = r.id) AS speakers`, maxNamed).
		Join("LEFT JOIN schedule.api_tracks AS t ON t.id = r.track_id").
		Join("LEFT JOIN schedule.api_microlocations AS m ON m.id = r.microlocation_id").
		Join("LEFT JOIN schedule.api_session_types AS y ON y.id = r.session_type_id")
}

func (s *sessionRow) called() string { return s.Title }

func (s *sessionRow) record(files fields) openevent.Session {
	session := openevent.Session{
		ID:            s.id(),
		Title:         s.Title,
		Subtitle:      openevent.HTML(s.Subtitle),
		Level:         openevent.HTML(s.Level),
		Comments:      openevent.HTML(s.Comments),
		ShortAbstract: openevent.HTML(s.ShortAbstract),
		LongAbstract:  openevent.HTML(s.LongAbstract),
		StartTime:     openevent.TimeOf(s.StartsAt, files.zone),
		EndTime:       openevent.TimeOf(s.EndsAt, files.zone),
		Track:         ref(s.TrackID, s.Track),
		Microlocation: ref(s.MicrolocationID, s.Microlocation),
		SessionType:   ref(s.SessionTypeID, s.SessionType),
		Language:      s.Language,
		Slides:        files.of("slides", s.SlidesURL),
		Audio:         files.of("audio", s.AudioURL),
		Video:         files.of("video", s.VideoURL),
		SignupURL:     s.SignupURL,
		State:         s.State,
	}
	for _, speaker := range s.Speakers {
		if len(s.Speakers) > maxBack {
			speaker.Name = "" // the reader takes so many values of a record, and no more
		}
		session.Speakers = append(session.Speakers, ref(&speaker.ID, speaker.Name))
	}
	return session
}

func ref(id *int64, name string) openevent.Ref {
	if id == nil {
		return openevent.Ref{}
	}
	return openevent.Ref{ID: strconv.FormatInt(*id, 10), Name: name}
}
