package hostile

import (
	"fmt"
	"slices"
	"strings"
)

// Records are archives whose JSON is hostile.
func Records() []Case {
	const mib = 1 << 20
	of := func(name, file, content string, failed string, issues ...string) Case {
		return Case{Name: name, File: func() []byte { return archive(entry{name: file, content: []byte(content), stored: true}) }, Failed: failed, Issues: issues}
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	session := func(more string) string {
		return `[{"id": 1, "title": "Knots", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T11:00:00"` + more + `}]`
	}
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":%d`, i, i)
		}
		return b.String()
	}
	return slices.Concat([]Case{
		of("json: lists in lists, a million deep", "sessions", strings.Repeat("[", 1_000_000), badArchive, "json_too_deep"),
		of("json: objects in objects, a million deep", "sessions", session(`,"x":`+strings.Repeat(`{"x":`, 1_000_000)), badArchive, "json_too_deep"),
		of("json: a record of 17 MiB", "sessions", session(`,"short_abstract":"`+long(17*mib)+`"`), badArchive, "record_too_large"),
		of("json: a text of 15 MiB", "sessions", session(`,"short_abstract":"`+long(15*mib)+`"`), ""),
		of("json: a text of 15 MiB of markup", "sessions", session(`,"short_abstract":"`+strings.Repeat("<b>", 5*mib-10)+`"`), ""),
		of("json: a million keys", "sessions", session(keys(1_000_000)), badArchive, "record_too_large"),
		of("json: nearly a hundred thousand keys", "sessions", session(keys(99_000)), "", "unknown_key"),
		of("json: a key a million times", "sessions", session(strings.Repeat(`,"title":"x"`, 1_000_000)), badArchive, "record_too_large"),
		of("json: a key of 15 MiB", "sessions", session(`,"`+long(15*mib)+`":1`), "", "unknown_key"),
		of("json: a list that never ends", "sessions", session("")[:50], badArchive, "json_syntax"),
		of("json: twenty thousand records of nothing", "sessions", "["+strings.Repeat("{},", 20_000)+"{}]", "", "field_missing"),
		of("json: a million numbers in the place of records", "sessions", "["+strings.Repeat("1,", 1_000_000)+"1]", badArchive, "record_not_object"),
		of("json: a hundred thousand references", "sessions", session(`,"speakers":[`+strings.TrimSuffix(strings.Repeat(`7,`, 99_000), ",")+`]`), "", "dangling_reference", "duplicate_reference"),

		of("json: NUL in texts", "sessions", session(`,"short_abstract":"a\u0000b","x\u0000y":"\u0000"`), "", "nul_removed", "unknown_key"),
		of("json: NUL in the name of the event", "event", strings.Replace(event(""), "Harbour", `Har\u0000bour`, 1), "", "nul_removed"),
		of("json: nothing but NUL", "sessions", strings.Repeat("\x00", mib), badArchive, "json_syntax"),
		of("json: bytes that are no UTF-8", "sessions", session(`,"short_abstract":"a`+"\xff\xfe\x80"+`b"`), "", "invalid_utf8"),
		of("json: halves of surrogate pairs", "sessions", session(`,"short_abstract":"\ud800 \udfff","u":"\ud800"`), "", "invalid_utf8", "unknown_key"),
		of("json: huge numbers", "event", event(`"latitude": 1e999999, "longitude": -`+strings.Repeat("9", 5000)+`, "unknown": 1e999999`), "", "invalid_number", "unknown_key"),
		of("json: a number of ten million digits", "sessions", session(`,"unknown":`+strings.Repeat("9", 10*mib)), "", "unknown_key"),
		of("json: ids that no integer holds", "tracks", `[{"id": 1e400, "name": "a", "color": "red"}, {"id": 99999999999999999999999999, "name": "b", "color": "red"}]`, ""),

		of("json: an event of null", "event", "null", badArchive, "json_syntax"),
		of("json: an event of a text", "event", `"Harbour Fair"`, badArchive, "json_syntax"),
		of("json: an empty event", "event", "", badArchive, "json_syntax"),
		of("json: code of JavaScript", "event", `function(){while(1);}()`, badArchive, "json_syntax"),
		of("json: a text with markup that runs", "sessions", session(`,"title":"<img src=x onerror=alert(1)>","short_abstract":"<script>alert(1)</script><svg onload=alert(1)>"`), "", "duplicate_key"),
		of("json: pieces of SQL", "sessions", session(`,"subtitle":"'); DROP TABLE schedule.sessions; --","'; DROP TABLE x":1`), "", "unknown_key"),
	}, longValues())
}

// longValues are archives with a field that is as long as a record can be. What
// each field becomes part of, such as a message, an index or a mail, has a bound
// of its own.
func longValues() []Case {
	x := strings.Repeat("x", 2<<20) // more than the broker takes in a message
	of := func(name, file, content string, issues ...string) Case {
		return Case{Name: "long: " + name, File: func() []byte { return archive(entry{name: file, content: []byte(content), stored: true}) }, Issues: issues}
	}
	named := strings.Replace(event(""), "Harbour", x, 1)
	return []Case{
		of("the name of the event", "event", named),
		of("the identifier", "event", event(`"identifier": "`+x+`"`), "invalid_identifier"),
		of("the zone", "event", strings.Replace(event(""), "Europe/Oslo", x, 1), "unknown_timezone"),
		of("an address of mail", "event", event(`"email": "`+x+`@fair.example"`)),
		of("an address of the web", "event", event(`"event_url": "https://fair.example/`+x+`"`)),
		of("the path of a picture", "event", event(`"logo": "/`+x+`.png"`), "media_missing"),
		of("the name of a speaker", "speakers", `[{"id": 1, "name": "`+x+`"}]`),
		of("the id of a speaker", "speakers", `[{"id": "`+x+`", "name": "Ada"}]`, "id_missing", "wrong_type"),
		of("the colour of a track", "tracks", `[{"id": 1, "name": "a", "color": "`+x+`"}]`, "invalid_color"),
		of("the length of a type", "session_types", `[{"id": 1, "name": "a", "length": "`+x+`"}]`, "invalid_length"),
		of("a key that stands twice", "tracks", `[{"id": 1, "name": "a", "color": "red", "`+x+`": 1, "`+x+`": 2}]`, "duplicate_key", "unknown_key"),
		{Name: "long: thousands of ids that JSON writes long", File: func() []byte {
			var ids []string
			for i := range 4000 {
				ids = append(ids, fmt.Sprintf(`{"id": "%s%04d", "name": "a"}`, strings.Repeat("<", 196), i))
			}
			return archive(text("speakers", "["+strings.Join(ids, ",")+"]"))
		}},
		of("a time", "sessions", `[{"id": 1, "title": "a", "start_time": "`+x+`"}]`, "field_missing", "invalid_time"),
		of("the state of a session", "sessions", `[{"id": 1, "title": "a", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T11:00:00", "state": "`+x+`"}]`, "unknown_value"),
	}
}
