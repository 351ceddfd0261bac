package openevent_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func TestRecordsKnowWhereTheyStand(t *testing.T) {
	t.Parallel()
	a := open(t, item{"tracks", "\ufeff[\n  {\"id\": \"a/1\",\n   \"name\": \"Boats\", \"color\": \"red\"},\n\n  {\"name\": \"Öl\", \"color\": 3, \"id\": 2}, {\"id\": 3, \"color\":\n     \"nope\"}\n]\n"})
	records, issues := readAll(t, a, openevent.Tracks)
	require.Len(t, records, 3)
	for i, want := range []struct {
		id, pointer  string
		line, column int
	}{{"a/1", "/0", 2, 3}, {"2", "/1", 5, 3}, {"3", "/2", 5, 41}} {
		r := records[i]
		require.Equal(t, want.id, r.ID)
		require.Equal(t, i, r.Index)
		require.Equal(t, "tracks", r.File)
		require.Equal(t, want.pointer, r.Pointer)
		require.Equal(t, []int{want.line, want.column}, []int{r.Line, r.Column})
	}
	require.Equal(t, "2", records[2].Origin())
	require.Equal(t, "Öl", records[1].Value.Name)

	one, two := 1, 2
	require.Equal(t, []contracts.Issue{
		{
			Severity: contracts.Warning, Code: openevent.CodeInvalidColor, File: "tracks", Pointer: "/1/color", Line: 5, Column: 28,
			SourceID: "2", RecordIndex: &one, Message: "'color' is not a colour", Value: "3", Hint: "Write it as #RRGGBB",
		},
		{
			Severity: contracts.Error, Code: openevent.CodeRequiredFieldMissing, File: "tracks", Pointer: "/2/name", Line: 5, Column: 41,
			SourceID: "3", RecordIndex: &two, Message: "Required field 'name' is missing",
		},
		{
			Severity: contracts.Warning, Code: openevent.CodeInvalidColor, File: "tracks", Pointer: "/2/color", Line: 6, Column: 6,
			SourceID: "3", RecordIndex: &two, Message: "'color' is not a colour", Value: "nope", Hint: "Write it as #RRGGBB",
		},
	}, issues)
}

func TestIssuesOfRecordsAreLocatedAtTheValue(t *testing.T) {
	t.Parallel()
	a := open(t, item{"event", "{\n \"name\": \"X\",\n \"copyright\": {\n  \"year\": 2031}}"})
	records, _ := readAll(t, a, openevent.Events)
	require.Len(t, records, 1)
	for field, want := range map[string]contracts.Issue{
		"":               {Pointer: "", Line: 1, Column: 1},
		"name":           {Pointer: "/name", Line: 2, Column: 10},
		"copyright/year": {Pointer: "/copyright/year", Line: 3, Column: 15},
		"email":          {Pointer: "/email", Line: 1, Column: 1},
	} {
		got := records[0].Issue(contracts.Info, "code", field, "message")
		require.Equal(t, []any{want.Pointer, want.Line, want.Column}, []any{got.Pointer, got.Line, got.Column}, field)
		require.Equal(t, contracts.Info, got.Severity)
		require.Equal(t, 0, *got.RecordIndex)
	}
}

func TestTheLastOfTwoEqualKeysHolds(t *testing.T) {
	t.Parallel()
	a := open(t, item{"event", strings.Replace(smallEvent, `"name"`, `"start_time":"bad","latitude":4,"latitude":null,"social_links":[{"name":"A"}],"social_links":[{"name":"B"}],"name"`, 1)})
	records, issues := readAll(t, a, openevent.Events)
	require.Len(t, records, 1)
	require.Nil(t, records[0].Value.Latitude)
	require.Equal(t, []openevent.SocialLink{{Name: "B"}}, records[0].Value.SocialLinks)
	require.Equal(t, "2031-05-02T09:00:00", records[0].Value.StartTime.String())
	require.Equal(t, []string{openevent.CodeDuplicateKey, openevent.CodeDuplicateKey, openevent.CodeDuplicateKey}, codes(issues))
	require.Equal(t, "/latitude", issues[0].Pointer)
	require.Equal(t, 41, issues[0].Column)
}

func TestUnknownKeysAreKept(t *testing.T) {
	t.Parallel()
	a := open(t, item{"event", strings.Replace(smallEvent, `"name"`, `"mood":{"a":[1, 2]},"x":1,"x":"\u0041","creator":{"email":"a@b.example"},"copyright":{"note":"n"},"social_links":[{"icon":"i"}],"name"`, 1)})
	records, issues := readAll(t, a, openevent.Events)
	require.Equal(t, []string{openevent.CodeDuplicateKey}, codes(issues))
	require.Equal(t, "/x", issues[0].Pointer)
	got := map[string]string{}
	for key, raw := range records[0].Extra {
		got[key] = string(raw)
	}
	require.Equal(t, map[string]string{"mood": `{"a":[1, 2]}`, "x": `"\u0041"`, "copyright/note": `"n"`, "social_links/0/icon": `"i"`}, got)
}

func TestBrokenJSONIsLocated(t *testing.T) {
	t.Parallel()
	const good, other = `{"id":1,"name":"Boats","color":"#fff"}`, `{"id":2,"name":"Boats","color":"#fff"}`
	for name, c := range map[string]struct {
		content      string
		code         string
		line, column int
		records      int
	}{
		"empty file":              {"", openevent.CodeJSONSyntax, 1, 1, 0},
		"blanks":                  {"\n\n ", openevent.CodeJSONSyntax, 3, 2, 0},
		"no JSON":                 {"\n<html>", openevent.CodeJSONSyntax, 2, 1, 0},
		"an object":               {"{}", openevent.CodeJSONRoot, 1, 1, 0},
		"list not ended":          {"[" + good + "\n", openevent.CodeJSONSyntax, 2, 1, 1},
		"comma missing":           {"[\n" + good + "\n " + other + "]", openevent.CodeJSONSyntax, 3, 2, 2},
		"record missing":          {"[" + good + ",\n," + other + "]", openevent.CodeJSONSyntax, 2, 1, 2},
		"comma first":             {"[," + good + "]", openevent.CodeJSONSyntax, 1, 2, 1},
		"bytes behind":            {"[" + good + "]\n]", openevent.CodeJSONSyntax, 2, 1, 1},
		"comma missing inside":    {"[" + good + ",\n{\"id\":1\n \"name\":2}]", openevent.CodeJSONSyntax, 3, 2, 1},
		"nothing but a comma":     {"[{,}]", openevent.CodeJSONSyntax, 1, 3, 0},
		"colon missing":           {"[{\"id\" 1}]", openevent.CodeJSONSyntax, 1, 8, 0},
		"value missing":           {"[{\"id\":}]", openevent.CodeJSONSyntax, 1, 8, 0},
		"no such word":            {"[{\"id\":nul}]", openevent.CodeJSONSyntax, 1, 8, 0},
		"number with a zero":      {"[{\"id\":01}]", openevent.CodeJSONSyntax, 1, 8, 0},
		"wrong bracket":           {"[{\"id\":[1}]", openevent.CodeJSONSyntax, 1, 10, 0},
		"wrong escape":            {"[{\"id\":\"\\x\"}]", openevent.CodeJSONSyntax, 1, 10, 0},
		"cut escape":              {"[{\"id\":\"\\u12\"}]", openevent.CodeJSONSyntax, 1, 11, 0},
		"quote missing":           {"[{\"id\":\"a},\n{\"id\":\"b\"}]", openevent.CodeJSONSyntax, 2, 3, 0},
		"file ends in a text":     {"[{\"id\":\"abc", openevent.CodeJSONSyntax, 1, 12, 0},
		"file ends in an object":  {"[{\"id\":1", openevent.CodeJSONSyntax, 1, 9, 0},
		"control before that end": {"[{\"id\":\"a\tb", openevent.CodeJSONSyntax, 1, 12, 0},
		"number with a tail":      {"[6@d]", openevent.CodeJSONSyntax, 1, 3, 0},
		"broken inside unknown":   {"[{\"mood\":[1,,2]}]", openevent.CodeJSONSyntax, 1, 13, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, item{"tracks", c.content})
			records, issues := readAll(t, a, openevent.Tracks)
			require.Len(t, records, c.records)
			require.Equal(t, []string{c.code}, codes(issues), "%v", issues)
			require.Equal(t, contracts.Error, issues[0].Severity)
			require.Equal(t, "tracks", issues[0].File)
			require.Equal(t, []int{c.line, c.column}, []int{issues[0].Line, issues[0].Column}, issues[0].Message)
		})
	}
}

func TestWhatIsNoObjectIsAnIssueAndReadOver(t *testing.T) {
	t.Parallel()
	a := open(t, item{"tracks", `[1, "two", null, [3], {"id":5,"name":"Boats","color":"red"}]`})
	records, issues := readAll(t, a, openevent.Tracks)
	require.Len(t, records, 1)
	require.Equal(t, 4, records[0].Index)
	require.Len(t, issues, 4)
	for i, issue := range issues {
		require.Equal(t, openevent.CodeRecordNotObject, issue.Code)
		require.Equal(t, i, *issue.RecordIndex)
	}
	require.Equal(t, `"two"`, issues[1].Value)
}

func TestMissingFiles(t *testing.T) {
	t.Parallel()
	a := open(t, item{"folder/inside/event", smallEvent})
	_, issues := readAll(t, a, openevent.Events)
	require.Equal(t, []string{openevent.CodeFileMissing}, codes(issues))
	require.Equal(t, contracts.Error, issues[0].Severity)
	_, issues = readAll(t, a, openevent.Tracks)
	require.Equal(t, []string{openevent.CodeFileMissing}, codes(issues))
	require.Equal(t, contracts.Warning, issues[0].Severity)
}

func TestRecordsHoldTheirLimits(t *testing.T) {
	t.Parallel()
	record := `{"id":1,"name":"` + strings.Repeat("x", 300) + `","color":"red"}`
	limits := openevent.Limits{Record: len(record)}
	records, issues := readAll(t, openWithin(t, limits, item{"tracks", "[" + record + "," + strings.Replace(record, "1", "2", 1) + "]"}), openevent.Tracks)
	require.Len(t, records, 2)
	require.Empty(t, issues)
	limits.Record--
	records, issues = readAll(t, openWithin(t, limits, item{"tracks", "[\n" + record + "]"}), openevent.Tracks)
	require.Empty(t, records)
	require.Equal(t, []string{openevent.CodeRecordTooLarge}, codes(issues))
	require.Equal(t, 2, issues[0].Line)

	deep := func(n int) string {
		return `[{"id":1,"name":"x","color":"red","mood":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}]`
	}
	records, issues = readAll(t, open(t, item{"tracks", deep(62)}), openevent.Tracks)
	require.Len(t, records, 1)
	require.Empty(t, issues)
	records, issues = readAll(t, open(t, item{"tracks", deep(63)}), openevent.Tracks)
	require.Empty(t, records)
	require.Equal(t, []string{openevent.CodeJSONTooDeep}, codes(issues))
	_, issues = readAll(t, open(t, item{"tracks", strings.Repeat("[", 1<<20)}), openevent.Tracks)
	require.Equal(t, []string{openevent.CodeJSONTooDeep}, codes(issues))
}

func TestAHugeRecordIsPassedOver(t *testing.T) {
	t.Parallel()
	limits := openevent.Limits{Record: 1 << 20, Ratio: 100_000}
	for name, huge := range map[string]string{
		"a long text":        strings.Repeat("x", 8<<20),
		"quotes":             strings.Repeat(`\"`, 4<<20),
		"backslashes":        strings.Repeat(`\\`, 4<<20),
		"one more character": "x" + strings.Repeat(`\\`, 4<<20) + `\"}`,
	} {
		a := openWithin(t, limits, item{"tracks", `[{"name":"` + huge + `"},` + "\n" + `{"id":2,"name":"Boats","color":"red"}]`})
		records, issues := readAll(t, a, openevent.Tracks)
		require.Equal(t, []string{openevent.CodeRecordTooLarge}, codes(issues), name)
		require.Len(t, records, 1, name)
		require.Equal(t, []any{"2", 1, 2, 1}, []any{records[0].ID, records[0].Index, records[0].Line, records[0].Column}, name)
	}
}

func TestRecordsMayBeLeftAndReadAgain(t *testing.T) {
	t.Parallel()
	a, _ := largeArchive(t, 100, sessionJSON)
	seq := openevent.Records(a, openevent.Sessions, nil)
	for range 2 {
		n := 0
		for r, err := range seq {
			require.NoError(t, err)
			require.Equal(t, n, r.Index)
			if n++; n == 3 {
				break
			}
		}
		require.Equal(t, 3, n)
	}
}

// It is not parallel: it looks at the memory of the whole process.
func TestAnArchiveOfAnySizeIsReadInBoundedMemory(t *testing.T) {
	const sessions = 200_000
	a, size := largeArchive(t, sessions, func(id int) string {
		return fmt.Sprintf(`{"id":%d,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00","track":{"id":1},"speakers":[{"id":7}],"short_abstract":"%s"}`, id, strings.Repeat("<p>How ropes are made.</p>", 8))
	})
	require.Greater(t, size, int64(64<<20))
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, peak := 0, uint64(0)
	for _, err := range openevent.Records(a, openevent.Sessions, nil) {
		require.NoError(t, err)
		if n++; n%20_000 == 0 {
			runtime.GC() // what is kept counts, not when it is collected
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}
	require.Equal(t, sessions, n)
	// What remains of each record is a place in the table of ids.
	require.Less(t, peak, before.HeapAlloc+16<<20+sessions*64)
}
