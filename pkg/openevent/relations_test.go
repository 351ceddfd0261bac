package openevent_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// session is one of small's, with other members.
func session(id int, members string) string {
	return fmt.Sprintf(`{"id":%d,"title":"Knots %d","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00",%s}`, id, id, members)
}

func TestRecordsThatOnlySessionsHoldAreMadeOnceEach(t *testing.T) {
	t.Parallel()
	items := without(without(small(), "session_types"), "microlocations")
	items = with(items, "sessions", "[\n"+strings.Join([]string{
		session(1, `"session_type":{"id":4,"name":"Talk","length":"00:30"},"track":{"id":1},"microlocation":{"id":"x","name":"Pier"},"speakers":[]`),
		session(2, `"session_type":{"id":"4","name":"Lecture"},"track":{"id":9,"name":"Nets","color":"#00ff00","font-color":"#000000","mood":1},"microlocation":{"id":8},"speakers":[]`),
		session(3, `"session_type":{"id":5,"name":"Walk"},"track":{"id":9,"name":"Nets"},"microlocation":7,"speakers":[]`),
	}, ",\n")+"]")
	a := open(t, items...)
	var issues []contracts.Issue
	summary, err := openevent.Check(a, func(i contracts.Issue) { issues = append(issues, i) })
	require.NoError(t, err)
	require.Equal(t, []contracts.EntityType{contracts.Microlocations, contracts.SessionTypes, contracts.Tracks}, sorted(summary.Rebuilt))
	require.Equal(t, []int{1, 2, 2}, []int{summary.Totals[contracts.Microlocations], summary.Totals[contracts.Tracks], summary.Totals[contracts.SessionTypes]})
	rebuilt := map[string]string{}
	for _, i := range issues {
		if i.Code == openevent.CodeRecordRebuilt {
			require.Equal(t, contracts.Warning, i.Severity)
			rebuilt[i.Pointer] = fmt.Sprint(i.File, ":", i.Line, " ", i.SourceID)
		}
	}
	require.Equal(t, map[string]string{
		"/0/session_type": "sessions:2 4", "/0/microlocation": "sessions:2 x", "/1/track": "sessions:3 9", "/2/session_type": "sessions:4 5",
	}, rebuilt)

	// Without being told, Records does not look into sessions; told, it yields
	// what Check has counted.
	types, _ := readAll(t, a, openevent.SessionTypes)
	require.Empty(t, types)
	a.Rebuild(summary.Rebuilt...)
	types, _ = readAll(t, a, openevent.SessionTypes)
	require.Equal(t, []openevent.SessionType{{ID: "4", Name: "Talk", Length: "00:30"}, {ID: "5", Name: "Walk"}},
		[]openevent.SessionType{types[0].Value, types[1].Value})
	require.Equal(t, "inline:4", types[0].Origin())
	tracks, _ := readAll(t, a, openevent.Tracks)
	require.Len(t, tracks, 2)
	require.Equal(t, []string{"0", "inline:9"}, []string{tracks[0].Origin(), tracks[1].Origin()})
	require.Equal(t, openevent.Track{ID: "9", Name: "Nets", Color: "#00ff00"}, tracks[1].Value)
	require.JSONEq(t, `{"mood":1}`, string(tracks[1].Unknown()))
	require.True(t, slices.ContainsFunc(issues, func(i contracts.Issue) bool {
		return i.Code == openevent.CodeUnknownKey && i.File == "sessions" && i.Value == "track/mood"
	}))
	rooms, _ := readAll(t, a, openevent.Microlocations)
	require.Len(t, rooms, 1)

	var dangling int
	for _, i := range issues {
		if i.Code == openevent.CodeDanglingReference {
			dangling++
			require.Contains(t, i.Message, "2 references", "8 has no name, 7 no copy")
		}
	}
	require.Equal(t, 1, dangling)
}

func sorted(types []contracts.EntityType) []contracts.EntityType {
	var all []contracts.EntityType
	for _, t := range contracts.EntityTypes() {
		for _, u := range types {
			if t == u {
				all = append(all, t)
			}
		}
	}
	return []contracts.EntityType{all[0], all[2], all[1]}
}

func TestCopiesOfRecordsAreLeftOutAndOthersWithTheSameIdKept(t *testing.T) {
	t.Parallel()
	a := open(t, with(small(), "tracks", `[{"id":1,"name":"Boats","color":"red"},
		{ "id" : 1, "name": "Boats",
		  "color":"red" },
		{"id":1,"name":"Boa ts","color":"red"},
		{"id":"1","name":"Boats","color":"red"},
		{"name":"Nets","color":"red"},{"name":"Nets","color":"red"}]`)...)
	records, issues := readAll(t, a, openevent.Tracks)
	require.Equal(t, []int{0, 2, 3, 4, 5}, indexes(records))
	require.Equal(t, []string{
		openevent.CodeDuplicateRecord, openevent.CodeDuplicateID, openevent.CodeDuplicateID, openevent.CodeIDMissing, openevent.CodeIDMissing,
	}, codes(issues))
	require.Equal(t, []any{"/1/id", 2, contracts.Warning}, []any{issues[0].Pointer, issues[0].Line, issues[0].Severity})
	require.Contains(t, issues[0].Message, "line 1")
	require.Equal(t, 4, issues[1].Line)
	require.Contains(t, issues[1].Message, "line 1")
	summary, err := openevent.Check(a, nil)
	require.NoError(t, err)
	require.Equal(t, 5, summary.Totals[contracts.Tracks])
}

func indexes[T any](records []openevent.Record[T]) []int {
	var all []int
	for _, r := range records {
		all = append(all, r.Index)
	}
	return all
}

func TestSidesOfARelationThatDisagreeAreSummedUp(t *testing.T) {
	t.Parallel()
	items := with(small(), "speakers", `[{"id":7,"name":"Ada","sessions":[{"id":1,"title":"Knots"},{"id":3},{"id":99}]},
		{"id":8,"name":"Bea","sessions":[]},{"id":9,"name":"Cy","sessions":[2]},{"id":10,"name":"Di","sessions":null}]`)
	items = with(items, "sessions", "["+session(1, `"speakers":[{"id":7},{"id":8},{"id":10}]`)+","+session(2, `"speakers":[9,7]`)+","+session(3, `"speakers":[]`)+"]")
	_, issues := check(t, without(items, "images/ada.png"))
	var found []contracts.Issue
	for _, i := range issues {
		if i.Code == openevent.CodeLinksDisagree {
			found = append(found, i)
		}
	}
	require.Equal(t, []contracts.Issue{{
		Severity: contracts.Warning, Code: openevent.CodeLinksDisagree, File: "speakers",
		Message: "2 links to sessions stand only in the file 'speakers' and are left out, 1 only in the file 'sessions'; the sessions' side holds",
	}}, found)
}

func TestALenientReadingLeavesOutWhatCannotBeImported(t *testing.T) {
	t.Parallel()
	items := with(small(), "speakers", `[{"id":7,"name":"Ada"},3,{"id":8,"name":""},{"id":9,"name":"Cy","website":"?"}]`)
	items = with(items, "event", `{"id":1,"name":"Harbour Days","start_time":"2031-05-02T09:00:00"}`)
	items = with(items, "sessions", "["+session(1, `"speakers":[7,8,9]`)+"]")
	a := open(t, items...)
	records, issues := readAll(t, a, openevent.Speakers)
	require.Len(t, records, 3, "all that are objects, unless the mode says otherwise")
	require.Equal(t, contracts.Error, issues[0].Severity)

	a = open(t, items...)
	a.Mode = contracts.Lenient
	records, issues = readAll(t, a, openevent.Speakers)
	require.Equal(t, []int{0, 3}, indexes(records))
	require.Equal(t, []string{openevent.CodeRecordNotObject, openevent.CodeRequiredFieldMissing, openevent.CodeInvalidURL}, codes(issues))
	for _, i := range issues {
		require.Equal(t, contracts.Warning, i.Severity)
	}
	require.Contains(t, issues[1].Message, "left out")
	require.NotContains(t, issues[2].Message, "record is left out")

	found := map[contracts.Severity]int{}
	summary, err := openevent.Check(a, func(i contracts.Issue) { found[i.Severity]++ })
	require.NoError(t, err)
	require.Zero(t, found[contracts.Error], "there is an event with a name and a time")
	require.Equal(t, "Harbour Days", summary.Event)
	require.Equal(t, []int{2, 2}, []int{summary.Totals[contracts.Speakers], summary.Totals[contracts.SessionSpeakers]})

	for _, event := range []string{`{"id":1,"start_time":"2031-05-02T09:00:00"}`, `{"id":1,"name":"Harbour Days"}`, `[]`, `{`} {
		a := open(t, with(items, "event", event)...)
		a.Mode = contracts.Lenient
		errors := 0
		_, err := openevent.Check(a, func(i contracts.Issue) {
			if i.Severity == contracts.Error {
				errors++
				require.Equal(t, "event", i.File)
			}
		})
		require.NoError(t, err)
		require.Positive(t, errors, event)
	}
}

func TestRecordsThatWereDeletedAtTheirSourceAreLeftOut(t *testing.T) {
	t.Parallel()
	a := open(t, with(small(), "tracks", `[{"id":1,"name":"Boats","color":"red","deleted_at":null},{"id":2,"name":"Nets","color":"red","deleted-at":"2030-01-01T00:00:00"},
		{"id":3,"name":"Oars","color":"red","deleted_at":""}]`)...)
	records, issues := readAll(t, a, openevent.Tracks)
	require.Equal(t, []int{0, 2}, indexes(records))
	require.Equal(t, []string{openevent.CodeRecordDeleted}, codes(issues))
	require.Equal(t, "/1/deleted-at", issues[0].Pointer)
}

func TestOneFieldUnderTwoNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		color string
		codes []string
	}{
		`"logo":"a.png","logo-url":""`:                     {"a.png", []string{}},
		`"logo":null,"logo_url":"b.png"`:                   {"b.png", []string{}},
		`"logo":"a.png","logo-url":"a.png"`:                {"a.png", []string{}},
		`"logo":"a.png","logo-url":"b.png"`:                {"b.png", []string{openevent.CodeTwoSpellings}},
		`"Logo URL":"b.png","font_color":1,"font-color":2`: {"b.png", []string{}},
		`"logo-url":"a.png","logo-url":"b.png"`:            {"b.png", []string{openevent.CodeDuplicateKey}},
		`"logo-url":"a.png","logo-url":null`:               {"", []string{openevent.CodeDuplicateKey}},
	} {
		records, issues := readAll(t, open(t, item{"sponsors", `[{"id":1,"name":"Lantern Works",` + in + `}]`}), openevent.Sponsors)
		require.Len(t, records, 1)
		require.Equal(t, want.color, records[0].Value.Logo, in)
		require.Equal(t, want.codes, codes(issues), in)
		for _, i := range issues {
			require.Equal(t, "/0/logo-url", i.Pointer)
		}
	}
}

func TestManyReferencesInOneListTakeLinearTime(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for i := range 90_000 {
		fmt.Fprintf(&list, "%d,", i)
	}
	records, issues := readAll(t, open(t, item{"sessions", "[" + session(1, `"speakers":[`+list.String()+`7]`) + "]"}), openevent.Sessions)
	require.Len(t, records[0].Value.Speakers, 90_000)
	require.Equal(t, []string{openevent.CodeDuplicateReference}, codes(issues))
}

func TestTheFindingsOfOneRecordAreBounded(t *testing.T) {
	t.Parallel()
	refs := strings.Repeat(`{"x":1},`, 40_000)
	records, issues := readAll(t, open(t, item{"sessions", "[" + session(1, `"speakers":[`+refs+`7]`) + "]"}), openevent.Sessions)
	require.Equal(t, []openevent.Ref{{ID: "7"}}, records[0].Value.Speakers)
	require.Len(t, issues, 1001)
	require.Contains(t, issues[1000].Message, "39000 more mistakes")

	twice := strings.Repeat(`"state":"accepted",`, 90_000)
	_, issues = readAll(t, open(t, item{"sessions", "[" + session(1, twice+`"speakers":[]`) + "]"}), openevent.Sessions)
	require.Equal(t, []string{openevent.CodeDuplicateKey}, codes(issues), "told once, however often")
}

func TestARecordOfTooManyValuesIsLeftOutAndTheNextOneRead(t *testing.T) {
	t.Parallel()
	for name, values := range map[string]string{
		"references": `"speakers":[` + strings.Repeat(`{},`, 100_001) + `7]`,
		"unknown":    strings.Repeat(`"x":0,`, 100_001) + `"speakers":[]`,
		"inside":     `"x":[` + strings.Repeat(`[],`, 100_001) + `[]],"speakers":[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, item{"sessions", "[" + session(1, values) + ",\n" + session(2, `"speakers":[]`) + "]"})
			records, issues := readAll(t, a, openevent.Sessions)
			require.Equal(t, []string{"2"}, ids(records))
			require.Equal(t, []string{openevent.CodeRecordTooLarge}, codes(issues))
			require.Contains(t, issues[0].Message, "100000 values")
		})
	}
}

func TestAGoodValueUnderOneNameIsNotLostToABadOneUnderAnother(t *testing.T) {
	t.Parallel()
	for _, members := range []string{`"start_time":"2031-05-02T09:00:00","starts-at":"soon"`, `"starts-at":"soon","start_time":"2031-05-02T09:00:00"`} {
		records, issues := readAll(t, open(t, item{"event", `{"id":1,"name":"Harbour Days","end_time":"2031-05-03T18:00:00",` + members + `}`}), openevent.Events)
		require.Equal(t, "2031-05-02T09:00:00", records[0].Value.StartTime.String())
		require.Equal(t, []string{openevent.CodeInvalidTime}, codes(issues))
		require.Equal(t, contracts.Warning, issues[0].Severity)
	}
}

func TestAFieldThatStandsTwiceInAFormIsTold(t *testing.T) {
	t.Parallel()
	records, issues := readAll(t, open(t, item{"forms",
		`[{"id":1,"session_form":{"title":{"include":1,"a/b":1},"slides":3,"title":{"require":1,"a":{"b":2}}}}]`}), openevent.Forms)
	require.Equal(t, []openevent.FormField{{Form: "session", Field: "title", Required: true}}, records[0].Value.Fields())
	require.Equal(t, []string{openevent.CodeInvalidForm, openevent.CodeDuplicateKey}, codes(issues))
	require.Len(t, records[0].Extra, 2)
}
