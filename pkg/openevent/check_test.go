package openevent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func check(t *testing.T, items []item) (map[contracts.EntityType]int, []contracts.Issue) {
	t.Helper()
	var issues []contracts.Issue
	summary, err := openevent.Check(open(t, items...), func(i contracts.Issue) { issues = append(issues, i) })
	require.NoError(t, err)
	return summary.Totals, issues
}

func TestCheckCountsWhatThereIsToMake(t *testing.T) {
	t.Parallel()
	totals, issues := check(t, with(small(), "event", strings.Replace(smallEvent, `"id":1`,
		`"id":1,"logo":"https://a.example/l.png","background_image":"images/ada.png","social_links":[{"name":"A","link":"https://a.example"},{"name":"B","link":"https://b.example"}]`, 1)))
	require.Empty(t, issues)
	require.Equal(t, map[contracts.EntityType]int{
		contracts.Events: 1, contracts.SocialLinks: 2, contracts.CustomForms: 3, contracts.Sponsors: 1, contracts.Speakers: 1,
		contracts.Microlocations: 1, contracts.Tracks: 1, contracts.SessionTypes: 1, contracts.Sessions: 1,
		contracts.SessionSpeakers: 1, contracts.MediaFiles: 3,
	}, totals)
}

func TestCheckCountsMediaOfTheWebWhereTheyAreFetched(t *testing.T) {
	t.Parallel()
	for fetched, want := range map[bool]int{false: 2, true: 3} {
		a := open(t, with(small(), "event", strings.Replace(smallEvent, `"id":1`, `"id":1,"logo":"https://a.example/l.png"`, 1))...)
		a.Fetched = fetched
		summary, err := openevent.Check(a, nil)
		require.NoError(t, err)
		require.Equal(t, want, summary.Totals[contracts.MediaFiles])
	}
}

func TestCheckReportsAllIssuesOfAllFiles(t *testing.T) {
	t.Parallel()
	items := with(small(), "tracks", `[{"id":1}]`)
	items = with(items, "sponsors", `[{"id":1},]`)
	items = with(items, "speakers", `{`)
	items = with(items, "event", `{}`)
	_, issues := check(t, items)
	files := map[string][]string{}
	for _, i := range issues {
		files[i.File] = append(files[i.File], i.Code)
	}
	const missing = openevent.CodeRequiredFieldMissing
	require.Equal(t, map[string][]string{
		"event":    {missing, missing, missing},
		"sponsors": {missing, openevent.CodeTrailingComma},
		"speakers": {openevent.CodeJSONSyntax},
		"tracks":   {missing, openevent.CodeFieldMissing},
		"":         {openevent.CodeUnusedFiles}, // nobody is left to have them
	}, files)
}

func TestCheckReportsRepeatedIdsAndDanglingReferences(t *testing.T) {
	t.Parallel()
	items := with(small(), "tracks", "[{\"id\":1,\"name\":\"Boats\",\"color\":\"red\"},\n{\"id\":\"1\",\"name\":\"Ships\",\"color\":\"red\"},{\"name\":\"Nets\",\"color\":\"red\"},{\"name\":\"Oars\",\"color\":\"red\"}]")
	items = with(items, "sessions", "[\n"+`{"id":1,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00","track":{"id":"1"},"microlocation":{"id":9},"session_type":4,"speakers":[{"id":7},{"id":8}]}]`)
	totals, issues := check(t, items)
	require.Equal(t, 1, totals[contracts.SessionSpeakers])
	require.Equal(t, 4, totals[contracts.Tracks])
	require.Equal(t, []string{
		openevent.CodeDuplicateID, openevent.CodeIDMissing, openevent.CodeIDMissing,
		openevent.CodeDanglingReference, openevent.CodeDanglingReference, openevent.CodeDanglingReference,
	}, codes(issues))
	for _, i := range issues {
		require.Equal(t, contracts.Warning, i.Severity)
	}
	require.Equal(t, []any{"/1/id", 2, 7}, []any{issues[0].Pointer, issues[0].Line, issues[0].Column})
	require.Contains(t, issues[0].Message, "line 1")
	require.Equal(t, []any{"/0/speakers", "8"}, []any{issues[3].Pointer, issues[3].Value})
	require.Equal(t, []any{"/0/microlocation", "9", 2}, []any{issues[4].Pointer, issues[4].Value, issues[4].Line})
	require.Equal(t, "/0/session_type", issues[5].Pointer)
}

func TestCheckSumsUpReferencesIntoAMissingFile(t *testing.T) {
	t.Parallel()
	_, issues := check(t, without(small(), "session_types"))
	require.Equal(t, []string{openevent.CodeFileMissing, openevent.CodeDanglingReference}, codes(issues))
	require.Contains(t, issues[1].Message, "1 references")
	require.Equal(t, "sessions", issues[1].File)

	_, issues = check(t, with(small(), "session_types", `[{]`))
	require.Equal(t, []string{openevent.CodeJSONSyntax}, codes(issues))
}

func TestCheckNamesTheMediaThatAreMissing(t *testing.T) {
	t.Parallel()
	totals, issues := check(t, small())
	require.Empty(t, issues)
	require.Equal(t, 2, totals[contracts.MediaFiles])

	totals, issues = check(t, without(small(), "images/ada.png"))
	require.Equal(t, 2, totals[contracts.MediaFiles])
	require.Equal(t, []string{openevent.CodeMediaMissing}, codes(issues))
	require.Equal(t, contracts.Warning, issues[0].Severity)
	require.Equal(t, []any{"speakers", "/0/photo", "/images/ada.png", "7"}, []any{issues[0].File, issues[0].Pointer, issues[0].Value, issues[0].SourceID})
}

// What the archive's directory says needs no import to be found out.
func TestCheckNamesTheMediaThatAreTooLarge(t *testing.T) {
	t.Parallel()
	items := with(small(), "images/ada.png", strings.Repeat("a", 101))
	_, issues := checkArchive(t, openWithin(t, openevent.Limits{Media: 101}, items...))
	require.Empty(t, issues)

	_, issues = checkArchive(t, openWithin(t, openevent.Limits{Media: 100}, items...))
	require.Equal(t, []string{openevent.CodeMediaTooLarge}, codes(issues))
	require.Equal(t, contracts.Warning, issues[0].Severity)
	require.Equal(t, []any{"speakers", "/0/photo", "/images/ada.png", "7"}, []any{issues[0].File, issues[0].Pointer, issues[0].Value, issues[0].SourceID})
	require.Equal(t, "The file 'images/ada.png' is 101 bytes long, more than 100 bytes", issues[0].Message)
}

func TestKeysThatTheFormatDoesNotKnowAreToldOnce(t *testing.T) {
	t.Parallel()
	items := with(small(), "tracks", `[{"id":1,"name":"Boats","color":"#1485cc","mood":1},
		{"id":2,"name":"Ropes","color":"#1485cc","mood":null,"font_color":"#000000","sessions":[]}]`)
	items = with(items, "event", strings.Replace(smallEvent, `"name"`, `"social_links":[{"icon":1},{"icon":2}],"name"`, 1))
	_, issues := check(t, items)
	require.Equal(t, []contracts.Issue{
		{Severity: contracts.Info, Code: openevent.CodeUnknownKey, File: "event", Line: 1, Value: "social_links/*/icon", Message: "The format has no key 'social_links/*/icon'; it was found 2 times and is kept aside"},
		{Severity: contracts.Info, Code: openevent.CodeUnknownKey, File: "tracks", Line: 1, Value: "mood", Message: "The format has no key 'mood'; it was found 2 times and is kept aside"},
	}, issues)
}

func TestUnknownKeysAreBounded(t *testing.T) {
	t.Parallel()
	var keys strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&keys, `,"k%d":0`, i)
	}
	items := with(small(), "tracks", `[{"id":1,"name":"Boats","color":"#1485cc"`+keys.String()+`}]`)
	_, issues := check(t, items)
	require.Len(t, issues, 101)
	require.Equal(t, "4900 values more of other keys are kept aside", issues[100].Message)
}
