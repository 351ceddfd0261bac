package standalone_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// export asks for an event as an archive and returns the export's id.
func (a api) export(t *testing.T, event, query, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/v1/events/"+event+"/export/json?"+query, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	var accepted struct{ ID string }
	a.do(t, req, http.StatusAccepted, &accepted)
	return accepted.ID
}

// archiveOf gets the archive of an export, whose result says what it is.
func (a api) archiveOf(t *testing.T, id string, result contracts.Result) []byte {
	t.Helper()
	require.True(t, strings.HasSuffix(result.DownloadURL, "/v1/exports/"+id), result.DownloadURL)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/v1/exports/"+id, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	archive, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	sum := sha256.Sum256(archive)
	require.Equal(t, result.SHA256, hex.EncodeToString(sum[:]))
	require.EqualValues(t, len(archive), result.Size)
	return archive
}

// exported exports the event of an import as it is by default.
func (a api) exported(t *testing.T, event string) []byte {
	t.Helper()
	id := a.export(t, event, "", "")
	return a.archiveOf(t, id, a.succeeded(t, id))
}

// made is a table of what an import makes, as it is compared with that of another import.
type madeTable struct {
	name string
	// refers are its columns with ids of other tables.
	refers map[string]string
	// files are its columns that may name a file, by the field that the file's row has.
	files map[string]string
	owner contracts.EntityType
}

var madeTables = []madeTable{
	{name: "event.events", owner: contracts.Events, files: map[string]string{
		"logo_url": "logo", "original_image_url": "background_image", "large_image_url": "large", "thumbnail_image_url": "thumbnail", "icon_image_url": "icon",
	}},
	{name: "event.social_links"},
	{name: "event.custom_forms"},
	{name: "people.sponsors", owner: contracts.Sponsors, files: map[string]string{"logo_url": "logo"}},
	{name: "people.speakers", owner: contracts.Speakers, files: map[string]string{
		"photo_url": "photo", "thumbnail_image_url": "thumbnail", "small_image_url": "small", "icon_image_url": "icon",
	}},
	{name: "schedule.microlocations"},
	{name: "schedule.tracks", owner: contracts.Tracks, files: map[string]string{"image_url": "track_image_url"}},
	{name: "schedule.session_types"},
	{name: "schedule.sessions", owner: contracts.Sessions,
		refers: map[string]string{"track_id": "schedule.tracks", "microlocation_id": "schedule.microlocations", "session_type_id": "schedule.session_types"},
		files:  map[string]string{"slides_url": "slides", "audio_url": "audio", "video_url": "video"}},
}

// ofItsOwn are the columns that say which import a row is of, and not what of.
var ofItsOwn = []string{"id", "import_id", "attempt", "origin", "source_id", "identifier", "revision"}

// contentsOf is all that an import has made, row by row in each table: what the records
// say, with references by the place of the record and files by their bytes.
func contentsOf(t *testing.T, db *bun.DB, importID string) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	places := make(map[string]map[string]int) // by table and id
	media := whatBecameOfFiles(t, db, importID)
	for _, table := range madeTables {
		order := "id"
		if table.name == "event.custom_forms" || table.name == "event.social_links" {
			order = "split_part(origin, '/', 1)::int, split_part(origin, '/', 2)::int"
		}
		var rows []json.RawMessage
		err := db.NewRaw("SELECT to_jsonb(r) FROM ? AS r WHERE import_id = ? ORDER BY "+order, bun.Ident(table.name), importID).Scan(t.Context(), &rows)
		require.NoError(t, err)
		places[table.name] = make(map[string]int)
		for n, raw := range rows {
			var row map[string]any
			decoder := json.NewDecoder(strings.NewReader(string(raw)))
			decoder.UseNumber()
			require.NoError(t, decoder.Decode(&row))
			id := fmt.Sprint(row["id"])
			places[table.name][id] = n
			for column, of := range table.refers {
				if row[column] != nil {
					row[column] = "the one at " + strconv.Itoa(places[of][fmt.Sprint(row[column])])
				}
			}
			for column, field := range table.files {
				if file, ok := media[string(table.owner)+"/"+id+"/"+field]; ok && row[column] != nil {
					row[column] = file
				}
			}
			maps.DeleteFunc(row, func(column string, value any) bool { return value == nil || slices.Contains(ofItsOwn, column) })
			text, err := json.Marshal(row)
			require.NoError(t, err)
			all[table.name] = append(all[table.name], string(text))
		}
	}
	var pairs []struct{ Session, Speaker string }
	err := db.NewRaw(`SELECT session_id AS session, speaker_id AS speaker FROM schedule.session_speakers
		WHERE import_id = ? ORDER BY session_id, position`, importID).Scan(t.Context(), &pairs)
	require.NoError(t, err)
	for _, p := range pairs {
		all["schedule.session_speakers"] = append(all["schedule.session_speakers"],
			fmt.Sprintf("%d: %d", places["schedule.sessions"][p.Session], places["people.speakers"][p.Speaker]))
	}
	return all
}

// whatBecameOfFiles says of each file that an import names what became of it: its bytes, or that it
// is missing, by whose field names it.
func whatBecameOfFiles(t *testing.T, db *bun.DB, importID string) map[string]string {
	t.Helper()
	var rows []struct {
		Owner, Path, Kind, State, ContentType, Sha256 string
		Size                                          int64
	}
	err := db.NewRaw(`SELECT owner_type || '/' || coalesce(owner_id, 0) || '/' || field AS owner, path, kind, state,
			coalesce(content_type, '') AS content_type, coalesce(sha256, '') AS sha256, coalesce(size, 0) AS size
		FROM media.files WHERE import_id = ?`, importID).Scan(t.Context(), &rows)
	require.NoError(t, err)
	all := make(map[string]string)
	for _, row := range rows {
		if row.State == "stored" {
			row.Path = "" // the archive may call it by another name
		}
		all[row.Owner] = fmt.Sprint(row.State, row.Kind, row.ContentType, row.Sha256, row.Size, strings.TrimPrefix(row.Path, "/"))
	}
	return all
}

// contentsDiffer tells where what two imports have made differs, empty where it does not.
func contentsDiffer(t *testing.T, db *bun.DB, first, second string) string {
	t.Helper()
	a, b := contentsOf(t, db, first), contentsOf(t, db, second)
	require.NotEmpty(t, a["event.events"])
	for _, table := range append(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))...) {
		for n := range max(len(a[table]), len(b[table])) {
			if n >= len(a[table]) || n >= len(b[table]) || a[table][n] != b[table][n] {
				return fmt.Sprintf("%s, row %d of %d and %d:\n%s\n%s", table, n, len(a[table]), len(b[table]), at(a[table], n), at(b[table], n))
			}
		}
	}
	return ""
}

func at(rows []string, n int) string {
	if n < len(rows) {
		return rows[n]
	}
	return "nothing"
}

// imported imports an archive, and returns the id of that and what it came to.
func (c checking) imported(t *testing.T, archive []byte, query string) (string, contracts.Result) {
	t.Helper()
	id := c.asked(t, archive, query)
	return id, c.succeeded(t, id)
}

// roundTrip imports an archive, exports its event in a dialect, imports that, and tells
// what differs.
func (c checking) roundTrip(t *testing.T, archive []byte, query, dialect string) string {
	t.Helper()
	first, event := c.imported(t, archive, query)
	id := c.export(t, event.ID, "dialect="+dialect, "")
	result := c.succeeded(t, id)
	again, _ := c.imported(t, c.archiveOf(t, id, result), "")
	require.Equal(t, c.inventoryOf(t, first), result.Counts)
	return contentsDiffer(t, c.db, first, again)
}

// inventoryOf counts what an import has made.
func (c checking) inventoryOf(t *testing.T, importID string) map[contracts.EntityType]int {
	t.Helper()
	counts := map[contracts.EntityType]int{contracts.MediaFiles: 0}
	contents := contentsOf(t, c.db, importID)
	for name, entity := range map[string]contracts.EntityType{
		"event.events": contracts.Events, "event.social_links": contracts.SocialLinks, "event.custom_forms": contracts.CustomForms,
		"people.sponsors": contracts.Sponsors, "people.speakers": contracts.Speakers,
		"schedule.microlocations": contracts.Microlocations, "schedule.tracks": contracts.Tracks,
		"schedule.session_types": contracts.SessionTypes, "schedule.sessions": contracts.Sessions,
	} {
		counts[entity] = len(contents[name])
	}
	for _, file := range whatBecameOfFiles(t, c.db, importID) {
		if strings.HasPrefix(file, "stored") {
			counts[contracts.MediaFiles]++
		}
	}
	return counts
}

func TestEventThatWasExportedComesBackAsItWasInEitherDialect(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	for name, archive := range map[string][]byte{
		"made up":    made(t, 40, 20, 1),
		"many kinds": zipped(t, manyKinds()),
	} {
		for _, dialect := range []string{"a", "b"} {
			t.Run(name+" "+dialect, func(t *testing.T) {
				t.Parallel()
				require.Empty(t, c.roundTrip(t, archive, "", dialect))
			})
		}
	}
}

func TestPathsOfMissingFilesComeBackWhateverTheFilesOfOthersAreCalled(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	var sessions, speakers []any
	for n := range 40 {
		sessions = append(sessions, map[string]any{"id": n + 1, "title": "Knots", "slides": "/a.pdf"})
		speakers = append(speakers, map[string]any{
			"id": n + 1, "name": "Ada", "photo": fmt.Sprintf("/slides/session_%d.pdf", n+1), "small": fmt.Sprintf("/images/speakers/Ada_%d_icon.png", n+1), "icon": "/b.png",
		})
	}
	files := map[string]string{
		"event": `{"id": 1, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "logo": "/b.png", "background_image": "/images/logo.png"}`,
		"a.pdf": "%PDF-1.7\n", "b.png": "\x89PNG\r\n\x1a\nlogo",
	}
	for name, list := range map[string][]any{"sessions": sessions, "speakers": speakers} {
		text, err := json.Marshal(list)
		require.NoError(t, err)
		files[name] = string(text)
	}
	require.Empty(t, c.roundTrip(t, zipped(t, files), "", "a"))
	var named int
	err := c.db.NewRaw("SELECT count(*) FROM schedule.sessions WHERE id <= 40").Scan(t.Context(), &named)
	require.NoError(t, err)
	require.NotZero(t, named, "no session has an id that the path of a missing file has")
}

func TestSameEventIsExportedToTheSameBytes(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	_, event := c.imported(t, made(t, 20, 10, 2), "")
	require.Equal(t, c.exported(t, event.ID), c.exported(t, event.Identifier))
}

func TestWhatPeopleHaveChangedComesBackFromTheExport(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	for name, attributes := range map[string]string{
		"another zone":     `{"timezone": "America/New_York", "starts-at": "2031-11-02T01:30:00-05:00", "ends-at": "2031-11-02T23:59:59.123456Z"}`,
		"the call":         `{"call-timezone": "Asia/Kathmandu", "call-starts-at": "1890-01-01T00:00:00Z", "call-ends-at": "2031-05-02T10:00:00+14:00", "call-announcement": "<p>a & b</p>"}`,
		"texts":            `{"name": " Lantern\tDays ", "location-name": "", "organizer-name": "\u2028x", "description": "<b>bold", "copyright-year": 0, "copyright-holder": "0"}`,
		"words":            `{"type": "conference", "topic": " MUSIC ", "sub-topic": "high tech", "privacy": "private", "email": "ada+x@lakeside.example"}`,
		"nothing any more": `{"latitude": null, "email": null, "type": "", "schedule-published-on": null, "is-sessions-speakers-enabled": null, "call-timezone": null}`,
		"numbers":          `{"latitude": -0.000001, "longitude": 180, "is-sessions-speakers-enabled": false, "external-event-url": "https://lakeside.example/a b"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, event := c.imported(t, made(t, 12, 6, 4), "")
			c.patch(t, event.ID, attributes)
			again, _ := c.imported(t, c.exported(t, event.ID), "")
			require.Empty(t, contentsDiffer(t, c.db, first, again))
		})
	}
	_, event := c.imported(t, made(t, 12, 6, 4), "")
	for _, refused := range []string{
		`{"timezone": "posix/Europe/Berlin"}`, `{"timezone": "./Europe/Berlin"}`, `{"call-timezone": "localtime"}`, `{"email": "root@localhost"}`,
		`{"starts-at": "0001-01-01T00:00:00Z"}`, `{"ends-at": "9999-12-31T23:59:59-12:00"}`,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, c.url+"/v1/events/"+event.ID,
			strings.NewReader(`{"data": {"type": "event", "attributes": `+refused+`}}`))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/vnd.api+json")
		c.do(t, req, http.StatusUnprocessableEntity, nil)
	}
}
