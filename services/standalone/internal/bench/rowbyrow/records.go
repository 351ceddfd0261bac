package rowbyrow

import (
	"context"
	"fmt"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// records stores the records of all files, in the order of the first importer:
// everything before what refers to it.
func (r *run) records(ctx context.Context) error {
	for _, file := range []func() error{
		func() error { return r.event(ctx) },
		func() error { return each(ctx, r, openevent.Microlocations, "microlocations", setMicrolocation) },
		func() error { return each(ctx, r, openevent.Sponsors, "sponsors", setSponsor) },
		func() error { return each(ctx, r, openevent.Speakers, "speakers", setSpeaker) },
		func() error { return each(ctx, r, openevent.Tracks, "tracks", setTrack) },
		func() error { return each(ctx, r, openevent.SessionTypes, "session_types", setSessionType) },
		func() error { return each(ctx, r, openevent.Sessions, "sessions", r.setSession) },
	} {
		if err := file(); err != nil {
			return err
		}
	}
	return nil
}

// event stores the event's core, its links and its forms. Its times are read in
// UTC: which zone they are in costs the same.
func (r *run) event(ctx context.Context) error {
	if err := each(ctx, r, openevent.Events, "events", r.setEvent); err != nil {
		return err
	}
	for rec, err := range openevent.Records(r.archive, openevent.Events, nil) {
		if err != nil {
			return err
		}
		for n, link := range rec.Value.SocialLinks {
			row := r.rowOf(record{fmt.Sprintf("%s/%d", rec.Origin(), n), link.ID})
			row.set("name", link.Name)
			row.set("link", link.Link)
			if _, err := r.store(ctx, "social_links", fmt.Sprintf("Importing social links (%d)", n+1), row); err != nil {
				return err
			}
		}
	}
	for rec, err := range openevent.Records(r.archive, openevent.Forms, nil) {
		if err != nil {
			return err
		}
		for n, field := range rec.Value.Fields() {
			row := r.rowOf(record{origin: fmt.Sprintf("%s/%d", rec.Origin(), n)})
			row.set("form", field.Form)
			row.set("field_identifier", field.Field)
			row.set("is_required", field.Required)
			row.set("is_included", field.Included)
			if _, err := r.store(ctx, "custom_forms", fmt.Sprintf("Importing forms (%d)", n+1), row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) setEvent(row *row, e openevent.Event) {
	row.set("identifier", r.id)
	row.set("name", e.Name)
	row.set("starts_at", e.StartTime.In(time.UTC))
	row.set("ends_at", e.EndTime.In(time.UTC))
	row.set("timezone", e.Timezone)
	row.set("latitude", e.Latitude)
	row.set("longitude", e.Longitude)
	row.set("location_name", e.LocationName)
	row.set("searchable_location_name", e.SearchableLocationName)
	row.set("description", e.Description)
	row.set("organizer_name", e.OrganizerName)
	row.set("organizer_description", e.OrganizerDescription)
	row.set("code_of_conduct", e.CodeOfConduct)
	row.set("logo_url", e.Logo)
	row.set("original_image_url", e.BackgroundImage)
	row.set("external_event_url", e.EventURL)
	row.set("ticket_url", e.TicketURL)
	row.set("email", e.Email)
}

func setMicrolocation(row *row, m openevent.Microlocation) {
	row.set("name", m.Name)
	row.set("latitude", m.Latitude)
	row.set("longitude", m.Longitude)
	row.set("floor", m.Floor)
	row.set("room", m.Room)
}

func setSponsor(row *row, s openevent.Sponsor) {
	row.set("name", s.Name)
	row.set("url", s.URL)
	row.set("logo_url", s.Logo)
	row.set("description", s.Description)
	row.set("level", s.Level)
	row.set("type", s.SponsorType)
}

func setTrack(row *row, t openevent.Track) {
	row.set("name", t.Name)
	row.set("color", t.Color)
	row.set("description", t.Description)
	row.set("location", t.Location)
	row.set("image_url", t.TrackImage)
}

func setSessionType(row *row, t openevent.SessionType) {
	row.set("name", t.Name)
	row.set("length", t.Length)
	if minutes, ok := t.Minutes(); ok {
		row.set("length_minutes", minutes)
	}
}

func setSpeaker(row *row, s openevent.Speaker) {
	row.set("name", s.Name)
	row.set("email", s.Email)
	row.set("organisation", s.Organisation)
	row.set("country", s.Country)
	row.set("city", s.City)
	row.set("position", s.Position)
	row.set("mobile", s.Mobile)
	row.set("photo_url", s.Photo)
	row.set("short_biography", s.ShortBiography)
	row.set("long_biography", s.LongBiography)
	row.set("speaking_experience", s.SpeakingExperience)
	row.set("sponsorship_required", s.SponsorshipRequired)
	row.set("heard_from", s.HeardFrom)
	row.set("is_featured", s.Featured)
	row.set("website", s.Website)
	row.set("twitter", s.Twitter)
	row.set("facebook", s.Facebook)
	row.set("github", s.GitHub)
	row.set("linkedin", s.LinkedIn)
}

func (r *run) setSession(row *row, s openevent.Session) {
	row.set("title", s.Title)
	row.set("subtitle", s.Subtitle)
	row.set("level", s.Level)
	row.set("short_abstract", s.ShortAbstract)
	row.set("long_abstract", s.LongAbstract)
	row.set("comments", s.Comments)
	row.set("starts_at", s.StartTime.In(time.UTC))
	row.set("ends_at", s.EndTime.In(time.UTC))
	row.set("language", s.Language)
	row.set("slides_url", s.Slides)
	row.set("audio_url", s.Audio)
	row.set("video_url", s.Video)
	row.set("signup_url", s.SignupURL)
	row.set("state", s.State)
	row.set("track_id", r.ids[contracts.Tracks][s.Track.ID])
	row.set("microlocation_id", r.ids[contracts.Microlocations][s.Microlocation.ID])
	row.set("session_type_id", r.ids[contracts.SessionTypes][s.SessionType.ID])
	for _, ref := range s.Speakers {
		if id, ok := r.ids[contracts.Speakers][ref.ID]; ok {
			row.speakers = append(row.speakers, id)
		}
	}
}
