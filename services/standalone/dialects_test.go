package standalone_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent/dialecttest"
)

// dataFiles are those that the dialects write differently.
var dataFiles = []string{"event", "forms", "microlocations", "sponsors", "speakers", "tracks", "session_types", "sessions"}

// rewritten is an archive with its data files in another dialect, and with all
// of its other files.
func rewritten(t *testing.T, archive []byte, dialect func(testing.TB, dialecttest.Files) dialecttest.Files) []byte {
	t.Helper()
	all, files := entries(t, archive), make(dialecttest.Files)
	for _, name := range dataFiles {
		require.Contains(t, all, name)
		files[name] = all[name]
		delete(all, name)
	}
	maps.Copy(all, dialect(t, files))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write(all[name])
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// withoutLost stays in dialect A, but leaves out what dialect C has no columns for.
func withoutLost(t testing.TB, files dialecttest.Files) dialecttest.Files {
	t.Helper()
	left := maps.Clone(files)
	for name, keys := range dialecttest.LostInColumns {
		content := files[name]
		single := name == "event"
		if single {
			content = slices.Concat([]byte("["), content, []byte("]"))
		}
		var records []map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(content, &records))
		lost := 0
		for _, record := range records {
			for _, key := range keys {
				if _, ok := record[key]; ok {
					delete(record, key)
					lost++
				}
			}
		}
		require.Positive(t, lost, "%s loses nothing", name)
		var b []byte
		var err error
		if single {
			b, err = json.Marshal(records[0])
		} else {
			b, err = json.Marshal(records)
		}
		require.NoError(t, err)
		left[name] = b
	}
	return left
}

// servedFile is the address of a file of an event.
var servedFile = regexp.MustCompile(`^https?://[^/]+/v1/events/\d+/media/(\d+)/(\w+)$`)

// shownAs is everything that the API shows of the event of an import, with the
// names of what they lead to in the place of ids.
func shownAs(t *testing.T, who api, id string) map[string][]resource {
	t.Helper()
	at := "/v1/events/" + who.succeeded(t, id).ID
	var event struct{ Data resource }
	who.get(t, at, &event)
	// Each event has an identifier of its own.
	require.NotEmpty(t, event.Data.Attributes["identifier"])
	delete(event.Data.Attributes, "identifier")
	shown, names := map[string][]resource{"events": {event.Data}}, make(map[string]string)
	for _, path := range []string{"social-links", "custom-forms", "microlocations", "sponsors", "speakers", "tracks", "session-types", "sessions"} {
		shown[path] = who.all(t, at+"/"+path)
	}
	for path, list := range shown {
		for i, r := range list { // a name may stand twice, a place cannot
			names[path+" "+r.ID] = fmt.Sprint(i, " ", r.Attributes["name"], r.Attributes["title"])
		}
	}
	shown["media"] = who.all(t, at+"/media")
	for _, m := range shown["media"] {
		owner, ok := names[fmt.Sprint(m.Attributes["owner-type"], " ", m.Attributes["owner-id"])]
		require.True(t, ok, "%v", m.Attributes)
		m.Attributes["owner-id"] = owner
		names["media "+m.ID] = fmt.Sprint(m.Attributes["owner-type"], " ", owner, " ", m.Attributes["field"])
	}
	for path, list := range shown {
		for i := range list {
			name(t, &list[i], path, names)
		}
	}
	slices.SortFunc(shown["media"], func(a, b resource) int { return strings.Compare(a.ID, b.ID) })
	return shown
}

// name puts names in the place of a resource's ids.
func name(t *testing.T, r *resource, path string, names map[string]string) {
	t.Helper()
	r.ID = names[path+" "+r.ID]
	for key, value := range r.Attributes {
		if text, ok := value.(string); ok && servedFile.MatchString(text) {
			found := servedFile.FindStringSubmatch(text)
			file, ok := names["media "+found[1]]
			require.True(t, ok, text)
			r.Attributes[key] = file + " as " + found[2]
		}
	}
	for _, relationship := range r.Relationships {
		list, isList := relationship.Data.([]any)
		if !isList && relationship.Data != nil {
			list = []any{relationship.Data}
		}
		for _, entry := range list {
			leads, ok := entry.(map[string]any)
			require.True(t, ok)
			to, ok := names[fmt.Sprint(leads["type"], "s ", leads["id"])]
			require.True(t, ok, "%v", leads)
			leads["id"] = to
		}
	}
}

// issueCodes are those of an import, sorted.
func issueCodes(t *testing.T, who api, id string) []string {
	t.Helper()
	all := []string{}
	for _, i := range pages[contracts.Issue](t, who, "/v1/imports/"+id+"/issues") {
		all = append(all, fmt.Sprint(i.Severity, " ", i.Code))
	}
	slices.Sort(all)
	return all
}

func TestEveryDialectComesToTheSameEvent(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := made(t, 40, 15, 11)
	// The identifier is taken by one of them; the others have another, and are told so.
	first := olga.upload(t, archive)
	olga.succeeded(t, first)
	unchanged := func(_ testing.TB, files dialecttest.Files) dialecttest.Files { return files }
	ids := make(map[string]string)
	for name, dialect := range map[string]func(testing.TB, dialecttest.Files) dialecttest.Files{
		"A": unchanged, "A without what C loses": withoutLost, "B": dialecttest.Kebab, "C": dialecttest.Columns, "E": dialecttest.Early,
	} {
		ids[name] = olga.upload(t, rewritten(t, archive, dialect))
	}
	want, codes := shownAs(t, olga, ids["A"]), issueCodes(t, olga, ids["A"])
	for _, name := range []string{"B", "E"} {
		require.Equal(t, want, shownAs(t, olga, ids[name]), "dialect %s", name)
		require.Equal(t, codes, issueCodes(t, olga, ids[name]), "dialect %s", name)
	}
	// What the dump has no columns for is not there; all else is, the relations too.
	require.NotEqual(t, want, shownAs(t, olga, ids["A without what C loses"]))
	require.Equal(t, shownAs(t, olga, ids["A without what C loses"]), shownAs(t, olga, ids["C"]), "dialect C")
}
