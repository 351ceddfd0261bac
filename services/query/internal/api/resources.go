package api

import (
	"slices"

	"github.com/usher-events/usher/services/query/internal/visibility"
)

// events are the resources that all others belong to.
var events = resource{
	name: "event", path: "events", view: "event.api_events",
	attributes: slices.Concat(
		of(plain, "identifier", "name"),
		of(instant, "starts_at", "ends_at"),
		of(plain, "timezone", "latitude", "longitude", "location_name", "searchable_location_name",
			"description", "organizer_name", "organizer_description", "code_of_conduct"),
		named("logo_url", "logo"),
		named("original_image_url", "background_image"),
		copies("original_image_url", "large", "thumbnail", "icon"),
		of(plain, "external_event_url", "ticket_url", "email", "state", "source_state", "privacy", "type", "topic", "sub_topic"),
		of(instant, "schedule_published_on"),
		of(plain, "is_sessions_speakers_enabled",
			"copyright_holder", "copyright_holder_url", "copyright_licence", "copyright_licence_url",
			"copyright_year", "copyright_logo_url", "call_announcement"),
		of(instant, "call_starts_at", "call_ends_at"),
		of(plain, "call_timezone", "call_privacy", "event_version", "sessions_version", "speakers_version",
			"tracks_version", "sponsors_version", "microlocations_version"),
	),
	many:  everything(),
	inner: []string{"import_id", "revision", "owner_iss", "owner_sub"},
	sorts: []string{"name", "starts_at", "ends_at"},
	filters: []filter{
		{name: "name", condition: "strpos(lower(r.name), lower(?)) > 0", read: text},
		{name: "state", condition: "r.state = ?", read: oneOf("draft", visibility.Published)},
		{name: "owner", condition: "(r.owner_iss = ? AND r.owner_sub = ?)", read: me},
	},
}

// everything is the relationships of an event: one to each list.
func everything() []toMany {
	all := make([]toMany, len(lists))
	for i, res := range lists {
		all[i] = toMany{name: res.path, leads: res.name, order: "id"}
	}
	return all
}

// sessionsBy is the relationship of what sessions have one of.
func sessionsBy(column string) []toMany {
	return []toMany{{name: "sessions", leads: "session", view: "schedule.api_sessions", from: column, to: "id", order: "id"}}
}

// lists are the resources that belong to an event, each a list at its address.
var lists = []resource{
	{
		name: "session", path: "sessions", view: "schedule.api_sessions",
		attributes: slices.Concat(
			of(plain, "title", "subtitle", "level", "short_abstract", "long_abstract"),
			private("comments"), // to those who choose the sessions
			of(instant, "starts_at", "ends_at"),
			of(plain, "language"),
			named("slides_url", "slides"),
			named("audio_url", "audio"),
			named("video_url", "video"),
			of(plain, "signup_url", "state"),
		),
		one: []toOne{
			{name: "track", column: "track_id"},
			{name: "microlocation", column: "microlocation_id"},
			{name: "session-type", column: "session_type_id"},
		},
		many: []toMany{{
			name: "speakers", leads: "speaker", view: "schedule.api_session_speakers",
			from: "session_id", to: "speaker_id", order: "position", told: true,
		}},
		public: visibility.Sessions,
		sorts:  []string{"title", "starts_at", "ends_at", "language", "state"},
		filters: []filter{
			{name: "track", condition: "r.track_id = ?", read: anID},
			{name: "microlocation", condition: "r.microlocation_id = ?", read: anID},
			{name: "session-type", condition: "r.session_type_id = ?", read: anID},
			{
				name: "speaker", read: anID,
				condition: "EXISTS (SELECT 1 FROM schedule.api_session_speakers AS p WHERE p.session_id = r.id AND p.speaker_id = ?)",
			},
			{name: "state", condition: "lower(r.state) = lower(?)", read: text},
			{name: "language", condition: "lower(r.language) = lower(?)", read: text},
			{name: "starts-after", condition: "r.starts_at >= ?", read: moment},
			{name: "starts-before", condition: "r.starts_at < ?", read: moment},
		},
	},
	{
		name: "speaker", path: "speakers", view: "people.api_speakers",
		attributes: slices.Concat(
			of(plain, "name"),
			private("email"),
			of(plain, "organisation", "country", "city", "position"),
			private("mobile"),
			named("photo_url", "photo"),
			copies("photo_url", "thumbnail", "small", "icon"),
			of(plain, "short_biography", "long_biography"),
			// What a speaker answers to those who choose.
			private("speaking_experience", "sponsorship_required", "heard_from", "gender"),
			of(plain, "is_featured", "website", "twitter", "facebook", "github", "linkedin"),
		),
		many: []toMany{{
			name: "sessions", leads: "session", view: "schedule.api_session_speakers",
			from: "speaker_id", to: "session_id", order: "session_id", told: true,
		}},
		public: visibility.Speakers,
		sorts:  []string{"name", "organisation", "country", "is_featured"},
		filters: []filter{
			{name: "name", condition: "strpos(lower(r.name), lower(?)) > 0", read: text},
			{name: "is-featured", condition: "coalesce(r.is_featured, FALSE) = ?", read: truth},
			{name: "country", condition: "lower(r.country) = lower(?)", read: text},
			{name: "email", condition: "lower(r.email) = lower(?)", read: text, private: true},
		},
	},
	{
		name: "track", path: "tracks", view: "schedule.api_tracks",
		attributes: slices.Concat(
			of(plain, "name", "color", "description", "location"),
			named("image_url", "track_image_url"),
		),
		many:  sessionsBy("track_id"),
		sorts: []string{"name"},
	},
	{
		name: "microlocation", path: "microlocations", view: "schedule.api_microlocations",
		attributes: of(plain, "name", "latitude", "longitude", "floor", "room"),
		many:       sessionsBy("microlocation_id"),
		sorts:      []string{"name", "floor"},
	},
	{
		name: "session-type", path: "session-types", view: "schedule.api_session_types",
		attributes: of(plain, "name", "length", "length_minutes"),
		many:       sessionsBy("session_type_id"),
		sorts:      []string{"name", "length_minutes"},
	},
	{
		name: "sponsor", path: "sponsors", view: "people.api_sponsors",
		attributes: slices.Concat(
			of(plain, "name", "url"),
			named("logo_url", "logo"),
			of(plain, "description", "level", "type"),
		),
		sorts: []string{"name", "level", "type"},
		filters: []filter{
			{name: "level", condition: "lower(r.level) = lower(?)", read: text},
			{name: "type", condition: "lower(r.type) = lower(?)", read: text},
		},
	},
	{
		name: "social-link", path: "social-links", view: "event.api_social_links",
		attributes: of(plain, "name", "link"),
		sorts:      []string{"name"},
	},
	{
		name: "custom-form", path: "custom-forms", view: "event.api_custom_forms",
		attributes: of(plain, "form", "field_identifier", "is_required", "is_included"),
		sorts:      []string{"form", "field_identifier"},
	},
	{
		name: "media", path: "media", view: "media.api_media",
		attributes: slices.Concat(
			of(plain, "owner_type"),
			of(reference, "owner_id"),
			of(plain, "field", "kind", "path", "state", "content_type", "size", "sha256"),
		),
		public: visibility.Media,
		sorts:  []string{"owner_type", "field", "kind", "path", "state", "size"},
		filters: []filter{
			{name: "state", condition: "r.state = ?", read: oneOf("pending", "stored", "missing", "remote")},
			{name: "kind", condition: "r.kind = ?", read: text},
			{name: "owner-type", condition: "r.owner_type = ?", read: text},
		},
	},
}
