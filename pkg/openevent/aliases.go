package openevent

// aliases lists, by object and field, the other names that fields have in
// archives: those of the kebab-case files that are passed around, of the column
// dump of the second server, of the first months, and slips that were seen. A
// field is recognised by its key alone, so that files which mix the dialects,
// as many do, are read like any other.
//
// Names are in snake case; hyphens and blanks in their place, and capitals, are
// understood everywhere.
var aliases = map[string]map[string][]string{
	"Event": {
		"start_time":            {"starts_at"},
		"end_time":              {"ends_at"},
		"logo":                  {"logo_url"},
		"background_image":      {"original_image_url", "background_url"},
		"large":                 {"large_image_url"},
		"thumbnail":             {"thumbnail_image_url"},
		"icon":                  {"icon_image_url"},
		"event_url":             {"external_event_url"},
		"organizer_name":        {"owner_name"},
		"organizer_description": {"owner_description"},
		"type":                  {"event_type"},
		"topic":                 {"event_topic"},
		"sub_topic":             {"event_sub_topic"},
		"copyright":             {"event_copyright"},
		"call_for_papers":       {"speakers_call"},
		"has_session_speakers":  {"is_sessions_speakers_enabled", "is_session_speakers_enabled"},
		"schedule_published_on": {"scheduled_published_on"},
	},
	"Copyright": {
		"logo": {"logo_url"},
	},
	"CallForPapers": {
		"start_date": {"starts_at"},
		"end_date":   {"ends_at"},
	},
	"Speaker": {
		"photo":        {"photo_url"},
		"thumbnail":    {"thumbnail_image_url", "thumbnail_image_url_image_url"},
		"small":        {"small_image_url"},
		"icon":         {"icon_image_url"},
		"organisation": {"organization"},
		"featured":     {"is_featured"},
	},
	"Sponsor": {
		"logo":         {"logo_url"},
		"sponsor_type": {"type"},
	},
	"Session": {
		"title":         {"name"},
		"start_time":    {"starts_at"},
		"end_time":      {"ends_at"},
		"track":         {"track_id"},
		"microlocation": {"microlocation_id"},
		"session_type":  {"session_type_id"},
		"slides":        {"slides_url"},
		"audio":         {"audio_url"},
		"video":         {"video_url"},
	},
}

// kebabKeys are the keys that dialect B has in its own words, by object and field. All
// others are those of dialect A with hyphens. It is not consistent with itself: these are
// the words of most samples, and of the programs that make web pages and apps of them.
var kebabKeys = map[string]map[string]string{
	"Event": {
		"start_time":           "starts-at",
		"end_time":             "ends-at",
		"logo":                 "logo-url",
		"background_image":     "original-image-url",
		"large":                "large-image-url",
		"thumbnail":            "thumbnail-image-url",
		"icon":                 "icon-image-url",
		"copyright":            "event-copyright",
		"call_for_papers":      "speakers-call",
		"has_session_speakers": "is-sessions-speakers-enabled",
	},
	"Copyright": {
		"logo": "logo-url",
	},
	"CallForPapers": {
		"start_date": "starts-at",
		"end_date":   "ends-at",
	},
	"Version": {
		"event_ver":          "event_ver",
		"sessions_ver":       "sessions_ver",
		"speakers_ver":       "speakers_ver",
		"tracks_ver":         "tracks_ver",
		"sponsors_ver":       "sponsors_ver",
		"microlocations_ver": "microlocations_ver",
	},
	"Speaker": {
		"photo":     "photo-url",
		"thumbnail": "thumbnail-image-url",
		"small":     "small-image-url",
		"icon":      "icon-image-url",
		"featured":  "is-featured",
	},
	"Sponsor": {
		"logo":         "logo-url",
		"sponsor_type": "type",
	},
	"Session": {
		"start_time": "starts-at",
		"end_time":   "ends-at",
		"slides":     "slides-url",
		"audio":      "audio-url",
		"video":      "video-url",
	},
}
