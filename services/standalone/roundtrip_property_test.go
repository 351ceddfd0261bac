package standalone_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// The media of generated archives: those that are in them, and paths that records name.
var (
	generatedFiles = map[string]string{
		"images/logo.png": "\x89PNG\r\n\x1a\nlogo", "images/speakers/Zoë_1.jpg": "\xff\xd8\xffzoe", "slides/session_1.pdf": "%PDF-1.7\n",
		"audios/session_2.mp3": "ID3audio", "videos/noextension": "\x00\x00\x00\x18ftypmp42", "images/a b.SVG": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
	}
	generatedPaths = []string{
		"/images/logo.png", "images/logo.png", "/images/speakers/Zoe\u0308_1.jpg", "/slides/session_1.pdf", "/audios/session_2.mp3",
		"/videos/noextension", "/images/a b.SVG", "/images/gone.png", "/images/speakers/_1.png", "/images/speakers/Ada_2.jpg", "/slides/session_3.pdf", "/../event",
		"https://media.lakeside.example/a%20b.png?x=1&y=2", "//media.lakeside.example/a.png", "ftp://x", "https://", "event",
	}
)

var (
	oddTexts = []string{
		"Ada Quill", " leading and trailing ", "\t\r\n", "null", "0", "-", "a\x00b", "\\", `"quoted"`, "'", "<b>bold</b>", "a & b < c", "&amp;&lt;",
		"\u2028\u2029", "\ufeffbom", "Zoe\u0308", "Zoë", "العربية", "会議", "👩‍💻", "\u202eright", "a\tb\nc\r\nd", "=1+1", "https://lakeside.example/x", "ada@lakeside.example",
	}
	oddHTML = []string{
		"<p>Knots &amp; ropes</p>", "<a href='javascript:alert(1)'>x</a>", `<a href="https://lakeside.example/?a=1&b=2">x</a>`, "<b>never closed", "a < b > c", "&lt;b&gt;",
		"<script>alert(1)</script>after", `<p style="text-align:center;color:red" onclick=x>styled</p>`, "<ul><li>one<li>two</ul>", "<!-- note -->text", "<p><p>", "</p>", "<br/>a<br>b",
		"https://lakeside.example ada@lakeside.example", "plain\ntext", "<table><tr><td>cell", "<i><b>crossed</i></b>", "&nbsp;&copy;&#x1F600;", "<h1>no heading</h1>", "<p>\u00a0</p>",
	}
	oddTimes = []string{
		"2031-05-02T10:00:00", "2031-10-26T02:30:00", "2031-10-26T02:30:00+01:00", "2031-10-26T02:30:00+02:00", "2031-03-30T02:30:00", "2031-05-02 10:00:00", "2031-05-02T10:00",
		"2031-05-02T10:00:00.123456+08:00", "2031-05-02T10:00:00.9", "2031-05-02T24:00:00", "0001-01-02T00:00:00", "9999-12-30T23:59:59Z", "1890-06-01T12:00:00", "1971-06-01T12:00:00",
		"2031-05-02", "never", "2031-05-02T10:00:00-03:30", "2031-11-02T01:30:00", "2031-11-02T01:30:00-05:00",
	}
	oddZones   = []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Monrovia", "Pacific/Apia", "UTC", "US / Pacific", "Asia/Vietnum", "utc+07:00", "Lord Howe", "Australia/Lord_Howe", ""}
	oddColors  = []string{"#fff", "#A0B1C2", "red", "fff", "rgb(1, 2, 3)", "hsl(120 50% 50% / 0.5)", "no colour", "#12345678", "TRANSPARENT"}
	oddLengths = []string{"00:30", "0:30", "30", "01.00", "1.3", "90 min", "1h30", "PT1H30M", "a while", " 45 "}
	oddURLs    = []string{"https://lakeside.example/a?b=c#d", "HTTP://LAKESIDE.EXAMPLE", "lakeside.example", "www.lakeside.example/x y", "//lakeside.example/x", "mailto:ada@lakeside.example", "https://a.example https://b.example", "ftp://lakeside.example/f"}
	oddEmails  = []string{"ada@lakeside.example", " ada@lakeside.example ", "ada", "ada@exämple.example", "a@b"}
	oddNumbers = []any{0, 1, -7, 3.5, 1e300, -0.000001, 51.123456789012345, "12", "1,5", "+3", "x", 9007199254740993, json.RawMessage("1e400"), "1e2"}
	oddWords   = []string{"draft", "Published", "COMPLETED", "accepted", "Rejected", "confirmed", "pending", "odd one", "public", "Private", "English", "german", "de", "Klingon", "Science & Technology", "Conference", "high tech"}
)

// generated makes archives of whatever the format knows, by its own table of fields, and of
// what it does not.
type generated struct{ *rapid.T }

func (g generated) pick(label string, from []string) string {
	return rapid.SampledFrom(from).Draw(g.T, label)
}

func (g generated) chance(label string, of int) bool {
	return rapid.IntRange(1, of).Draw(g.T, label) == 1
}

// value is one for a field of a kind, mostly a good one.
func (g generated) value(f openevent.Field) any {
	switch f.Kind {
	case openevent.KindText:
		if g.chance("number", 8) {
			return rapid.IntRange(-3, 12).Draw(g.T, f.Name)
		}
		return g.text(f.Name)
	case openevent.KindHTML:
		return rapid.OneOf(rapid.SampledFrom(oddHTML), rapid.SampledFrom(oddTexts), rapid.String(),
			rapid.Map(rapid.SliceOfN(rapid.SampledFrom(oddHTML), 2, 3), func(parts []string) string { return fmt.Sprint(parts) })).Draw(g.T, f.Name)
	case openevent.KindURL:
		return g.pick(f.Name, oddURLs)
	case openevent.KindEmail:
		return g.pick(f.Name, oddEmails)
	case openevent.KindEnum, openevent.KindState, openevent.KindEventState, openevent.KindPrivacy, openevent.KindLanguage:
		return g.pick(f.Name, oddWords)
	case openevent.KindUpload:
		return g.pick(f.Name, generatedPaths)
	case openevent.KindColor:
		return g.pick(f.Name, oddColors)
	case openevent.KindZone:
		return g.pick(f.Name, oddZones)
	case openevent.KindLength:
		return g.pick(f.Name, oddLengths)
	case openevent.KindIdentifier:
		return rapid.StringMatching(`[a-z]{2}[0-9a-f]{8}`).Draw(g.T, f.Name)
	case openevent.KindNumber, openevent.KindInteger:
		return rapid.SampledFrom(oddNumbers).Draw(g.T, f.Name)
	case openevent.KindBoolean:
		return rapid.SampledFrom([]any{true, false, "true", 0, "", "perhaps"}).Draw(g.T, f.Name)
	case openevent.KindTime:
		return g.pick(f.Name, oddTimes)
	case openevent.KindRef:
		return rapid.SampledFrom([]any{1, "2", 3, 9, map[string]any{"id": 1, "name": "x"}, map[string]any{}, []any{2}}).Draw(g.T, f.Name)
	case openevent.KindRefs:
		return rapid.SampledFrom([]any{[]any{1, 2}, []any{map[string]any{"id": "2"}, map[string]any{"id": 1}, 2}, []any{3, 9}, []any{}, 1}).Draw(g.T, f.Name)
	case openevent.KindObject:
		return g.object(f.Fields)
	case openevent.KindList:
		var list []any
		for range rapid.IntRange(0, 3).Draw(g.T, f.Name) {
			list = append(list, g.object(f.Fields))
		}
		return list
	case openevent.KindForm:
		form := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(g.T, f.Name) {
			flags := map[string]any{"require": rapid.IntRange(0, 1).Draw(g.T, "require"), "include": rapid.IntRange(0, 1).Draw(g.T, "include")}
			if g.chance("more flags", 3) {
				flags["help"] = g.text("help")
			}
			form[g.pick("form field", []string{"title", "short_abstract", "name", "email", "organisation", "a-b", "", "x/y~z"})] = flags
		}
		text, err := json.Marshal(form)
		require.NoError(g.T, err)
		return string(text)
	}
	return nil
}

func (g generated) text(label string) string {
	return rapid.OneOf(rapid.SampledFrom(oddTexts), rapid.String(), rapid.StringMatching(`[A-Za-zÀ-ž ]{1,20}`)).Draw(g.T, label)
}

// object is a record with some of its fields, and perhaps keys that nobody knows.
func (g generated) object(fields []openevent.Field) map[string]any {
	object := make(map[string]any)
	for _, f := range fields {
		switch {
		case f.Kind == openevent.KindBack || f.Kind == openevent.KindDeleted || f.Kind == openevent.KindDropped:
		case f.Required:
			object[f.Name] = g.value(f)
		case g.chance("null", 12):
			object[f.Name] = nil
		case g.chance("none", 4):
		default:
			object[f.Name] = g.value(f)
		}
	}
	if g.chance("unknown", 4) {
		object[g.pick("unknown key", []string{"mood", "x/y~z", "Köln", "", "a.b", "very unknown"})] =
			rapid.SampledFrom([]any{nil, 1.5, "text", []any{1, map[string]any{"b": 2, "a": "\x00"}}, map[string]any{}, "1e999"}).Draw(g.T, "unknown value")
	}
	return object
}

// list is a file of records, whose ids are numbers and texts, and may repeat or be missing.
func (g generated) list(t contracts.EntityType) []any {
	list := []any{}
	for n := range rapid.IntRange(0, 4).Draw(g.T, string(t)) {
		object := g.object(openevent.Fields(t))
		object["id"] = rapid.SampledFrom([]any{n + 1, strconv.Itoa(n + 1), n + 1, n + 1, 1, nil, "b" + strconv.Itoa(n)}).Draw(g.T, "id")
		list = append(list, object)
	}
	return list
}

func (g generated) archive() map[string]string {
	event := g.object(openevent.Fields(contracts.Events))
	event["id"], event["name"] = 1, rapid.OneOf(rapid.Just("Lantern Days"), rapid.StringMatching(`[A-Za-zÀ-ž<>&"\\ ]{1,30}x`)).Draw(g.T, "event name")
	event["start_time"], event["end_time"] = "2031-05-02T09:00:00", g.pick("end", []string{"2031-05-03T18:00:00", "2031-10-26T02:30:00+01:00"})
	files := make(map[string]string)
	write := func(name string, content any) {
		text, err := json.Marshal(content)
		require.NoError(g.T, err)
		files[name] = string(text)
	}
	write("event", event)
	for _, t := range []contracts.EntityType{
		contracts.CustomForms, contracts.Microlocations, contracts.Sponsors, contracts.Speakers, contracts.Tracks, contracts.SessionTypes, contracts.Sessions,
	} {
		name := strings.ReplaceAll(string(t), "-", "_")
		if t == contracts.CustomForms {
			name = "forms"
		}
		write(name, g.list(t))
	}
	maps.Copy(files, generatedFiles)
	return files
}

func TestAnyEventComesBackFromItsExportAsItWas(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	rapid.Check(t, func(rt *rapid.T) {
		archive := zipped(t, generated{rt}.archive())
		dialect := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "dialect")
		if problem := c.roundTrip(t, archive, "mode=lenient", dialect); problem != "" {
			rt.Fatal(problem)
		}
	})
}
