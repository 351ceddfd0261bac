package query_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResourcesHaveAddressesAndLeadToOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	for _, list := range lists {
		for _, entry := range b.ok(t, olga, p.at+list).data(t) {
			self := at(entry, "links", "self").(string)
			require.Equal(t, p.at+list+"/"+at(entry, "id").(string), self)
			require.Equal(t, entry, b.ok(t, olga, self).body["data"])
			relationships, _ := at(entry, "relationships").(map[string]any)
			for name, relationship := range relationships {
				related := at(relationship, "links", "related").(string)
				require.Equal(t, self+"/"+name, related)
				data := at(relationship, "data")
				found := b.ok(t, olga, related).body["data"]
				if many, ok := data.([]any); ok {
					require.Equal(t, ids(many), ids(found))
				} else if data != nil {
					require.Equal(t, at(data, "id"), at(found, "id"))
				}
			}
		}
	}
	event := b.ok(t, olga, "/v1/events/c4f1a9e2").body["data"]
	for _, list := range lists {
		relationship := at(event, "relationships", strings.TrimPrefix(list, "/"))
		require.Equal(t, map[string]any{"links": map[string]any{"related": p.at + list}}, relationship, "links only, it may be long")
	}
	require.Nil(t, b.ok(t, olga, p.at+"/sessions/"+itoa(p.accepted)+"/microlocation").body["data"])
}

func TestSpeakersOfASessionComeInItsOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	session := c.insert("schedule.sessions", map[string]any{"title": "Sailing"})
	ada := c.insert("people.speakers", map[string]any{"name": "Ada"})
	ben := c.insert("people.speakers", map[string]any{"name": "Ben"})
	cleo := c.insert("people.speakers", map[string]any{"name": "Cleo"})
	c.speak(session, cleo, ada, ben)
	c.made("c4f1a9e2")
	path := fmt.Sprintf("/v1/events/c4f1a9e2/sessions/%d/speakers", session)
	require.Equal(t, texts(cleo, ada, ben), ids(b.ok(t, olga, path).body["data"]))
	require.Equal(t, texts(ada, ben, cleo), ids(b.ok(t, olga, path+"?sort=name").body["data"]))
	page := b.ok(t, olga, path+"?page[size]=1&page[number]=2")
	require.Equal(t, texts(ada), ids(page.body["data"]))
	require.Equal(t, number("3"), at(page.body, "meta", "total"))
}

func TestIncludedResourcesAreThereOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	page := b.ok(t, olga, p.at+"/sessions?include=speakers,track,microlocation,track")
	var included []string
	for _, entry := range page.body["included"].([]any) {
		included = append(included, fmt.Sprint(at(entry, "type"), at(entry, "id")))
		require.NotEmpty(t, at(entry, "links", "self"))
	}
	require.Equal(t, []string{
		"speaker" + itoa(p.heard), "speaker" + itoa(p.refused), "speaker" + itoa(p.both), "track" + itoa(p.track),
	}, included)
	require.Equal(t, texts(p.accepted, p.rejected), ids(at(page.body, "included", 2, "relationships", "sessions", "data")))
	require.NotContains(t, at(page.body, "included", 3, "relationships", "sessions"), "data")

	require.NotContains(t, b.ok(t, olga, p.at+"/sessions").body, "included")
	require.Equal(t, []any{}, b.ok(t, olga, p.at+"/sessions?filter[state]=none&include=track").body["included"])
	event := b.ok(t, olga, p.at+"?include=tracks,sessions")
	require.Equal(t, texts(p.track, p.accepted, p.confirmed, p.rejected, p.stateless), ids(event.body["included"]))
	require.Equal(t, texts(p.track), ids(at(event.body, "data", "relationships", "tracks", "data")))
	require.Equal(t, texts(p.accepted, p.confirmed, p.rejected, p.stateless),
		ids(b.ok(t, olga, p.at+"/tracks/"+itoa(p.track)+"?include=sessions").body["included"]))
	require.Equal(t, texts(p.track), ids(b.ok(t, olga, p.at+"/sessions/"+itoa(p.accepted)+"?include=track").body["included"]))
}

func TestADocumentIncludesOnlySoMuch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	track := c.insert("schedule.tracks", map[string]any{"name": "Water"})
	room := c.insert("schedule.microlocations", map[string]any{"name": "Pier"})
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO schedule.sessions (import_id, attempt, origin, title, track_id, microlocation_id)
		SELECT ?, 1, n, 'Session ' || n, ?, CASE WHEN n <= 1000 THEN ?::bigint END FROM generate_series(1, 1001) AS n`, c.id, track, room)
	require.NoError(t, err)
	c.made("c4f1a9e2")
	for _, path := range []string{"?include=sessions", "/tracks?include=sessions", "/tracks/" + itoa(track) + "?include=sessions"} {
		b.refused(t, olga, "/v1/events/c4f1a9e2"+path, http.StatusBadRequest, "too_many_included")
	}
	require.Len(t, b.ok(t, olga, "/v1/events/c4f1a9e2/microlocations?include=sessions").body["included"], 1000)
	require.Len(t, b.ok(t, olga, "/v1/events/c4f1a9e2?include=tracks").body["included"], 1)
}

func TestFieldsChooseWhatIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	page := b.ok(t, olga, p.at+"/sessions?fields[session]=title,starts-at,track&include=speakers&fields[speaker]=name")
	entry := at(page.body, "data", 0)
	require.Equal(t, map[string]any{"title": "Sailing", "starts-at": nil}, at(entry, "attributes"))
	require.Len(t, at(entry, "relationships"), 1)
	require.Contains(t, at(entry, "relationships"), "track")
	require.Equal(t, map[string]any{"name": "Ada"}, at(page.body, "included", 0, "attributes"))
	require.NotContains(t, at(page.body, "included", 0), "relationships")

	bare := b.ok(t, olga, p.at+"/tracks?fields[track]=")
	require.Equal(t, map[string]any{}, at(bare.body, "data", 0, "attributes"))
	require.Equal(t, map[string]any{"name": "Lakeside Open Days"}, at(b.ok(t, olga, p.at+"?fields[event]=name").body, "data", "attributes"))
}

func TestListsAreSorted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	session := func(title string, starts any) int64 {
		return c.insert("schedule.sessions", map[string]any{"title": title, "starts_at": starts})
	}
	noon := session("B", "2031-05-02T12:00:00Z")
	open := session("A", nil)
	early := session("C", "2031-05-02T08:00:00Z")
	also := session("A", "2031-05-02T12:00:00Z")
	c.made("c4f1a9e2")
	sorted := func(by string) []string {
		return ids(b.ok(t, olga, "/v1/events/c4f1a9e2/sessions?sort="+by).body["data"])
	}
	require.Equal(t, texts(noon, open, early, also), ids(b.ok(t, olga, "/v1/events/c4f1a9e2/sessions").body["data"]))
	require.Equal(t, texts(noon, open, early, also), sorted("id"))
	require.Equal(t, texts(early, noon, also, open), sorted("starts-at"))
	require.Equal(t, texts(noon, also, early, open), sorted("-starts-at"))
	require.Equal(t, texts(early, also, noon, open), sorted("starts-at,title"))
	require.Equal(t, texts(early, noon, also, open), sorted("-title,-starts-at"))
	require.Equal(t, texts(also, early, open, noon), sorted("-id"))
}

func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	track := c.insert("schedule.tracks", map[string]any{"name": "Water"})
	room := c.insert("schedule.microlocations", map[string]any{"name": "Pier"})
	kind := c.insert("schedule.session_types", map[string]any{"name": "Talk"})
	ada := c.insert("people.speakers", map[string]any{"name": "Ada Ahoy", "country": "Chad", "is_featured": true})
	ben := c.insert("people.speakers", map[string]any{"name": "Ben 100%"})
	one := c.insert("schedule.sessions", map[string]any{
		"title": "Sailing", "track_id": track, "session_type_id": kind, "state": "Accepted", "language": "German", "starts_at": "2031-05-02T08:00:00Z",
	})
	two := c.insert("schedule.sessions", map[string]any{"title": "Rowing", "microlocation_id": room, "state": "draft", "starts_at": "2031-05-02T09:00:00Z"})
	c.speak(one, ada)
	c.speak(two, ben, ada)
	gold := c.insert("people.sponsors", map[string]any{"name": "Boats & Co", "level": "1", "type": "Gold"})
	c.insert("people.sponsors", map[string]any{"name": "Nets & Co", "level": "2"})
	photo := c.file("speakers", ada, "photo", "/ada.png", "image/png")
	lost := c.insert("media.files", map[string]any{"owner_type": "sessions", "owner_id": one, "field": "video", "kind": "video", "path": "/v", "state": "missing"})
	c.made("c4f1a9e2")
	for _, list := range []struct {
		path string
		want []string
	}{
		{"/sessions?filter[track]=" + itoa(track), texts(one)},
		{"/sessions?filter[microlocation]=" + itoa(room), texts(two)},
		{"/sessions?filter[session-type]=" + itoa(kind), texts(one)},
		{"/sessions?filter[speaker]=" + itoa(ben), texts(two)},
		{"/sessions?filter[speaker]=" + itoa(ada), texts(one, two)},
		{"/sessions?filter[speaker]=" + itoa(ada) + "&filter[state]=accepted", texts(one)},
		{"/sessions?filter[language]=german", texts(one)},
		{"/sessions?filter[starts-after]=2031-05-02T09:00:00Z", texts(two)},
		{"/sessions?filter[starts-before]=2031-05-02T09:00:00Z", texts(one)},
		{"/sessions?filter[starts-after]=2031-05-02T10:30:00%2B02:00", texts(two)},
		{"/tracks/" + itoa(track) + "/sessions?filter[state]=draft", nil},
		{"/speakers?filter[name]=AHOY", texts(ada)},
		{"/speakers?filter[name]=%25", texts(ben)},
		{"/speakers?filter[is-featured]=true", texts(ada)},
		{"/speakers?filter[is-featured]=false", texts(ben)},
		{"/speakers?filter[country]=chad", texts(ada)},
		{"/sponsors?filter[level]=1", texts(gold)},
		{"/sponsors?filter[type]=gold", texts(gold)},
		{"/media?filter[state]=stored", texts(photo)},
		{"/media?filter[kind]=video", texts(lost)},
		{"/media?filter[owner-type]=speakers", texts(photo)},
	} {
		page := b.ok(t, olga, "/v1/events/c4f1a9e2"+list.path)
		require.Equal(t, list.want, ids(page.body["data"]), list.path)
		require.Equal(t, number(fmt.Sprint(len(list.want))), at(page.body, "meta", "total"), list.path)
	}
	require.Len(t, b.ok(t, olga, "/v1/events?filter[name]=LAKESIDE&filter[state]=draft").data(t), 1)
	require.Empty(t, b.ok(t, olga, "/v1/events?filter[name]=seaside").data(t))
	require.Empty(t, b.ok(t, olga, "/v1/events?filter[state]=published").data(t))
}

func TestWhatIsNotKnownIsRefusedWithWhatIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.conference(t, olga).made("c4f1a9e2")
	for _, c := range []struct{ path, code, names string }{
		{"/sessions?include=rooms", "bad_include", "track, microlocation, session-type, speakers"},
		{"/sessions?include=speakers.sessions", "bad_include", "speakers"},
		{"/sessions?include=track,", "bad_include", "track"},
		{"/sponsors?include=event", "bad_include", "nothing"},
		{"?include=track", "bad_include", "sessions, speakers, tracks"},
		{"/sessions?sort=comments", "bad_sort", "id, title, starts-at"},
		{"/sessions?sort=title,-title", "bad_sort", "once"},
		{"/sessions?sort=--title", "bad_sort", "title"},
		{"/sessions?sort=starts_at", "bad_sort", "starts-at"},
		{"?sort=name", "bad_sort", "nothing"},
		{"/sessions?fields[session]=id", "bad_fields", "title, subtitle"},
		{"/sessions?fields[sessions]=title", "bad_fields", "event, session, speaker"},
		{"/sessions?fields[session=title", "bad_fields", "session"},
		{"/sessions?fields=title", "bad_fields", "session"},
		{"/sessions?filter[title]=x", "bad_filter", "track, microlocation"},
		{"/sessions?filter[track]=x", "bad_filter", "filter[track]"},
		{"/sessions?filter[track]=1&filter[track]=2", "bad_filter", "twice"},
		{"/sessions?filter[starts-after]=noon", "bad_filter", "2031"},
		{"/sessions?filter[starts-after]=0000-01-01T00:00:00Z", "bad_filter", "2031"},
		{"/sessions?filter[state]=%00", "bad_filter", "filter[state]"},
		{"/sessions?filter[state]=%ff", "bad_filter", "filter[state]"},
		{"/speakers?filter[is-featured]=yes", "bad_filter", "true or false"},
		{"/media?filter[state]=lost", "bad_filter", "pending, stored, missing"},
		{"/tracks?filter[name]=x", "bad_filter", "nothing"},
		{"?filter[name]=x", "bad_filter", "nothing"},
	} {
		b.refused(t, olga, "/v1/events/c4f1a9e2"+c.path, http.StatusBadRequest, c.code)
		require.Contains(t, b.get(t, olga, "/v1/events/c4f1a9e2"+c.path).body["detail"], c.names, c.path)
	}
	b.refused(t, olga, "/v1/events?include=sessions", http.StatusBadRequest, "bad_include")
	b.refused(t, olga, "/v1/events?filter[owner]=paul", http.StatusBadRequest, "bad_filter")
	b.refused(t, nobody, "/v1/events?filter[owner]=me", http.StatusBadRequest, "bad_filter")
	b.refused(t, nobody, "/v1/events/deadbeef?include=x", http.StatusNotFound, "not_found")
}

func TestIncludesTakeTheSameNumberOfQueriesForAnySize(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.project(t)
	c := b.conference(t, olga)
	for n := range 20 {
		track := c.insert("schedule.tracks", map[string]any{"name": fmt.Sprint(n)})
		speaker := c.insert("people.speakers", map[string]any{"name": fmt.Sprint(n), "photo_url": "/p.png"})
		c.speak(c.insert("schedule.sessions", map[string]any{"title": fmt.Sprint("Session ", n), "track_id": track, "slides_url": "/s.pdf"}), speaker)
	}
	c.made("c4f1a9e2")
	stop() // it asks the database, too
	ask := func(path string) int64 {
		before := b.queries.Load()
		b.ok(t, olga, "/v1/events/c4f1a9e2"+path)
		return b.queries.Load() - before
	}
	const all = "&include=track,microlocation,session-type,speakers"
	require.EqualValues(t, 8, ask("/sessions?page[size]=1"+all), "event, how many, page, its speakers; tracks, speakers, their sessions; files")
	require.EqualValues(t, 8, ask("/sessions?page[size]=20"+all))
	require.EqualValues(t, 5, ask("/sessions?page[size]=20"))
	require.EqualValues(t, 3, ask("/sessions?page[size]=20&fields[session]=title"))
}
