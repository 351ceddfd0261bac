package api

import "slices"

// events are the resources that all others belong to.
var events = resource{
	name: "event", path: "events", view: "event.api_events",
	attributes: slices.Concat(
		of(plain, "identifier", "name"),
		of(instant, "starts_at", "ends_at"),
		of(plain, "timezone", "latitude", "longitude", "location_name", "searchable_location_name",
			"description", "organizer_name", "organizer_description", "code_of_conduct",
			"logo_url", "original_image_url", "large_image_url", "thumbnail_image_url", "icon_image_url",
			"external_event_url", "ticket_url", "email", "state", "source_state", "privacy", "type", "topic", "sub_topic"),
		of(instant, "schedule_published_on"),
		of(plain, "is_sessions_speakers_enabled",
			"copyright_holder", "copyright_holder_url", "copyright_licence", "copyright_licence_url",
			"copyright_year", "copyright_logo_url", "call_announcement"),
		of(instant, "call_starts_at", "call_ends_at"),
		of(plain, "call_timezone", "call_privacy", "event_version", "sessions_version", "speakers_version",
			"tracks_version", "sponsors_version", "microlocations_version"),
	),
}

// lists are the resources that belong to an event, each a list at its address.
var lists = []resource{
	{
		name: "session", path: "sessions", view: "schedule.api_sessions",
		attributes: slices.Concat(
			of(plain, "title", "subtitle", "level", "short_abstract", "long_abstract", "comments"),
			of(instant, "starts_at", "ends_at"),
			of(plain, "language", "slides_url", "audio_url", "video_url", "signup_url", "state"),
		),
		one: []toOne{
			{name: "track", column: "track_id"},
			{name: "microlocation", column: "microlocation_id"},
			{name: "session-type", column: "session_type_id"},
		},
		many: []toMany{{
			name: "speakers", leads: "speaker", view: "schedule.api_session_speakers",
			from: "session_id", to: "speaker_id", order: "position",
		}},
	},
	{
		name: "speaker", path: "speakers", view: "people.api_speakers",
		attributes: of(plain, "name", "email", "organisation", "country", "city", "position", "mobile",
			"photo_url", "thumbnail_image_url", "small_image_url", "icon_image_url",
			"short_biography", "long_biography", "speaking_experience", "sponsorship_required", "heard_from", "gender",
			"is_featured", "website", "twitter", "facebook", "github", "linkedin"),
	},
	{
		name: "track", path: "tracks", view: "schedule.api_tracks",
		attributes: of(plain, "name", "color", "description", "location", "image_url"),
	},
	{
		name: "microlocation", path: "microlocations", view: "schedule.api_microlocations",
		attributes: of(plain, "name", "latitude", "longitude", "floor", "room"),
	},
	{
		name: "session-type", path: "session-types", view: "schedule.api_session_types",
		attributes: of(plain, "name", "length", "length_minutes"),
	},
	{
		name: "sponsor", path: "sponsors", view: "people.api_sponsors",
		attributes: of(plain, "name", "url", "logo_url", "description", "level", "type"),
	},
	{
		name: "social-link", path: "social-links", view: "event.api_social_links",
		attributes: of(plain, "name", "link"),
	},
	{
		name: "custom-form", path: "custom-forms", view: "event.api_custom_forms",
		attributes: of(plain, "form", "field_identifier", "is_required", "is_included"),
	},
	{
		name: "media", path: "media", view: "media.api_media",
		attributes: slices.Concat(
			of(plain, "owner_type"),
			of(reference, "owner_id"),
			of(plain, "field", "kind", "path", "state", "content_type", "size", "sha256"),
		),
	},
}
