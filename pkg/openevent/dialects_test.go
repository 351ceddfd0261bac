package openevent_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/openevent/dialecttest"
)

// whole is an archive of dialect A that has every field of the format, in three
// records of each file.
func whole(t *testing.T) dialecttest.Files {
	t.Helper()
	lists := map[string]contracts.EntityType{
		"forms": contracts.CustomForms, "microlocations": contracts.Microlocations, "sponsors": contracts.Sponsors, "speakers": contracts.Speakers,
		"tracks": contracts.Tracks, "session_types": contracts.SessionTypes, "sessions": contracts.Sessions,
	}
	files := make(dialecttest.Files)
	record := func(t *testing.T, kind contracts.EntityType, id int) map[string]any {
		t.Helper()
		var r map[string]any
		require.NoError(t, json.Unmarshal([]byte(object(openevent.Fields(kind))), &r))
		r["id"] = id
		for key, v := range r {
			if text, ok := v.(string); ok && text == key {
				r[key] = fmt.Sprint(text, " ", id)
			}
		}
		for _, key := range []string{"state", "privacy", "language"} {
			delete(r, key)
		}
		return r
	}
	event := record(t, contracts.Events, 1)
	event["identifier"] = "harbour-days"
	content, err := json.Marshal(event)
	require.NoError(t, err)
	files["event"] = content
	for name, kind := range lists {
		list := []map[string]any{}
		for id := range 3 {
			r := record(t, kind, id+1)
			switch name {
			case "forms":
				for _, key := range []string{"form", "field_identifier", "is_required", "is_included"} {
					delete(r, key)
				}
			case "sessions":
				r["track"] = map[string]any{"id": 3 - id, "name": fmt.Sprint("name ", 3-id)}
				r["microlocation"] = map[string]any{"id": id + 1}
				r["session_type"] = nil
				r["speakers"] = []any{map[string]any{"id": 1, "long_biography": "…"}, map[string]any{"id": id + 1}}[:1+min(id, 1)]
			}
			list = append(list, r)
		}
		content, err := json.Marshal(list)
		require.NoError(t, err)
		files[name] = content
	}
	return files
}

func openFiles(t *testing.T, files dialecttest.Files) *openevent.Archive {
	t.Helper()
	var items []item
	for _, name := range slices.Sorted(maps.Keys(files)) {
		items = append(items, item{name, string(files[name])})
	}
	return open(t, items...)
}

// values are those of a file's records; whatever is wrong fails the test.
func values[T any](t *testing.T, files dialecttest.Files, f openevent.File[T]) []T {
	t.Helper()
	records, issues := readAll(t, openFiles(t, files), f)
	require.Empty(t, issues, f.Name)
	require.NotEmpty(t, records, f.Name)
	var all []T
	for _, r := range records {
		all = append(all, r.Value)
	}
	return all
}

// same compares the values of one file's records in two archives.
func same[T any](t *testing.T, a, b dialecttest.Files, f openevent.File[T]) {
	t.Helper()
	require.Equal(t, values(t, a, f), values(t, b, f), f.Name)
}

// sameButForms compares all files but the one that not every dialect packs alike.
func sameButForms(t *testing.T, a, b dialecttest.Files) {
	t.Helper()
	same(t, a, b, openevent.Events)
	same(t, a, b, openevent.Microlocations)
	same(t, a, b, openevent.Sponsors)
	same(t, a, b, openevent.Speakers)
	same(t, a, b, openevent.Tracks)
	same(t, a, b, openevent.SessionTypes)
	same(t, a, b, openevent.Sessions)
}

func TestEveryFieldIsReadFromKebabCase(t *testing.T) {
	t.Parallel()
	a := whole(t)
	b := dialecttest.Kebab(t, a)
	same(t, a, b, openevent.Forms)
	sameButForms(t, a, b)
}

func TestEveryColumnOfTheDumpIsReadAndItsRelationsAreRestored(t *testing.T) {
	t.Parallel()
	a := whole(t)
	c := dialecttest.Columns(t, a)
	// What the dump has no columns for cannot be had.
	lost := make(dialecttest.Files)
	for file, content := range a {
		var v any
		require.NoError(t, json.Unmarshal(content, &v))
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		for _, r := range list {
			for _, key := range dialecttest.LostInColumns[file] {
				delete(r.(map[string]any), key)
			}
		}
		content, err := json.Marshal(v)
		require.NoError(t, err)
		lost[file] = content
	}
	sameButForms(t, lost, c)
	sessions := values(t, c, openevent.Sessions)
	require.Equal(t, openevent.Ref{ID: "3"}, sessions[0].Track)

	var want, got []openevent.FormField
	for _, f := range values(t, a, openevent.Forms) {
		want = append(want, f.Fields()...)
	}
	for _, f := range values(t, c, openevent.Forms) {
		got = append(got, f.Fields()...)
	}
	require.Equal(t, want, got)

	// What means something at the source only is kept.
	records, _ := readAll(t, openFiles(t, c), openevent.Sessions)
	for key := range dialecttest.ColumnsMore["sessions"] {
		if key != "deleted_at" {
			require.Contains(t, records[0].Extra, key)
		}
	}
	summary, err := openevent.Check(openFiles(t, c), nil)
	require.NoError(t, err)
	require.Equal(t, 3, summary.Totals[contracts.Sessions])
}

func TestTheFilesOfTheFirstMonthsAreReadLikeLaterOnes(t *testing.T) {
	t.Parallel()
	a := whole(t)
	e := dialecttest.Early(t, a)
	same(t, a, e, openevent.Forms)
	sameButForms(t, a, e)
}

func TestWhatASocialLinkHasBesideIsKeptWithTheEvent(t *testing.T) {
	t.Parallel()
	records, _ := readAll(t, open(t, append(small(), item{"social_links", `[{"name":"Pier","link":"https://pier.example"},{"name":"Quay","icon":"q"}]`})...), openevent.Events)
	require.Len(t, records[0].Value.SocialLinks, 2)
	require.JSONEq(t, `{"social_links/1/icon":"q"}`, string(records[0].Unknown()))
}

func TestSocialLinksBesideAnEventThatHasItsOwnAreTold(t *testing.T) {
	t.Parallel()
	own := `"social_links":[{"name":"Pier","link":"https://pier.example"}],"name"`
	for name, c := range map[string]struct {
		file     string
		severity contracts.Severity
		text     string
	}{
		"the same": {`[{"id":3,"name":"Pier","link":"https://pier.example"}]`, contracts.Info, "the same"},
		"others":   {`[{"name":"Pier","link":"https://pier.example"},{"name":"Quay","link":"https://quay.example"}]`, contracts.Warning, "1 of its links"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := append(with(small(), "event", strings.Replace(smallEvent, `"name"`, own, 1)), item{"social_links.json", c.file})
			records, issues := readAll(t, open(t, items...), openevent.Events)
			require.Equal(t, []openevent.SocialLink{{Name: "Pier", Link: "https://pier.example"}}, records[0].Value.SocialLinks)
			require.Equal(t, []string{openevent.CodeSocialLinksFile}, codes(issues))
			require.Equal(t, []any{c.severity, "social_links.json"}, []any{issues[0].Severity, issues[0].File})
			require.Contains(t, issues[0].Message, c.text)
		})
	}
}
