package query_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

// programme is an event with things of every kind that others must not see.
type programme struct {
	*conference
	at string
	// Sessions by their state.
	accepted, confirmed, rejected, stateless int64
	// Speakers by their sessions.
	heard, refused, both, silent int64
	track                        int64
}

func newProgramme(t *testing.T, b *bench) programme {
	t.Helper()
	p := programme{conference: b.conference(t, olga)}
	p.track = p.insert("schedule.tracks", map[string]any{"name": "Water"})
	session := func(title string, state any) int64 {
		id := p.insert("schedule.sessions", map[string]any{"title": title, "state": state, "track_id": p.track, "slides_url": "/slides.pdf"})
		p.file("sessions", id, "slides", "/slides.pdf", "application/pdf")
		return id
	}
	speaker := func(name string) int64 {
		id := p.insert("people.speakers", map[string]any{"name": name, "email": name + "@speakers.example", "mobile": "+41 1", "photo_url": "/photo.png"})
		p.file("speakers", id, "photo", "/photo.png", "image/png")
		return id
	}
	p.accepted, p.confirmed = session("Sailing", "Accepted"), session("Rowing", "confirmed")
	p.rejected, p.stateless = session("Motors", "rejected"), session("Diving", nil)
	p.heard, p.refused, p.both, p.silent = speaker("Ada"), speaker("Ben"), speaker("Cleo"), speaker("Dora")
	p.speak(p.accepted, p.heard, p.both)
	p.speak(p.rejected, p.refused, p.both)
	p.speak(p.stateless, p.refused)
	p.insert("media.files", map[string]any{"owner_type": "speakers", "field": "photo", "kind": "image", "path": "/whose.png", "state": "missing"})
	p.made("c4f1a9e2")
	p.at = "/v1/events/" + itoa(p.event)
	return p
}

// file makes the row of a file that is stored, and returns its id.
func (c *conference) file(ownerType string, owner int64, field, path, contentType string) int64 {
	c.t.Helper()
	return c.insert("media.files", map[string]any{
		"owner_type": ownerType, "owner_id": owner, "field": field, "kind": "image", "path": path,
		"state": "stored", "blob": "media/" + path, "content_type": contentType, "size": 9, "sha256": "ab",
	})
}

// ids are those of a list, or of what a document includes.
func ids(list any) []string {
	var all []string
	entries, _ := list.([]any)
	for _, entry := range entries {
		all = append(all, at(entry, "id").(string))
	}
	return all
}

func texts(numbers ...int64) []string {
	var all []string
	for _, n := range numbers {
		all = append(all, itoa(n))
	}
	return all
}

func TestOthersSeeOfAPublishedEventWhatIsForThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	p.publish()
	for _, who := range []auth.Identity{nobody, paul} {
		require.Equal(t, texts(p.event), ids(b.ok(t, who, "/v1/events").body["data"]))
		require.Empty(t, b.ok(t, paul, "/v1/events?filter[owner]=me").data(t))

		sessions := b.ok(t, who, p.at+"/sessions")
		require.Equal(t, texts(p.accepted, p.confirmed), ids(sessions.body["data"]))
		require.Equal(t, number("2"), at(sessions.body, "meta", "total"))
		require.Equal(t, texts(p.heard, p.both), ids(at(sessions.body, "data", 0, "relationships", "speakers", "data")))
		b.ok(t, who, p.at+"/sessions/"+itoa(p.confirmed))
		for _, id := range []int64{p.rejected, p.stateless} {
			b.refused(t, who, p.at+"/sessions/"+itoa(id), http.StatusNotFound, "not_found")
			b.refused(t, who, p.at+"/sessions/"+itoa(id)+"/speakers", http.StatusNotFound, "not_found")
			b.refused(t, who, p.at+"/sessions/"+itoa(id)+"/track", http.StatusNotFound, "not_found")
		}

		speakers := b.ok(t, who, p.at+"/speakers?include=sessions")
		require.Equal(t, texts(p.heard, p.both, p.silent), ids(speakers.body["data"]))
		require.Equal(t, number("3"), at(speakers.body, "meta", "total"))
		require.Equal(t, texts(p.accepted), ids(at(speakers.body, "data", 1, "relationships", "sessions", "data")))
		require.Equal(t, texts(p.accepted), ids(speakers.body["included"]))
		for _, private := range []string{"email", "mobile", "gender", "heard-from", "speaking-experience", "sponsorship-required"} {
			require.NotContains(t, at(speakers.body, "data", 0, "attributes"), private)
		}
		require.NotContains(t, at(b.ok(t, who, p.at+"/sessions").body, "data", 0, "attributes"), "comments")
		require.NotContains(t, speakers.text, "@speakers.example")
		require.NotContains(t, b.ok(t, who, p.at+"/sessions?include=speakers").text, "@speakers.example")
		b.refused(t, who, p.at+"/speakers/"+itoa(p.refused), http.StatusNotFound, "not_found")
		require.Equal(t, texts(p.accepted), ids(b.ok(t, who, p.at+"/speakers/"+itoa(p.both)+"/sessions").body["data"]))

		require.Equal(t, texts(p.accepted, p.confirmed), ids(b.ok(t, who, p.at+"/tracks/"+itoa(p.track)+"/sessions").body["data"]))
		tracks := b.ok(t, who, p.at+"/tracks?include=sessions")
		require.Equal(t, texts(p.accepted, p.confirmed), ids(tracks.body["included"]))
		require.Equal(t, texts(p.accepted, p.confirmed), ids(at(tracks.body, "data", 0, "relationships", "sessions", "data")))
		require.Equal(t, texts(p.heard, p.both, p.silent), ids(b.ok(t, who, p.at+"?include=speakers").body["included"]))

		files := b.ok(t, who, p.at+"/media")
		require.Equal(t, number("5"), at(files.body, "meta", "total"), "of two sessions and three speakers")
		for _, entry := range files.data(t) {
			require.Contains(t, texts(p.accepted, p.confirmed, p.heard, p.both, p.silent), at(entry, "attributes", "owner-id"))
		}

		// What is hidden cannot be found out by asking for it.
		require.Empty(t, b.ok(t, who, p.at+"/sessions?filter[state]=rejected").data(t))
		require.Empty(t, b.ok(t, who, p.at+"/sessions?filter[speaker]="+itoa(p.refused)).data(t))
		require.Empty(t, b.ok(t, who, p.at+"/speakers?filter[name]=ben").data(t))
		b.refused(t, who, p.at+"/speakers?filter[email]=ada@speakers.example", http.StatusBadRequest, "bad_filter")
		b.refused(t, who, p.at+"/speakers?sort=email", http.StatusBadRequest, "bad_sort")
		b.refused(t, who, p.at+"/speakers?fields[speaker]=email", http.StatusBadRequest, "bad_fields")
		require.NotContains(t, b.get(t, who, p.at+"/speakers?fields[speaker]=x").text, "mobile")
	}
	for _, who := range []auth.Identity{olga, admin} {
		require.Len(t, b.ok(t, who, p.at+"/sessions").data(t), 4)
		speakers := b.ok(t, who, p.at+"/speakers")
		require.Len(t, speakers.data(t), 4)
		require.Equal(t, "Ada@speakers.example", at(speakers.body, "data", 0, "attributes", "email"))
		require.Equal(t, texts(p.rejected, p.stateless), ids(at(speakers.body, "data", 1, "relationships", "sessions", "data")))
		require.Len(t, b.ok(t, who, p.at+"/media").data(t), 9)
		require.Equal(t, texts(p.heard), ids(b.ok(t, who, p.at+"/speakers?filter[email]=ada@speakers.example").body["data"]))
		require.Equal(t, map[string]any{"mobile": "+41 1"}, at(b.ok(t, who, p.at+"/speakers?fields[speaker]=mobile").body, "data", 0, "attributes"))
	}
}

func TestDraftsOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	b.conference(t, paul).made("0badcafe").publish()
	for _, who := range []auth.Identity{nobody, paul} {
		require.Equal(t, number("1"), at(b.ok(t, who, "/v1/events").body, "meta", "total"))
		require.Empty(t, b.ok(t, who, "/v1/events?filter[state]=draft").data(t))
		for _, path := range []string{"", "/sessions", "/sessions/" + itoa(p.accepted), "/tracks/" + itoa(p.track) + "/sessions"} {
			b.refused(t, who, p.at+path, http.StatusNotFound, "not_found")
		}
	}
	require.Equal(t, texts(p.event), ids(b.ok(t, olga, "/v1/events?filter[owner]=me").body["data"]))
	require.Len(t, b.ok(t, olga, "/v1/events").data(t), 2)
	require.Len(t, b.ok(t, admin, "/v1/events").data(t), 2)
}

func TestPublishedEventIsThereOnlyWithTheSuccessOfItsImport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.publish()
	require.Empty(t, b.ok(t, nobody, "/v1/events").data(t))
	b.refused(t, nobody, "/v1/events/c4f1a9e2", http.StatusNotFound, "not_found")
}

// Whoever sends a token means to be known.
func TestATokenThatDoesNotCountIsRefusedAlsoWhereNoneIsNeeded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/v1/events", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer e30.e30.e30")
	response, err := b.http.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
}

func TestWhatBelongsToAnotherEventIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	p := newProgramme(t, b)
	other := b.conference(t, olga).made("0badcafe")
	for _, path := range []string{"/sessions/" + itoa(p.accepted), "/speakers/" + itoa(p.heard) + "/sessions", "/sessions/" + itoa(p.accepted) + "/track"} {
		b.ok(t, olga, p.at+path)
		b.refused(t, olga, "/v1/events/"+itoa(other.event)+path, http.StatusNotFound, "not_found")
	}
	for _, id := range []string{"0", "x", "-1", "01", "+1", "%00", "99999999999999999999"} {
		b.refused(t, olga, p.at+"/sessions/"+id, http.StatusNotFound, "not_found")
	}
}
