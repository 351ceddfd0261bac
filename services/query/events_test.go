package query_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// lists are the addresses of the lists that belong to an event.
var lists = []string{
	"/sessions", "/speakers", "/tracks", "/microlocations", "/session-types",
	"/sponsors", "/social-links", "/custom-forms", "/media",
}

func ident(s contracts.Stage) bun.Ident { return bun.Ident(s) }

func TestEventAppearsWithTheSuccessOfItsImport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.insert("event.social_links", map[string]any{"name": "Fediverse"})
	hidden := func() {
		t.Helper()
		require.Empty(t, b.ok(t, olga, "/v1/events").data(t))
		require.Empty(t, b.ok(t, admin, "/v1/events").data(t))
		b.refused(t, olga, "/v1/events/"+itoa(c.event), http.StatusNotFound, "not_found")
		b.refused(t, admin, "/v1/events/c4f1a9e2/social-links", http.StatusNotFound, "not_found")
	}
	hidden()
	c.request()
	c.complete(contracts.Event, map[contracts.EntityType]int{contracts.Events: 1})
	c.waits(contracts.Started, "Waiting for people")
	hidden()
	c.fail(contracts.People, contracts.IssueCounts{})
	c.waits(contracts.Failure, "The archive is not valid.")
	hidden()

	// A replay makes only the rest anew; what is of the first attempt belongs to it.
	c.attempt = 2
	c.complete(contracts.People, nil)
	c.waits(contracts.Started, "Waiting for schedule")
	hidden()
	c.succeed()
	c.waits(contracts.Success, "Imported Lakeside Open Days")
	require.Len(t, b.ok(t, olga, "/v1/events").data(t), 1)
	require.Len(t, b.ok(t, olga, "/v1/events/c4f1a9e2/social-links").data(t), 1)

	// What a later attempt makes is not shown before it is known to be done.
	c.insert("event.social_links", map[string]any{"name": "too early", "attempt": 3})
	require.Len(t, b.ok(t, olga, "/v1/events/c4f1a9e2/social-links").data(t), 1)
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET attempt = 3 WHERE id = ?`, c.event)
	require.NoError(t, err)
	hidden()
}

func TestEventIsFoundByIDAndByIdentifier(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	byID := b.ok(t, olga, "/v1/events/"+itoa(c.event))
	require.Equal(t, byID.body, b.ok(t, olga, "/v1/events/c4f1a9e2").body)
	require.Equal(t, "/v1/events/"+itoa(c.event), at(byID.body, "data", "links", "self"))

	// An identifier may look like an id, also like that of another event.
	digits := b.conference(t, olga).made("12345678")
	require.Equal(t, itoa(digits.event), at(b.ok(t, olga, "/v1/events/12345678").body, "data", "id"))
	other := b.conference(t, olga)
	_, err := b.res.DB.ExecContext(t.Context(), `ALTER SEQUENCE event.events_id_seq RESTART WITH 12345678`)
	require.NoError(t, err)
	other.made("0badcafe")
	require.EqualValues(t, 12345678, other.event)
	require.Equal(t, itoa(digits.event), at(b.ok(t, olga, "/v1/events/12345678").body, "data", "id"), "the identifier comes first")
	b.conference(t, olga).made("00000042")
	require.Equal(t, "00000042", at(b.ok(t, olga, "/v1/events/00000042").body, "data", "attributes", "identifier"))
	var ids []any
	for _, event := range b.ok(t, olga, "/v1/events").data(t) {
		ids = append(ids, at(event, "id"))
	}
	require.Equal(t, []any{itoa(c.event), itoa(digits.event), "12345678", "12345679"}, ids)
}

func TestEventShowsItsTimesInItsZone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	session := c.insert("schedule.sessions", map[string]any{"title": "Sailing", "starts_at": "2031-12-24T08:00:00.25Z"})
	c.made("c4f1a9e2")
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET copyright_year = 2031, call_starts_at = '2031-01-01T00:00:00Z',
		latitude = 47.35, is_sessions_speakers_enabled = true WHERE id = ?`, c.event)
	require.NoError(t, err)
	attributes := at(b.ok(t, olga, "/v1/events/c4f1a9e2").body, "data", "attributes")
	require.Equal(t, "2031-05-02T09:00:00+02:00", at(attributes, "starts-at"))
	require.Equal(t, "2031-01-01T01:00:00+01:00", at(attributes, "call-starts-at"))
	require.Equal(t, number("2031"), at(attributes, "copyright-year"))
	require.Equal(t, number("47.35"), at(attributes, "latitude"))
	require.Equal(t, true, at(attributes, "is-sessions-speakers-enabled"))
	require.Nil(t, at(attributes, "schedule-published-on"))
	require.Equal(t, attributes, at(b.ok(t, olga, "/v1/events").body, "data", 0, "attributes"))

	page := b.ok(t, olga, "/v1/events/c4f1a9e2/sessions")
	require.Equal(t, itoa(session), at(page.body, "data", 0, "id"))
	require.Equal(t, "2031-12-24T09:00:00.25+01:00", at(page.body, "data", 0, "attributes", "starts-at"))
	require.Nil(t, at(page.body, "data", 0, "attributes", "ends-at"))

	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE event.events SET timezone = 'Nowhere/Land' WHERE id = ?`, c.event)
	require.NoError(t, err)
	require.Equal(t, "2031-05-02T07:00:00Z", at(b.ok(t, olga, "/v1/events/c4f1a9e2").body, "data", "attributes", "starts-at"))
}

func TestSessionsLeadToTrackRoomTypeAndSpeakers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	track := c.insert("schedule.tracks", map[string]any{"name": "Water"})
	room := c.insert("schedule.microlocations", map[string]any{"name": "Pier"})
	kind := c.insert("schedule.session_types", map[string]any{"name": "Talk"})
	ada := c.insert("people.speakers", map[string]any{"name": "Ada"})
	ben := c.insert("people.speakers", map[string]any{"name": "Ben"})
	full := c.insert("schedule.sessions", map[string]any{"title": "Sailing", "track_id": track, "microlocation_id": room, "session_type_id": kind})
	bare := c.insert("schedule.sessions", map[string]any{"title": "Rowing"})
	c.speak(full, ben, ada)
	c.made("c4f1a9e2")

	page := b.ok(t, olga, "/v1/events/c4f1a9e2/sessions")
	reference := func(name string, id int64) any { return map[string]any{"type": name, "id": itoa(id)} }
	require.Equal(t, relationships(c, full, map[string]any{
		"track":         reference("track", track),
		"microlocation": reference("microlocation", room),
		"session-type":  reference("session-type", kind),
		"speakers":      []any{reference("speaker", ben), reference("speaker", ada)},
	}), at(page.body, "data", 0, "relationships"))
	require.Equal(t, itoa(bare), at(page.body, "data", 1, "id"))
	require.Equal(t, relationships(c, bare, map[string]any{
		"track": nil, "microlocation": nil, "session-type": nil, "speakers": []any{},
	}), at(page.body, "data", 1, "relationships"))
}

// relationships are those of a session, with their links.
func relationships(c *conference, session int64, data map[string]any) any {
	all := make(map[string]any)
	for name, other := range data {
		all[name] = map[string]any{
			"links": map[string]any{"related": fmt.Sprintf("/v1/events/%d/sessions/%d/%s", c.event, session, name)},
			"data":  other,
		}
	}
	return all
}

// The rest of the resources: the table, a row of it, and what is shown of it.
func TestEveryResourceShowsItsColumns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	resources := []struct {
		list, name, table string
		row, shown        map[string]any
	}{
		{
			"speakers", "speaker", "people.speakers",
			map[string]any{"name": "Ada", "email": "ada@speakers.example", "mobile": "1", "is_featured": true, "short_biography": "<p>Hi</p>"},
			map[string]any{"name": "Ada", "email": "ada@speakers.example", "mobile": "1", "is-featured": true, "short-biography": "<p>Hi</p>", "website": nil},
		},
		{
			"tracks", "track", "schedule.tracks",
			map[string]any{"name": "Water", "color": "#0000ff", "image_url": "https://lakeside.example/water.png"},
			map[string]any{"name": "Water", "color": "#0000ff", "image-url": "https://lakeside.example/water.png", "description": nil},
		},
		{
			"microlocations", "microlocation", "schedule.microlocations",
			map[string]any{"name": "Pier", "latitude": 47.5, "floor": -1},
			map[string]any{"name": "Pier", "latitude": number("47.5"), "floor": number("-1"), "longitude": nil},
		},
		{
			"session-types", "session-type", "schedule.session_types",
			map[string]any{"name": "Talk", "length": "00:30", "length_minutes": 30},
			map[string]any{"name": "Talk", "length": "00:30", "length-minutes": number("30")},
		},
		{
			"sponsors", "sponsor", "people.sponsors",
			map[string]any{"name": "Boats & Co", "level": "1", "type": "Gold"},
			map[string]any{"name": "Boats & Co", "level": "1", "type": "Gold", "url": nil},
		},
		{
			"social-links", "social-link", "event.social_links",
			map[string]any{"name": "Fediverse", "link": "https://social.example/@lakeside"},
			map[string]any{"name": "Fediverse", "link": "https://social.example/@lakeside"},
		},
		{
			"custom-forms", "custom-form", "event.custom_forms",
			map[string]any{"form": "session", "field_identifier": "title", "is_required": true, "is_included": false},
			map[string]any{"form": "session", "field-identifier": "title", "is-required": true, "is-included": false},
		},
		{
			"media", "media", "media.files",
			map[string]any{
				"owner_type": "speakers", "owner_id": 7, "field": "photo", "kind": "image", "path": "/images/ada.png",
				"state": "stored", "blob": "media/secret-key", "content_type": "image/png", "size": 9, "sha256": "ab",
			},
			map[string]any{
				"owner-type": "speakers", "owner-id": "7", "field": "photo", "kind": "image", "path": "/images/ada.png",
				"state": "stored", "content-type": "image/png", "size": number("9"), "sha256": "ab",
			},
		},
	}
	ids := make(map[string]string)
	for _, r := range resources {
		ids[r.list] = itoa(c.insert(r.table, maps.Clone(r.row)))
		b.conference(t, paul).insert(r.table, maps.Clone(r.row)) // of another import
	}
	c.made("c4f1a9e2")
	for _, r := range resources {
		page := b.ok(t, olga, "/v1/events/c4f1a9e2/"+r.list)
		require.Equal(t, "application/vnd.api+json", page.header.Get("Content-Type"))
		require.Len(t, page.data(t), 1, r.list)
		require.Equal(t, number("1"), at(page.body, "meta", "total"))
		entry := at(page.body, "data", 0)
		require.Equal(t, r.name, at(entry, "type"))
		require.Equal(t, ids[r.list], at(entry, "id"))
		attributes := at(entry, "attributes").(map[string]any)
		for name, want := range r.shown {
			require.Contains(t, attributes, name)
			require.Equal(t, want, attributes[name], "%s of %s", name, r.list)
		}
		for _, internal := range []string{"blob", "import-id", "attempt", "origin", "id"} {
			require.NotContains(t, attributes, internal)
		}
	}
}

func TestListsOfAnEventArePagedByID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	var ids []any
	speaker := c.insert("people.speakers", map[string]any{"name": "Ada"})
	for n := range 25 {
		session := c.insert("schedule.sessions", map[string]any{"title": fmt.Sprint("Session ", n)})
		ids = append(ids, itoa(session))
		c.speak(session, speaker)
	}
	c.made("c4f1a9e2")
	var seen []any
	next := "/v1/events/c4f1a9e2/sessions?page[size]=7"
	pages := 0
	for next != "" {
		page := b.ok(t, olga, next)
		require.Equal(t, number("25"), at(page.body, "meta", "total"))
		for _, entry := range page.data(t) {
			seen = append(seen, at(entry, "id"))
		}
		next, _ = at(page.body, "links", "next").(string)
		pages++
	}
	require.Equal(t, 4, pages)
	require.Equal(t, ids, seen)
	require.Len(t, b.ok(t, olga, "/v1/events/c4f1a9e2/sessions").data(t), 20)
}

func TestAListTakesTheSameNumberOfQueriesForAnySize(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.project(t)
	c := b.conference(t, olga)
	for n := range 20 {
		c.insert("schedule.sessions", map[string]any{"title": fmt.Sprint("Session ", n)})
	}
	c.made("c4f1a9e2")
	stop() // it asks the database, too
	ask := func(size int) int64 {
		before := b.queries.Load()
		require.Len(t, b.ok(t, olga, fmt.Sprintf("/v1/events/c4f1a9e2/sessions?page[size]=%d", size)).data(t), size)
		return b.queries.Load() - before
	}
	require.EqualValues(t, 4, ask(1), "the event, how many, the page, its speakers")
	require.EqualValues(t, 4, ask(20))
}
