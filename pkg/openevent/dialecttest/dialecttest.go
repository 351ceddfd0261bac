// Package dialecttest writes an archive of dialect A, as the first server
// exported it, in the other dialects that are around. Tests call it to show that
// all of them come to the same records. Its tables follow the descriptions of
// the dialects and share nothing with the reader that they test.
package dialecttest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files are the data files of an archive by name.
type Files map[string][]byte

// tree is decoded JSON; numbers stay as they are written.
func tree(t testing.TB, content []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	return v
}

func write(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// records gives the objects of a file, whether it is a list or one object.
func records(v any) []map[string]any {
	if one, ok := v.(map[string]any); ok {
		return []map[string]any{one}
	}
	var all []map[string]any
	for _, r := range v.([]any) {
		all = append(all, r.(map[string]any))
	}
	return all
}

// each returns the files with every record changed.
func (f Files) each(t testing.TB, change func(file string, record map[string]any)) Files {
	t.Helper()
	changed := make(Files)
	for name, content := range f {
		v := tree(t, content)
		for _, record := range records(v) {
			change(name, record)
		}
		changed[name] = write(t, v)
	}
	return changed
}

// rename moves the value of a key, if it is there.
func rename(record map[string]any, from, to string) {
	if v, ok := record[from]; ok {
		delete(record, from)
		record[to] = v
	}
}

// kebabNames are the keys of dialect B that are other words than in A; all
// others have hyphens in the place of underscores.
var kebabNames = map[string]map[string]string{
	"event": {
		"start_time": "starts-at", "end_time": "ends-at", "logo": "logo-url", "background_image": "original-image-url",
		"large": "large-image-url", "thumbnail": "thumbnail-image-url", "icon": "icon-image-url", "copyright": "event-copyright",
		"call_for_papers": "speakers-call", "has_session_speakers": "is-sessions-speakers-enabled", "event_url": "external-event-url",
		"type": "event-type",
	},
	"sessions": {
		"start_time": "starts-at", "end_time": "ends-at", "slides": "slides-url", "audio": "audio-url", "video": "video-url",
	},
	"speakers": {
		"photo": "photo-url", "thumbnail": "thumbnail-image-url", "small": "small-image-url", "icon": "icon-image-url",
		"featured": "is-featured",
	},
	"sponsors":              {"logo": "logo-url", "sponsor_type": "type"},
	"event/copyright":       {"logo": "logo-url"},
	"event/call_for_papers": {"start_date": "starts-at", "end_date": "ends-at"},
}

// Kebab writes the files in dialect B.
func Kebab(t testing.TB, files Files) Files {
	t.Helper()
	return files.each(t, func(file string, record map[string]any) { kebab(file, record) })
}

func kebab(object string, record map[string]any) {
	for _, key := range slices.Collect(maps.Keys(record)) {
		name, ok := kebabNames[object][key]
		if !ok {
			name = strings.ReplaceAll(key, "_", "-")
		}
		inner := object + "/" + key
		switch v := record[key].(type) {
		case map[string]any:
			kebab(inner, v)
		case []any:
			for _, element := range v {
				if e, ok := element.(map[string]any); ok {
					kebab(inner, e)
				}
			}
		}
		if key != name {
			rename(record, key, name)
		}
	}
}

// columnNames are the columns of dialect C that have other names than the keys of A.
var columnNames = map[string]map[string]string{
	"event": {
		"start_time": "starts_at", "end_time": "ends_at", "logo": "logo_url", "background_image": "original_image_url",
		"large": "large_image_url", "thumbnail": "thumbnail_image_url", "icon": "icon_image_url", "event_url": "external_event_url",
		"organizer_name": "owner_name", "organizer_description": "owner_description",
		"has_session_speakers": "is_sessions_speakers_enabled",
	},
	"sessions": {
		"start_time": "starts_at", "end_time": "ends_at", "slides": "slides_url", "audio": "audio_url", "video": "video_url",
		"track": "track_id", "microlocation": "microlocation_id", "session_type": "session_type_id",
	},
	"speakers": {
		"photo": "photo_url", "thumbnail": "thumbnail_image_url", "small": "small_image_url", "icon": "icon_image_url",
		"featured": "is_featured",
	},
	"sponsors": {"logo": "logo_url", "sponsor_type": "type"},
}

// LostInColumns are the keys of dialect A that dialect C has no columns for.
var LostInColumns = map[string][]string{
	"event": {
		"copyright", "call_for_papers", "social_links", "version", "licence_details", "placeholder_url", "creator",
		"type", "topic", "sub_topic", // it has ids of the source's tables in their place
	},
	"sessions": {"speakers", "timezone"},
	"speakers": {"sessions"},
	"tracks":   {"sessions", "track_image_url", "location", "font_color"},
}

// ColumnsMore are columns of dialect C that mean something at its source only.
var ColumnsMore = map[string]map[string]any{
	"event": {
		"event_type_id": 3, "event_topic_id": 7, "event_sub_topic_id": nil, "group_id": nil, "is_featured": false,
		"is_promoted": true, "payment_country": "US", "ticket_page_view": nil, "deleted_at": nil,
	},
	"microlocations": {"event_id": 9, "position": 0, "hidden_in_scheduler": false, "is_chat_enabled": false, "chat_room_id": nil, "video_stream_id": nil, "deleted_at": nil},
	"sponsors":       {"event_id": 9, "deleted_at": nil},
	"speakers":       {"event_id": 9, "user_id": 4, "complex_field_values": nil, "is_email_overridden": false, "deleted_at": nil},
	"tracks":         {"event_id": 9, "position": 0, "deleted_at": nil},
	"session_types":  {"event_id": 9, "position": 0, "deleted_at": nil},
	"sessions": {
		"event_id": 9, "creator_id": 4, "submitted_at": "2031-01-05T10:00:00+00:00", "submission_modifier": nil, "is_mail_sent": false,
		"last_modified_at": "2031-02-05T10:00:00.123456+00:00", "send_email": nil, "is_locked": false, "complex_field_values": nil,
		"average_rating": nil, "rating_count": 0, "favourite_count": 0, "created_at": nil, "deleted_at": nil,
	},
}

// Columns writes the files in dialect C: relations are ids of columns, forms
// have a record for each field, and what is named by LostInColumns is not there.
func Columns(t testing.TB, files Files) Files {
	t.Helper()
	changed := files.each(t, func(file string, record map[string]any) {
		for _, key := range LostInColumns[file] {
			delete(record, key)
		}
		for from, to := range columnNames[file] {
			rename(record, from, to)
			if relation, ok := record[to].(map[string]any); ok {
				record[to] = relation["id"]
			}
		}
		maps.Copy(record, ColumnsMore[file])
	})
	changed["forms"] = write(t, fieldRows(t, files["forms"]))
	return changed
}

// fieldRows writes forms with a record for each of their fields.
func fieldRows(t testing.TB, forms []byte) []map[string]any {
	t.Helper()
	rows := []map[string]any{}
	for _, record := range records(tree(t, forms)) {
		for _, form := range []string{"session", "speaker"} {
			text, ok := record[form+"_form"].(string)
			if !ok {
				continue
			}
			d := json.NewDecoder(strings.NewReader(text))
			_, err := d.Token()
			require.NoError(t, err)
			for d.More() { // in their order, which a map would lose
				name, err := d.Token()
				require.NoError(t, err)
				var flags struct{ Require, Include int }
				require.NoError(t, d.Decode(&flags))
				rows = append(rows, map[string]any{
					"id": len(rows) + 1, "form": form, "field_identifier": name, "type": "text", "name": nil, "description": nil,
					"is_required": flags.Require == 1, "is_included": flags.Include == 1, "is_fixed": false, "position": nil,
					"is_public": false, "is_complex": false, "event_id": 9, "form_id": nil, "min": nil, "max": nil,
					"main_language": nil, "is_allow_edit": false, "deleted_at": nil,
				})
			}
		}
	}
	return rows
}

// Early writes the files as in the first months: with a suffix, forms under
// their first name and the social links beside the event.
func Early(t testing.TB, files Files) Files {
	t.Helper()
	changed := make(Files)
	for name, content := range files {
		changed[name+".json"] = content
	}
	event := tree(t, files["event"]).(map[string]any)
	changed["social_links.json"] = write(t, event["social_links"])
	delete(event, "social_links")
	changed["event.json"] = write(t, event)
	changed["custom_forms.json"] = files["forms"]
	delete(changed, "forms.json")
	return changed
}
