package standalone_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// entryNames are the names that the data files have in one dialect or another.
var entryNames = map[string][]string{
	"forms": {"forms", "forms.json", "custom_forms.json"},
}

// spellings say how other dialects name what dialect A names, by where it
// stands. Hyphens and blanks are read as underscores before.
var spellings = map[string]map[string]string{
	"event": {
		"starts_at": "start_time", "ends_at": "end_time",
		"logo_url": "logo", "original_image_url": "background_image", "background_url": "background_image",
		"large_image_url": "large", "thumbnail_image_url": "thumbnail", "icon_image_url": "icon",
		"external_event_url": "event_url", "owner_name": "organizer_name", "owner_description": "organizer_description",
		"event_type": "type", "event_topic": "topic", "event_sub_topic": "sub_topic",
		"event_copyright": "copyright", "speakers_call": "call_for_papers",
		"is_sessions_speakers_enabled": "has_session_speakers", "is_session_speakers_enabled": "has_session_speakers",
		"scheduled_published_on": "schedule_published_on",
	},
	"event/copyright":       {"logo_url": "logo"},
	"event/call_for_papers": {"starts_at": "start_date", "ends_at": "end_date"},
	"sponsors":              {"logo_url": "logo", "type": "sponsor_type"},
	"speakers": {
		"photo_url": "photo", "thumbnail_image_url": "thumbnail", "small_image_url": "small", "icon_image_url": "icon", "is_featured": "featured",
	},
	"sessions": {
		"name": "title", "starts_at": "start_time", "ends_at": "end_time",
		"slides_url": "slides", "audio_url": "audio", "video_url": "video",
		"session_type_id": "session_type", "track_id": "track", "microlocation_id": "microlocation",
	},
}

// referred says of which file's records the objects in a session are copies.
var referred = map[string]string{"speakers": "speakers", "track": "tracks", "microlocation": "microlocations", "session_type": "session_types"}

// tableOf returns the table of a file.
func tableOf(file string) table {
	return tables[slices.IndexFunc(tables, func(t table) bool { return t.file == file })]
}

// entryOf returns the name of a data file in the archive.
func (c *comparison) entryOf(file string) (string, bool) {
	names := entryNames[file]
	if names == nil {
		names = []string{file, file + ".json"}
	}
	for _, name := range names {
		if _, ok := c.files[name]; ok {
			return name, true
		}
	}
	return "", false
}

// objects decodes the records of a file, each as it stands there and by its keys.
func (c *comparison) objects(t *testing.T, file string, single bool) (entry string, raw []json.RawMessage) {
	t.Helper()
	entry, ok := c.entryOf(file)
	if !ok {
		return "", nil // a list that is missing is empty
	}
	content := bytes.TrimPrefix(c.files[entry], []byte("\ufeff"))
	if single {
		return entry, []json.RawMessage{content}
	}
	if !json.Valid(content) {
		require.True(t, slices.Contains(codesOf(c.issues, entry), "json_syntax"), "%s is no JSON, and no issue says so", entry)
		content = missingComma.ReplaceAll(content, []byte("},{"))
	}
	require.NoError(t, json.Unmarshal(content, &raw), entry)
	return entry, raw
}

// missingComma matches two records with nothing between them.
var missingComma = regexp.MustCompile(`\}\s*\{`)

// keysOf decodes an object.
func keysOf(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var keys map[string]any
	require.NoError(t, decoder.Decode(&keys))
	return keys
}

// read decodes a file and finds the resource of each record. Copies of an
// earlier record and records that were deleted are left out, records that stand
// only inside of sessions come to them; issues must say so.
func (c *comparison) read(t *testing.T, table table) {
	t.Helper()
	entry, raw := c.objects(t, table.file, table.single)
	var records []record
	first := make(map[string]string)
	for i, content := range raw {
		pointer := ""
		if !table.single {
			pointer = "/" + strconv.Itoa(i)
		}
		r := c.translate(table.file, entry, pointer, keysOf(t, content))
		if removed := textOf(r.keys["deleted_at"]); removed != "" {
			if !c.told(spot{record: r, key: "deleted_at"}, "record_deleted") {
				c.wrong(r, "", "was deleted and is left out, and no issue says so")
			}
			continue
		}
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, content))
		if id := textOf(r.keys["id"]); id != "" {
			before, repeated := first[id]
			if repeated && before == compact.String() {
				if !c.toldAt(entry, pointer, "duplicate_record") {
					c.wrong(r, "", "is a copy, and no issue says so")
				}
				continue
			}
			if repeated && !c.told(spot{record: r, key: "id"}, "duplicate_id") {
				c.wrong(r, "id", "is there before, and no issue says so")
			}
			if !repeated {
				first[id] = compact.String()
			}
		}
		records = append(records, r)
	}
	records = append(records, c.insideSessions(t, table.file, first)...)
	if table.list != "" {
		c.place(records, table.list)
	}
	c.records[table.file] = records
}

// insideSessions are the records of a file whose only copies stand in sessions,
// of several the first that has a name.
func (c *comparison) insideSessions(t *testing.T, file string, known map[string]string) []record {
	t.Helper()
	var made []record
	entry, raw := c.objects(t, "sessions", false)
	for i, content := range raw {
		session := c.translate("sessions", entry, "/"+strconv.Itoa(i), keysOf(t, content))
		for key, of := range referred {
			copied, ok := session.keys[key].(map[string]any)
			if of != file || !ok {
				continue
			}
			id, name := textOf(copied["id"]), textOf(copied["name"])
			if _, is := known[id]; is || id == "" || name == "" {
				continue
			}
			known[id] = name
			at := session.pointer + "/" + key
			if spelled, ok := session.spelled[key]; ok {
				at = session.pointer + "/" + spelled
			}
			r := c.translate(file, entry, at, keysOf(t, encoded(t, copied)))
			r.inside = true
			if !c.toldAt(entry, at, "record_rebuilt") {
				c.wrong(r, "", "is made of a copy, and no issue says so")
			}
			made = append(made, r)
		}
	}
	return made
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// besideEvent are the social links of the file that early archives have.
func (c *comparison) besideEvent() []record {
	entry, ok := c.entryOf("social_links")
	if !ok {
		return nil
	}
	var objects []map[string]any
	if err := json.Unmarshal(c.files[entry], &objects); err != nil {
		c.problems = append(c.problems, err.Error())
	}
	records := make([]record, len(objects))
	for i, object := range objects {
		records[i] = record{file: "event", entry: entry, pointer: "/" + strconv.Itoa(i), keys: object}
	}
	return records
}

// translate gives an object its keys of dialect A, and sets aside what the
// tables do not name.
func (c *comparison) translate(file, entry, pointer string, object map[string]any) record {
	r := record{file: file, entry: entry, pointer: pointer, spelled: make(map[string]string), unknown: make(map[string]any)}
	r.keys = c.translateObject(&r, file, "", "", object, tableOf(file).fields)
	return r
}

func (c *comparison) translateObject(r *record, where, path, spelled string, object map[string]any, fields map[string]field) map[string]any {
	keys := make(map[string]any, len(object))
	for _, written := range slices.Sorted(maps.Keys(object)) {
		value := object[written]
		key := canonical(where, written)
		if _, ok := fields[key]; !ok {
			r.unknown[spelled+written] = value
			continue
		}
		if before, twice := keys[key]; twice && before != nil {
			if value != nil && fmt.Sprint(value) != fmt.Sprint(before) {
				c.wrong(*r, path+key, "stands under two names with different values")
			}
			continue
		}
		if key != written || spelled != path {
			r.spelled[path+key] = spelled + written
		}
		keys[key] = c.translateValue(r, where, path+key, spelled+written, value)
	}
	return keys
}

// translateValue goes into what stands inside of a record.
func (c *comparison) translateValue(r *record, where, path, spelled string, value any) any {
	if object, ok := value.(map[string]any); ok {
		if fields, ok := inside[r.file+"/"+path]; ok {
			return c.translateObject(r, where+"/"+path, path+"/", spelled+"/", object, fields)
		}
	}
	switch {
	case r.file == "event" && path == "social_links":
		list, _ := value.([]any)
		links := make([]any, len(list))
		for i, element := range list {
			link, _ := element.(map[string]any)
			n := strconv.Itoa(i)
			links[i] = c.translateObject(r, "social_links", path+"/"+n+"/", spelled+"/"+n+"/", link, inside["social_links"])
		}
		return links
	case r.file == "sessions" && referred[path] != "":
		return copiedKeys(referred[path], value)
	}
	return value
}

// copiedKeys gives the copies that stand in references their keys of dialect A.
func copiedKeys(file string, value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = copiedKeys(file, element)
		}
		return list
	case map[string]any:
		keys := make(map[string]any, len(v))
		for written, inner := range v {
			keys[canonical(file, written)] = inner
		}
		return keys
	}
	return value
}

func canonical(where, written string) string {
	key := strings.NewReplacer("-", "_", " ", "_").Replace(written)
	if name, ok := spellings[where][key]; ok {
		return name
	}
	return key
}

// keptAside are the tables of the database whose rows hold what the API shows.
var keptAside = map[string]string{
	"event": "event.events", "microlocations": "schedule.microlocations", "sponsors": "people.sponsors", "speakers": "people.speakers",
	"tracks": "schedule.tracks", "session_types": "schedule.session_types", "sessions": "schedule.sessions",
}

// compareUnknown holds the values that the tables do not name against those that
// the database keeps aside, and looks for the issues that name their keys.
func (c *comparison) compareUnknown(t *testing.T, db *bun.DB, importID string) {
	t.Helper()
	for file, name := range keptAside {
		var rows []struct{ ID, Unknown string }
		err := db.NewSelect().TableExpr(name).ColumnExpr("id, unknown").Where("import_id = ? AND unknown IS NOT NULL", importID).Scan(t.Context(), &rows)
		require.NoError(t, err)
		kept := make(map[string]string)
		for _, row := range rows {
			kept[row.ID] = row.Unknown
		}
		for _, r := range c.records[file] {
			got := kept[r.shown.ID]
			delete(kept, r.shown.ID)
			if len(r.unknown) == 0 && got == "" {
				continue
			}
			var want, is any
			require.NoError(t, json.Unmarshal(encoded(t, r.unknown), &want))
			if err := json.Unmarshal([]byte(got), &is); err != nil || !require.ObjectsAreEqual(want, is) {
				c.wrong(r, "", "%v is kept aside as %q", r.unknown, got)
			}
			for path := range r.unknown {
				if !r.inside && !strings.Contains(path, "/") && !slices.Contains(c.unknownKeys(r.entry), path) {
					c.wrong(r, path, "no issue says that this key is not known")
				}
			}
		}
		for id, unknown := range kept {
			c.problems = append(c.problems, fmt.Sprintf("%s keeps %s of the row %s, which is no record's", name, unknown, id))
		}
	}
}

// unknownKeys are those that issues name for a file.
func (c *comparison) unknownKeys(entry string) []string {
	var keys []string
	for _, i := range c.issues {
		if i.Code == "unknown_key" && i.File == entry {
			keys = append(keys, i.Value)
		}
	}
	return keys
}

// unmarked are the names of entries that are UTF-8 without saying so.
func unmarked(t *testing.T, archive []byte) map[string]bool {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	names := make(map[string]bool)
	for _, f := range z.File {
		ascii := !strings.ContainsFunc(f.Name, func(r rune) bool { return r >= utf8.RuneSelf })
		if f.NonUTF8 && !ascii && utf8.ValidString(f.Name) {
			names[f.Name] = true
		}
	}
	return names
}
