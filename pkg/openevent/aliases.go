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
