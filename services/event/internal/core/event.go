package core

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// The states of an event, which say who sees it: its owner, or everybody.
const (
	Draft     = "draft"
	Published = "published"
)

// EventRow is a row of event.events.
type EventRow struct {
	bun.BaseModel `bun:"table:event.events"`
	stage.Row

	OwnerIss string `bun:"owner_iss"`
	OwnerSub string `bun:"owner_sub"`
	// State is left alone where the row is made again: it is the owner's to change. So is
	// whether they have, which only they set.
	State string `bun:"state,skipupdate"`

	Identifier             string    `bun:"identifier"`
	Name                   string    `bun:"name"`
	StartsAt               time.Time `bun:"starts_at,nullzero"`
	EndsAt                 time.Time `bun:"ends_at,nullzero"`
	Timezone               string    `bun:"timezone"`
	Latitude               *float64  `bun:"latitude"`
	Longitude              *float64  `bun:"longitude"`
	LocationName           string    `bun:"location_name,nullzero"`
	SearchableLocationName string    `bun:"searchable_location_name,nullzero"`
	Description            string    `bun:"description,nullzero"`
	OrganizerName          string    `bun:"organizer_name,nullzero"`
	OrganizerDescription   string    `bun:"organizer_description,nullzero"`
	CodeOfConduct          string    `bun:"code_of_conduct,nullzero"`
	LogoURL                string    `bun:"logo_url,nullzero"`
	OriginalImageURL       string    `bun:"original_image_url,nullzero"`
	LargeImageURL          string    `bun:"large_image_url,nullzero"`
	ThumbnailImageURL      string    `bun:"thumbnail_image_url,nullzero"`
	IconImageURL           string    `bun:"icon_image_url,nullzero"`
	ExternalEventURL       string    `bun:"external_event_url,nullzero"`
	TicketURL              string    `bun:"ticket_url,nullzero"`
	Email                  string    `bun:"email,nullzero"`
	SourceState            string    `bun:"source_state,nullzero"`
	Privacy                string    `bun:"privacy,nullzero"`
	Type                   string    `bun:"type,nullzero"`
	Topic                  string    `bun:"topic,nullzero"`
	SubTopic               string    `bun:"sub_topic,nullzero"`
	SchedulePublishedOn    time.Time `bun:"schedule_published_on,nullzero"`
	SessionsEnabled        *bool     `bun:"is_sessions_speakers_enabled"`

	CopyrightHolder     string `bun:"copyright_holder,nullzero"`
	CopyrightHolderURL  string `bun:"copyright_holder_url,nullzero"`
	CopyrightLicence    string `bun:"copyright_licence,nullzero"`
	CopyrightLicenceURL string `bun:"copyright_licence_url,nullzero"`
	CopyrightYear       *int64 `bun:"copyright_year"`
	CopyrightLogoURL    string `bun:"copyright_logo_url,nullzero"`

	CallAnnouncement string    `bun:"call_announcement,nullzero"`
	CallStartsAt     time.Time `bun:"call_starts_at,nullzero"`
	CallEndsAt       time.Time `bun:"call_ends_at,nullzero"`
	CallTimezone     string    `bun:"call_timezone,nullzero"`
	CallPrivacy      string    `bun:"call_privacy,nullzero"`

	EventVersion          *int64 `bun:"event_version"`
	SessionsVersion       *int64 `bun:"sessions_version"`
	SpeakersVersion       *int64 `bun:"speakers_version"`
	TracksVersion         *int64 `bun:"tracks_version"`
	SponsorsVersion       *int64 `bun:"sponsors_version"`
	MicrolocationsVersion *int64 `bun:"microlocations_version"`
}

// MapEvent maps the event's core. Its identifier was chosen by Identify.
func MapEvent(sc *stage.Scope, rec openevent.Record[openevent.Event]) *EventRow {
	e := rec.Value
	row := &EventRow{
		Row:                    stage.RowOf(sc, rec),
		OwnerIss:               sc.Owner.Issuer,
		OwnerSub:               sc.Owner.Subject,
		State:                  Draft,
		Identifier:             sc.Event.Identifier,
		Name:                   e.Name,
		StartsAt:               e.StartTime.In(sc.Zone),
		EndsAt:                 e.EndTime.In(sc.Zone),
		Timezone:               e.Timezone,
		Latitude:               e.Latitude,
		Longitude:              e.Longitude,
		LocationName:           e.LocationName,
		SearchableLocationName: e.SearchableLocationName,
		Description:            e.Description.Clean(),
		OrganizerName:          e.OrganizerName,
		OrganizerDescription:   e.OrganizerDescription.Clean(),
		CodeOfConduct:          e.CodeOfConduct.Clean(),
		LogoURL:                e.Logo,
		OriginalImageURL:       e.BackgroundImage,
		LargeImageURL:          e.Large,
		ThumbnailImageURL:      e.Thumbnail,
		IconImageURL:           e.Icon,
		ExternalEventURL:       e.EventURL,
		TicketURL:              e.TicketURL,
		Email:                  e.Email,
		SourceState:            e.State,
		Privacy:                e.Privacy,
		Type:                   e.Type,
		Topic:                  e.Topic,
		SubTopic:               e.SubTopic,
		SchedulePublishedOn:    e.SchedulePublishedOn.In(sc.Zone),
		SessionsEnabled:        e.HasSessionSpeakers,
	}
	if row.EndsAt.IsZero() { // of a lenient import
		row.EndsAt = row.StartsAt
	}
	if sc.Options.Publish {
		row.State = Published
	}
	row.setCopyright(e.Copyright)
	row.setCall(e.CallForPapers, sc.Zone)
	row.setVersions(e.Version)
	return row
}

func (row *EventRow) setCopyright(c *openevent.Copyright) {
	if c == nil {
		return
	}
	row.CopyrightHolder = c.Holder
	row.CopyrightHolderURL = c.HolderURL
	row.CopyrightLicence = c.Licence
	row.CopyrightLicenceURL = c.LicenceURL
	row.CopyrightYear = c.Year
	row.CopyrightLogoURL = c.Logo
}

// setCall reads the call's own times in the call's zone, else in the event's.
func (row *EventRow) setCall(c *openevent.CallForPapers, zone *time.Location) {
	if c == nil {
		return
	}
	if own, err := time.LoadLocation(c.Timezone); err == nil && c.Timezone != "" {
		zone = own
	}
	row.CallAnnouncement = c.Announcement.Clean()
	row.CallStartsAt = c.StartDate.In(zone)
	row.CallEndsAt = c.EndDate.In(zone)
	row.CallTimezone = c.Timezone
	row.CallPrivacy = c.Privacy
}

func (row *EventRow) setVersions(v *openevent.Version) {
	if v == nil {
		return
	}
	row.EventVersion = v.Event
	row.SessionsVersion = v.Sessions
	row.SpeakersVersion = v.Speakers
	row.TracksVersion = v.Tracks
	row.SponsorsVersion = v.Sponsors
	row.MicrolocationsVersion = v.Microlocations
}
