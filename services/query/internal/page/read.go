package page

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/query/internal/api"
)

// rows are what a page is made of, as the views have it.
type rows struct {
	event    eventRow
	sessions []sessionRow
	speakers []speakerRow
	talks    []talkRow
	rooms    []namedRow
	tracks   []namedRow
	types    []namedRow
	sponsors []sponsorRow
	links    []linkRow
	media    []mediaRow
}

type eventRow struct {
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
	Subtitle        string    `bun:"subtitle"`
	Level           string    `bun:"level"`
	ShortAbstract   string    `bun:"short_abstract"`
	LongAbstract    string    `bun:"long_abstract"`
	StartsAt        time.Time `bun:"starts_at"`
	EndsAt          time.Time `bun:"ends_at"`
	Language        string    `bun:"language"`
	State           string    `bun:"state"`
	TrackID         int64     `bun:"track_id"`
	MicrolocationID int64     `bun:"microlocation_id"`
	SessionTypeID   int64     `bun:"session_type_id"`
}

type speakerRow struct {
	ID             int64  `bun:"id"`
	Name           string `bun:"name"`
	Organisation   string `bun:"organisation"`
	Position       string `bun:"position"`
	PhotoURL       string `bun:"photo_url"`
	ShortBiography string `bun:"short_biography"`
	LongBiography  string `bun:"long_biography"`
	IsFeatured     bool   `bun:"is_featured"`
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
	ID          int64  `bun:"id"`
	Name        string `bun:"name"`
	URL         string `bun:"url"`
	LogoURL     string `bun:"logo_url"`
	Description string `bun:"description"`
	Level       string `bun:"level"`
	Type        string `bun:"type"`
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

// read reads what is seen of an event.
func (p Pages) read(ctx context.Context, seen api.Seen) (rows, error) {
	var found rows
	named := []string{"id", "name"}
	for _, part := range []struct {
		view    string
		columns []string
		order   string
		into    any
	}{
		{"event.api_events", []string{
			"identifier", "state", "name", "starts_at", "ends_at", "timezone", "location_name", "searchable_location_name",
			"description", "organizer_name", "organizer_description", "code_of_conduct", "logo_url", "original_image_url",
			"external_event_url", "ticket_url", "copyright_holder", "copyright_holder_url", "copyright_licence",
			"copyright_licence_url", "copyright_year",
		}, "id", &found.event},
		{"schedule.api_sessions", []string{
			"id", "title", "subtitle", "level", "short_abstract", "long_abstract", "starts_at", "ends_at", "language", "state",
			"track_id", "microlocation_id", "session_type_id",
		}, "starts_at, r.ends_at, r.id", &found.sessions},
		{"people.api_speakers", []string{
			"id", "name", "organisation", "position", "photo_url", "short_biography", "long_biography", "is_featured",
			"website", "twitter", "facebook", "github", "linkedin",
		}, "is_featured DESC NULLS LAST, r.id", &found.speakers},
		{"schedule.api_session_speakers", []string{"session_id", "speaker_id"}, "session_id, r.position", &found.talks},
		{"schedule.api_microlocations", named, "id", &found.rooms},
		{"schedule.api_tracks", append(named, "color"), "id", &found.tracks},
		{"schedule.api_session_types", named, "id", &found.types},
		{"people.api_sponsors", []string{"id", "name", "url", "logo_url", "description", "level", "type"}, "id", &found.sponsors},
		{"event.api_social_links", []string{"name", "link"}, "id", &found.links},
	} {
		query := p.API.Rows(seen, part.view).OrderExpr("r." + part.order)
		for _, column := range part.columns {
			query.ColumnExpr("r.?", bun.Ident(column))
		}
		if err := query.Scan(ctx, part.into); err != nil {
			return rows{}, err
		}
	}
	err := p.API.Rows(seen, "media.api_media").
		ColumnExpr("r.id, r.owner_type, r.owner_id, r.field, r.content_type").
		Where("r.state = 'stored' AND r.kind = 'image'").OrderExpr("r.id").
		Scan(ctx, &found.media)
	return found, err
}
