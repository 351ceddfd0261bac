package openevent_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// renamed gives the small archive's files other names.
func renamed(rename func(name string) string) []item {
	items := small()
	for i := range items {
		if !strings.HasPrefix(items[i].name, "images/") {
			items[i].name = rename(items[i].name)
		}
	}
	return items
}

// within puts all entries into a folder.
func within(folder string, items []item) []item {
	for i := range items {
		items[i].name = folder + items[i].name
	}
	return items
}

func TestDataFilesAreFoundByAllTheirNames(t *testing.T) {
	t.Parallel()
	want, none := check(t, small())
	require.Empty(t, none)
	for name, rename := range map[string]func(string) string{
		"extension":        func(n string) string { return n + ".json" },
		"capitals":         func(n string) string { return strings.ToUpper(n[:1]) + n[1:] + ".JSON" },
		"dashes":           func(n string) string { return strings.ReplaceAll(n, "_", "-") },
		"old names":        strings.NewReplacer("event", "events", "forms", "custom_forms.json").Replace,
		"dashed old names": strings.NewReplacer("event", "Events.json", "forms", "custom-forms").Replace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			totals, issues := check(t, renamed(rename))
			require.Empty(t, issues)
			require.Equal(t, want, totals)
		})
	}
	_, issues := check(t, renamed(strings.NewReplacer("microlocations", "rooms").Replace))
	require.Equal(t, []string{openevent.CodeFileMissing, openevent.CodeDanglingReference, openevent.CodeUnusedFiles}, codes(issues))
}

func TestIssuesNameTheFileAsTheArchiveDoes(t *testing.T) {
	t.Parallel()
	items := within("Harbour Days/", renamed(func(n string) string { return n + ".json" }))
	items = with(items, "Harbour Days/tracks.json", `[{"id":1,"mood":1},`)
	_, issues := check(t, items)
	require.Equal(t, []string{
		openevent.CodeFileInFolder, openevent.CodeRequiredFieldMissing, openevent.CodeFieldMissing, openevent.CodeJSONSyntax, openevent.CodeUnknownKey,
	}, codes(issues))
	for _, i := range issues[1:] {
		require.Equal(t, "Harbour Days/tracks.json", i.File, i.Code)
	}
	records, _ := readAll(t, open(t, items...), openevent.Sessions)
	require.Equal(t, "Harbour Days/sessions.json", records[0].File)
}

func TestDataFilesMayStandInOneFolder(t *testing.T) {
	t.Parallel()
	want, _ := check(t, small())
	inFolder := func(folder string) []item { return within(folder, small()) }
	plain := contracts.Issue{
		Severity: contracts.Info, Code: openevent.CodeFileInFolder, File: "conference/",
		Message: "All files stand in the folder 'conference' instead of the root of the archive; they are read from there",
	}
	for name, more := range map[string][]item{
		"alone":        nil,
		"beside media": {{"images/ada.png", "x"}, {"readme.txt", "x"}, {"meta", "{}"}, {"config.json", "{}"}, {"other/meta", "{}"}},
		"beside junk": {
			{"__MACOSX/event", "x"}, {"__MACOSX/conference/._event", "x"}, {".DS_Store", "x"}, {"conference/.DS_Store", "x"},
			{"conference/Thumbs.db", "x"}, {"desktop.ini", "x"}, {"a/._event", "x"},
		},
		"above others": {{"conference/old/event", "{"}, {"a/b/event", "{"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			totals, issues := check(t, append(inFolder("conference/"), more...))
			issues = slices.DeleteFunc(issues, func(i contracts.Issue) bool { return i.Code == openevent.CodeUnusedFiles })
			require.Equal(t, []contracts.Issue{plain}, issues)
			require.Equal(t, want, totals)
		})
	}

	// What stands in the root goes first, however little it is.
	_, issues := check(t, append(inFolder("conference/"), item{"tracks", "[]"}))
	require.Equal(t, openevent.CodeFileMissing, issues[0].Code)
	// Which of two is meant nobody can know.
	_, issues = check(t, append(inFolder("conference/"), item{"draft/event", smallEvent}))
	require.Equal(t, openevent.CodeFileMissing, issues[0].Code)
	require.Equal(t, "event", issues[0].File)
}

func TestOneSpellingOfADataFileIsReadAndTheOthersAreTold(t *testing.T) {
	t.Parallel()
	const other = `[{"id":1,"name":"Ships","color":"#1485cc"},{"id":2,"name":"Nets","color":"#1485cc"}]`
	for name, c := range map[string]struct {
		names []string
		read  string
	}{
		"plain before extension":    {[]string{"tracks.json", "tracks"}, "tracks"},
		"capitals before extension": {[]string{"tracks.json", "Tracks"}, "Tracks"},
		"plain before capitals":     {[]string{"TRACKS", "tracks"}, "tracks"},
		"extension before capitals": {[]string{"Tracks.json", "tracks.json"}, "tracks.json"},
		"by name where all are odd": {[]string{"Tracks", "TRACKS"}, "TRACKS"},
	} {
		for _, names := range [][]string{c.names, {c.names[1], c.names[0]}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				items := without(small(), "tracks")
				for _, n := range names {
					content := other
					if n == c.read {
						content = `[{"id":1,"name":"Boats","color":"#1485cc"}]`
					}
					items = append(items, item{n, content})
				}
				totals, issues := check(t, items)
				require.Equal(t, 1, totals[contracts.Tracks])
				require.Equal(t, []string{openevent.CodeDuplicateEntry}, codes(issues))
				require.Equal(t, contracts.Warning, issues[0].Severity)
				require.NotEqual(t, c.read, issues[0].File)
				require.Contains(t, issues[0].Message, "'"+c.read+"' is read")
				_, media := open(t, items...).Media(issues[0].File)
				require.False(t, media)
			})
		}
	}
}

func TestAFileThatStandsTwiceIsToldOnce(t *testing.T) {
	t.Parallel()
	items := append(small(), item{"tracks", "["}, item{"tracks", `[{"id":1,"name":"Boats","color":"#1485cc"}]`}, item{"images/ada.png", "x"}, item{"images/ada.png", "x"})
	_, issues := check(t, items)
	require.Equal(t, []contracts.Issue{{
		Severity: contracts.Warning, Code: openevent.CodeDuplicateEntry, File: "tracks",
		Message: "The file 'tracks' stands twice in the archive; the last one is read",
	}}, issues)
}

func TestDataFilesAreNeverMedia(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"", "conference/"} {
		a := open(t,
			item{folder + "Event.json", smallEvent}, item{folder + "speakers", "[]"}, item{folder + "Speakers.json", "[]"},
			item{folder + "social-links", "[]"}, item{folder + "META", "{}"}, item{folder + "config.json", "{}"}, item{"meta.json", "{}"},
			item{folder + "images/speakers", "x"}, item{folder + "readme.txt", "x"},
		)
		for value, want := range map[string]bool{
			"event": false, "Event.json": false, "/speakers": false, "./speakers": false, "Speakers.json": false, "social-links": false,
			"META": false, "config.json": false, "meta.json": false, `\speakers`: false, "conference/speakers": false,
			"images/speakers": true, "readme.txt": true,
		} {
			_, ok := a.Media(value)
			require.Equal(t, want, ok, "%s in %q", value, folder)
		}
	}
}

func TestMediaStandsBesideTheDataFiles(t *testing.T) {
	t.Parallel()
	a := open(t, item{"conference/event", smallEvent}, item{"conference/images/a.png", "x"}, item{"images/b.png", "x"}, item{"conference/._a.png", "x"})
	for value, want := range map[string]string{
		"/images/a.png": "conference/images/a.png", "images/a.png": "conference/images/a.png", "./images/a.png": "conference/images/a.png",
		"/images/b.png": "", "../images/b.png": "", "/../images/b.png": "", "conference/images/a.png": "", "": "", "/": "", "._a.png": "",
	} {
		m, ok := a.Media(value)
		require.Equal(t, want != "", ok, value)
		if ok {
			require.Equal(t, want, m.Name)
		}
	}
}
