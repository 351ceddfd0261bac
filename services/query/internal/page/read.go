package page

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// about is what every page of an event is made of.
type about struct {
	event eventRow
	media []mediaRow
}

// plan is what sessions are shown with, as the views have it.
type plan struct {
	sessions []sessionRow
	talks    []talkRow
	rooms    []namedRow
	tracks   []namedRow
	types    []namedRow
	speakers []speakerRow
}

// eventRows are what the page of an event is made of.
type eventRows struct {
	about
	plan
	sponsors []sponsorRow
	links    []linkRow
}

// sessionRows are what the page of a session is made of: it is the one of the plan.
type sessionRows struct {
	about
	plan
}

// speakersRows are one page of the speakers.
type speakersRows struct {
	about
	speakers    []speakerRow
	page, pages int
}

// speakerRows are what the page of a speaker is made of: the first of the plan's
// speakers, and the sessions of the plan are theirs.
type speakerRows struct {
	about
	plan
}

type eventRow struct {
	ImportID               string    `bun:"import_id"`
	Identifier             string    `bun:"identifier"`
	State                  string    `bun:"state"`
	Name                   string    `bun:"name"`
	StartsAt               time.Time `bun:"starts_at"`
	EndsAt                 time.Time `bun:"ends_at"`
	Timezone               string    `bun:"timezone"`
	LocationName           string    `bun:"location_name"`
	SearchableLocationName string    `bun:"searchable_location_name"`
	Description            string    `bun:"description"`
	OrganizerName          string    `bun:"organizer_name"`
	OrganizerDescription   string    `bun:"organizer_description"`
	CodeOfConduct          string    `bun:"code_of_conduct"`
	LogoURL                string    `bun:"logo_url"`
	OriginalImageURL       string    `bun:"original_image_url"`
	ExternalEventURL       string    `bun:"external_event_url"`
	TicketURL              string    `bun:"ticket_url"`
	CopyrightHolder        string    `bun:"copyright_holder"`
	CopyrightHolderURL     string    `bun:"copyright_holder_url"`
	CopyrightLicence       string    `bun:"copyright_licence"`
	CopyrightLicenceURL    string    `bun:"copyright_licence_url"`
	CopyrightYear          int64     `bun:"copyright_year"`
}

type sessionRow struct {
	ID              int64     `bun:"id"`
	Title           string    `bun:"title"`
	StartsAt        time.Time `bun:"starts_at"`
	EndsAt          time.Time `bun:"ends_at"`
	State           string    `bun:"state"`
	TrackID         int64     `bun:"track_id"`
	MicrolocationID int64     `bun:"microlocation_id"`
	// What follows the page of the session shows alone.
	Subtitle      string `bun:"subtitle"`
	Level         string `bun:"level"`
	ShortAbstract string `bun:"short_abstract"`
	LongAbstract  string `bun:"long_abstract"`
	Language      string `bun:"language"`
	SessionTypeID int64  `bun:"session_type_id"`
}

type speakerRow struct {
	ID           int64  `bun:"id"`
	Name         string `bun:"name"`
	Organisation string `bun:"organisation"`
	Position     string `bun:"position"`
	PhotoURL     string `bun:"photo_url"`
	// What follows the page of the speaker shows alone.
	ShortBiography string `bun:"short_biography"`
	LongBiography  string `bun:"long_biography"`
	Website        string `bun:"website"`
	Twitter        string `bun:"twitter"`
	Facebook       string `bun:"facebook"`
	GitHub         string `bun:"github"`
	LinkedIn       string `bun:"linkedin"`
}

// talkRow is one speaker of one session.
type talkRow struct {
	SessionID int64 `bun:"session_id"`
	SpeakerID int64 `bun:"speaker_id"`
}

type namedRow struct {
	ID    int64  `bun:"id"`
	Name  string `bun:"name"`
	Color string `bun:"color"`
}

type sponsorRow struct {
	ID      int64  `bun:"id"`
	Name    string `bun:"name"`
	URL     string `bun:"url"`
	LogoURL string `bun:"logo_url"`
	Level   string `bun:"level"`
	Type    string `bun:"type"`
}

type linkRow struct {
	Name string `bun:"name"`
	Link string `bun:"link"`
}

type mediaRow struct {
	ID          int64  `bun:"id"`
	OwnerType   string `bun:"owner_type"`
	OwnerID     int64  `bun:"owner_id"`
	Field       string `bun:"field"`
	ContentType string `bun:"content_type"`
}

// The columns of rows that stand in a list, and of those that have a page.
var (
	sessionInList = []string{"id", "title", "starts_at", "ends_at", "state", "track_id", "microlocation_id"}
	sessionOnPage = append(slices.Clip(sessionInList),
		"subtitle", "level", "short_abstract", "long_abstract", "language", "session_type_id")
	speakerInList = []string{"id", "name", "organisation", "position", "photo_url"}
	speakerOnPage = append(slices.Clip(speakerInList),
		"short_biography", "long_biography", "website", "twitter", "facebook", "github", "linkedin")
	inOrder = "starts_at, r.ends_at, r.id"
	shown   = "is_featured DESC NULLS LAST, r.id"
)

// want is a part of what a page needs.
type want struct {
	view, order string
	columns     []string
	// narrow chooses some of the rows; nil takes all.
	narrow func(*bun.SelectQuery) *bun.SelectQuery
	into   any
}

func (p Pages) read(ctx context.Context, seen api.Seen, wanted ...want) error {
	for _, part := range wanted {
		query := p.API.Rows(seen, part.view).OrderExpr("r." + part.order)
		for _, column := range part.columns {
			query.ColumnExpr("r.?", bun.Ident(column))
		}
		if part.narrow != nil {
			query = part.narrow(query)
		}
		if err := query.Scan(ctx, part.into); err != nil {
			return err
		}
	}
	return nil
}

func ofEvent(into *eventRow) want {
	return want{view: "event.api_events", order: "id", into: into, columns: []string{
		"import_id", "identifier", "state", "name", "starts_at", "ends_at", "timezone", "location_name", "searchable_location_name",
		"description", "organizer_name", "organizer_description", "code_of_conduct", "logo_url", "original_image_url",
		"external_event_url", "ticket_url", "copyright_holder", "copyright_holder_url", "copyright_licence",
		"copyright_licence_url", "copyright_year",
	}}
}

func storedPictures(into *[]mediaRow) want {
	return want{
		view: "media.api_media", order: "id", columns: []string{"id", "owner_type", "owner_id", "field", "content_type"}, into: into,
		narrow: func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.state = 'stored' AND r.kind = 'image'") },
	}
}

func (a *about) wanted() []want { return []want{ofEvent(&a.event), storedPictures(&a.media)} }

func names(view string, into *[]namedRow, more ...string) want {
	return want{view: view, order: "id", columns: append([]string{"id", "name"}, more...), into: into}
}

// places are what a session has one of.
func (p *plan) places() []want {
	return []want{names("schedule.api_microlocations", &p.rooms), names("schedule.api_tracks", &p.tracks, "color")}
}

func (p *plan) talksOf(narrow func(*bun.SelectQuery) *bun.SelectQuery) want {
	return want{view: "schedule.api_session_speakers", order: "session_id, r.position", columns: []string{"session_id", "speaker_id"}, narrow: narrow, into: &p.talks}
}

// readEvent reads what the page of an event shows.
func (p Pages) readEvent(ctx context.Context, seen api.Seen) (eventRows, error) {
	var found eventRows
	err := p.read(ctx, seen, append(append(found.about.wanted(), found.places()...),
		want{view: "schedule.api_sessions", order: inOrder, columns: sessionInList, into: &found.sessions},
		want{view: "people.api_speakers", order: shown, columns: speakerInList, into: &found.speakers},
		found.talksOf(nil),
		want{view: "people.api_sponsors", order: "id", columns: []string{"id", "name", "url", "logo_url", "level", "type"}, into: &found.sponsors},
		want{view: "event.api_social_links", order: "id", columns: []string{"name", "link"}, into: &found.links},
	)...)
	return found, err
}

// readSession reads one session with all that its page shows.
func (p Pages) readSession(ctx context.Context, seen api.Seen, key string) (sessionRows, error) {
	var found sessionRows
	id, err := idOf(key)
	if err != nil {
		return found, err
	}
	is := func(column string) func(*bun.SelectQuery) *bun.SelectQuery {
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.? = ?", bun.Ident(column), id) }
	}
	err = p.read(ctx, seen, append(append(found.about.wanted(), found.places()...),
		want{view: "schedule.api_sessions", order: "id", columns: sessionOnPage, narrow: is("id"), into: &found.sessions},
		names("schedule.api_session_types", &found.types),
		found.talksOf(is("session_id")))...)
	if err != nil {
		return found, err
	}
	if len(found.sessions) == 0 {
		return found, jsonapi.NotFound()
	}
	speakers := make([]int64, 0, len(found.talks))
	for _, t := range found.talks {
		speakers = append(speakers, t.SpeakerID)
	}
	return found, p.read(ctx, seen, want{view: "people.api_speakers", order: "id", columns: speakerInList, narrow: among(speakers), into: &found.speakers})
}

// readSpeakers reads one page of the speakers; the first one where there is none
// of that number.
func (p Pages) readSpeakers(ctx context.Context, seen api.Seen, number int) (speakersRows, error) {
	found := speakersRows{page: 1}
	count, err := p.API.Rows(seen, "people.api_speakers").Count(ctx)
	if err != nil {
		return found, err
	}
	found.pages = max((int(count)+speakersPerPage-1)/speakersPerPage, 1)
	if number >= 1 && number <= found.pages {
		found.page = number
	}
	return found, p.read(ctx, seen, append(found.about.wanted(),
		want{view: "people.api_speakers", order: shown, columns: speakerInList, into: &found.speakers, narrow: func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Limit(speakersPerPage).Offset(int64(found.page-1) * speakersPerPage)
		}})...)
}

// readSpeaker reads one speaker with the sessions that are seen of theirs.
func (p Pages) readSpeaker(ctx context.Context, seen api.Seen, key string) (speakerRows, error) {
	var found speakerRows
	id, err := idOf(key)
	if err != nil {
		return found, err
	}
	err = p.read(ctx, seen, append(append(found.about.wanted(), found.places()...),
		want{view: "people.api_speakers", order: "id", columns: speakerOnPage, narrow: among([]int64{id}), into: &found.speakers},
		found.talksOf(func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.speaker_id = ?", id) }))...)
	if err != nil {
		return found, err
	}
	if len(found.speakers) == 0 {
		return found, jsonapi.NotFound()
	}
	sessions := make([]int64, 0, len(found.talks))
	for _, t := range found.talks {
		sessions = append(sessions, t.SessionID)
	}
	return found, p.read(ctx, seen, want{view: "schedule.api_sessions", order: inOrder, columns: sessionInList, narrow: among(sessions), into: &found.sessions})
}

// among chooses the rows with one of some ids.
func among(ids []int64) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("r.id IN (?)", bun.List(ids)) }
}
