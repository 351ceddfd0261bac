package standalone_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// otherNames are the keys of the other dialects, in snake case, that are other
// words than in dialect A, by object.
var otherNames = map[string]map[string]string{
	"event": {
		"starts_at": "start_time", "ends_at": "end_time", "logo_url": "logo", "original_image_url": "background_image", "background_url": "background_image",
		"large_image_url": "large", "thumbnail_image_url": "thumbnail", "icon_image_url": "icon", "external_event_url": "event_url",
		"event_type": "type", "event_topic": "topic", "event_copyright": "copyright", "speakers_call": "call_for_papers",
		"is_sessions_speakers_enabled": "has_session_speakers",
	},
	"event/copyright":       {"logo_url": "logo"},
	"event/call_for_papers": {"starts_at": "start_date", "ends_at": "end_date"},
	"sponsors":              {"logo_url": "logo", "type": "sponsor_type"},
	"speakers":              speakerNames,
	"sessions/speakers":     speakerNames,
	"sessions": {
		"name": "title", "starts_at": "start_time", "ends_at": "end_time", "slides_url": "slides", "audio_url": "audio", "video_url": "video",
	},
}

var speakerNames = map[string]string{
	"photo_url": "photo", "thumbnail_image_url": "thumbnail", "small_image_url": "small", "icon_image_url": "icon", "is_featured": "featured",
}

// otherFiles are the names that files had in the first months.
var otherFiles = map[string]string{"forms": "custom_forms"}

var hyphensAndBlanks = strings.NewReplacer("-", "_", " ", "_")

// entry finds a data file under any of its names.
func (c *comparison) entry(file string) (name string, there bool) {
	for _, name := range []string{file, file + ".json", otherFiles[file] + ".json"} {
		if _, ok := c.files[name]; ok {
			return name, true
		}
	}
	return file, false
}

// snake writes an object in dialect A. Spelled tells by the new path of each key
// under which path it stands in the archive.
func (c *comparison) snake(object, path, as string, keys map[string]any, spelled map[string]string) map[string]any {
	written := make(map[string]any, len(keys))
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		value := keys[key]
		name := hyphensAndBlanks.Replace(strings.ToLower(key))
		if other, ok := otherNames[object][name]; ok {
			name = other
		}
		if before, twice := written[name]; twice && !reflect.DeepEqual(before, value) {
			c.problems = append(c.problems, fmt.Sprintf("%s has the key %s under two names, with two values", object, name))
		}
		spelled[path+name] = as + key
		switch v := value.(type) {
		case map[string]any:
			value = c.snake(object+"/"+name, path+name+"/", as+key+"/", v, spelled)
		case []any:
			list := slices.Clone(v)
			for i, element := range list {
				if inner, ok := element.(map[string]any); ok {
					at := "/" + strconv.Itoa(i) + "/"
					list[i] = c.snake(object+"/"+name, path+name+at, as+key+at, inner, spelled)
				}
			}
			value = list
		}
		written[name] = value
	}
	return written
}

// betweenRecords is where a comma is missing.
var betweenRecords = regexp.MustCompile(`\}(\s*)\{`)

// decode reads JSON, in which commas between the records may be missing where
// an issue says so.
func (c *comparison) decode(entry string, into any) error {
	decode := func(content []byte) error {
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.UseNumber()
		return decoder.Decode(into)
	}
	err := decode(c.files[entry])
	if err != nil && slices.ContainsFunc(c.issues, func(i contracts.Issue) bool { return i.File == entry && i.Code == "json_syntax" }) {
		return decode(betweenRecords.ReplaceAll(c.files[entry], []byte("},$1{")))
	}
	return err
}

// tells is whether an issue of a code stands at exactly this place of a file.
func (c *comparison) tells(r record, code, pointer string) bool {
	return slices.ContainsFunc(c.issues, func(i contracts.Issue) bool {
		return i.File == r.entry && i.Code == code && i.Pointer == r.pointer+pointer
	})
}

// left are the records that must be imported: no copies, nothing deleted.
func (c *comparison) left(records []record) []record {
	var left []record
	first := make(map[string]map[string]any)
	for _, r := range records {
		id := textOf(r.keys["id"])
		if deleted := textOf(r.keys["deleted_at"]); deleted != "" {
			if !c.tells(r, "record_deleted", "/"+r.spelled["deleted_at"]) {
				c.wrong(r, "", "was deleted, and no issue says so")
			}
			continue
		}
		if before, ok := first[id]; ok && id != "" {
			if reflect.DeepEqual(before, r.keys) {
				if !c.tells(r, "duplicate_record", "/"+r.spelled["id"]) {
					c.wrong(r, "", "is a copy, and no issue says so")
				}
				continue
			}
			if !c.tells(r, "duplicate_id", "/"+r.spelled["id"]) {
				c.wrong(r, "", "has the id of another record, and no issue says so")
			}
		} else {
			first[id] = r.keys
		}
		left = append(left, r)
	}
	return left
}

// rebuild adds the records that stand only inside of sessions, each once.
func (c *comparison) rebuild(file, key string) {
	known := make(map[string]bool)
	for _, r := range c.records[file] {
		known[textOf(r.keys["id"])] = true
	}
	for _, session := range c.records["sessions"] {
		inside, _ := session.keys[key].(map[string]any)
		id := textOf(inside["id"])
		if id == "" || known[id] || textOf(inside["name"]) == "" {
			continue
		}
		known[id] = true
		r := record{file: file, entry: session.entry, pointer: session.pointer + "/" + session.spelled[key], keys: inside, spelled: make(map[string]string), rebuilt: true}
		for path, as := range session.spelled {
			if inner, ok := strings.CutPrefix(path, key+"/"); ok {
				r.spelled[inner] = strings.TrimPrefix(as, session.spelled[key]+"/")
			}
		}
		if !c.tells(r, "record_rebuilt", "") {
			c.wrong(r, "", "stands only inside of a session, and no issue says that it is made from there")
		}
		c.records[file] = append(c.records[file], r)
	}
}

// wanted is the rule of a field that ought to be there.
func wanted(inner rule) rule {
	return func(c *comparison, at spot) string {
		if strings.TrimSpace(textOf(at.source)) == "" && !at.record.rebuilt && !c.told(at, "field_missing") {
			return "is missing, and no issue says so"
		}
		return inner(c, at)
	}
}

// unknown tells whether a key that the tables do not name was said to be unknown.
func (c *comparison) unknown(r record, path string) bool {
	return slices.ContainsFunc(c.issues, func(i contracts.Issue) bool {
		return i.File == r.entry && i.Code == "unknown_key" && i.Value == r.as(path)
	})
}

// as is a path as the archive spells it.
func (r record) as(path string) string {
	if spelled, ok := r.spelled[path]; ok {
		return spelled
	}
	return path
}
