package export

import (
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/query/internal/visibility"
)

type eventRow struct {
	bun.BaseModel `bun:"table:event.api_events,alias:r"`
	row

	State                  string
	StateSet               bool
	Identifier             string
	Name                   string
	StartsAt               time.Time
	EndsAt                 time.Time
	Timezone               string
	Latitude               *float64
	Longitude              *float64
	LocationName           string `bun:",nullzero"`
	SearchableLocationName string `bun:",nullzero"`
	Description            string `bun:",nullzero"`
	OrganizerName          string `bun:",nullzero"`
	OrganizerDescription   string `bun:",nullzero"`
	CodeOfConduct          string `bun:",nullzero"`
	LogoURL                string `bun:",nullzero"`
	OriginalImageURL       string `bun:",nullzero"`
	LargeImageURL          string `bun:",nullzero"`
	ThumbnailImageURL      string `bun:",nullzero"`
	IconImageURL           string `bun:",nullzero"`
	ExternalEventURL       string `bun:",nullzero"`
	TicketURL              string `bun:",nullzero"`
	Email                  string `bun:",nullzero"`
	SourceState            string `bun:",nullzero"`
	Privacy                string `bun:",nullzero"`
	Type                   string `bun:",nullzero"`
	Topic                  string `bun:",nullzero"`
	SubTopic               string `bun:",nullzero"`
	SchedulePublishedOn    time.Time
	SessionsEnabled        *bool `bun:"is_sessions_speakers_enabled"`

	CopyrightHolder     string `bun:",nullzero"`
	CopyrightHolderURL  string `bun:",nullzero"`
	CopyrightLicence    string `bun:",nullzero"`
	CopyrightLicenceURL string `bun:",nullzero"`
	CopyrightYear       *int64
	CopyrightLogoURL    string `bun:",nullzero"`

	CallAnnouncement string `bun:",nullzero"`
	CallStartsAt     time.Time
	CallEndsAt       time.Time
	CallTimezone     string `bun:",nullzero"`
	CallPrivacy      string `bun:",nullzero"`

	EventVersion          *int64
	SessionsVersion       *int64
	SpeakersVersion       *int64
	TracksVersion         *int64
	SponsorsVersion       *int64
	MicrolocationsVersion *int64

	// MadeIn is the newest attempt of the event's import.
	MadeIn int `bun:",scanonly"`
}

type linkRow struct {
	bun.BaseModel `bun:"table:event.api_social_links,alias:r"`
	ID            int64
	Name          string `bun:",nullzero"`
	Link          string `bun:",nullzero"`
}

// event maps the event's core with its links. Its times are in its own zone.
func (e *eventRow) event(links []linkRow, zone *time.Location, files fields) openevent.Event {
	event := openevent.Event{
		ID:                     e.id(),
		Identifier:             e.Identifier,
		Name:                   e.Name,
		StartTime:              openevent.TimeOf(e.StartsAt, zone),
		EndTime:                openevent.TimeOf(e.EndsAt, zone),
		Timezone:               e.Timezone,
		Latitude:               e.Latitude,
		Longitude:              e.Longitude,
		LocationName:           e.LocationName,
		SearchableLocationName: e.SearchableLocationName,
		Description:            openevent.HTML(e.Description),
		OrganizerName:          e.OrganizerName,
		OrganizerDescription:   openevent.HTML(e.OrganizerDescription),
		CodeOfConduct:          openevent.HTML(e.CodeOfConduct),
		Logo:                   files.of("logo", e.LogoURL),
		BackgroundImage:        files.of("background_image", e.OriginalImageURL),
		Large:                  files.of("large", e.LargeImageURL),
		Thumbnail:              files.of("thumbnail", e.ThumbnailImageURL),
		Icon:                   files.of("icon", e.IconImageURL),
		EventURL:               e.ExternalEventURL,
		TicketURL:              e.TicketURL,
		Email:                  e.Email,
		State:                  e.state(),
		Privacy:                e.Privacy,
		Type:                   e.Type,
		Topic:                  e.Topic,
		SubTopic:               e.SubTopic,
		SchedulePublishedOn:    openevent.TimeOf(e.SchedulePublishedOn, zone),
		HasSessionSpeakers:     e.SessionsEnabled,
		Copyright:              e.copyright(),
		CallForPapers:          e.call(zone),
		Version:                e.version(),
	}
	for _, link := range links {
		event.SocialLinks = append(event.SocialLinks, openevent.SocialLink{
			ID: strconv.FormatInt(link.ID, 10), Name: link.Name, Link: link.Link,
		})
	}
	return event
}

// state is what the archive says of the event's state: what the one said that it came
// from, unless people have published it, or have said since that it is a draft.
func (e *eventRow) state() string {
	const completed = "completed" // one that was published, and is over
	switch {
	case e.State == visibility.Published && e.SourceState == completed:
		return completed
	case e.State == visibility.Published || e.StateSet:
		return e.State
	}
	return e.SourceState
}

func (e *eventRow) copyright() *openevent.Copyright {
	return unlessZero(openevent.Copyright{
		Holder: e.CopyrightHolder, HolderURL: e.CopyrightHolderURL, Licence: e.CopyrightLicence,
		LicenceURL: e.CopyrightLicenceURL, Year: e.CopyrightYear, Logo: e.CopyrightLogoURL,
	})
}

// told is the zone in which times are naive: the named one where a reader knows it by that
// name. Where a reader would take another, times have offsets; none is one of theirs then.
func told(name string, zone *time.Location) *time.Location {
	if openevent.TakesZone(name) {
		return zone
	}
	return nil
}

// call maps the call for papers, whose times are in its own zone where it has one.
func (e *eventRow) call(zone *time.Location) *openevent.CallForPapers {
	if own, err := time.LoadLocation(e.CallTimezone); err == nil && e.CallTimezone != "" {
		zone = told(e.CallTimezone, own)
	}
	return unlessZero(openevent.CallForPapers{
		Announcement: openevent.HTML(e.CallAnnouncement),
		StartDate:    openevent.TimeOf(e.CallStartsAt, zone), EndDate: openevent.TimeOf(e.CallEndsAt, zone),
		Timezone: e.CallTimezone, Privacy: e.CallPrivacy,
	})
}

func (e *eventRow) version() *openevent.Version {
	return unlessZero(openevent.Version{
		Event: e.EventVersion, Sessions: e.SessionsVersion, Speakers: e.SpeakersVersion,
		Tracks: e.TracksVersion, Sponsors: e.SponsorsVersion, Microlocations: e.MicrolocationsVersion,
	})
}

// unlessZero is nil for what has nothing in it.
func unlessZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// facts is what messages tell of the event.
func (e *eventRow) facts() contracts.EventFacts {
	return contracts.EventFacts{ID: e.id(), Identifier: e.Identifier, Name: contracts.EventName(e.Name), Timezone: e.Timezone}
}
