package query_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

// calendar reads a schedule with another library than the one that has written it.
func (b *bench) calendar(t *testing.T, who auth.Identity, identifier string) (answer, []ical.Event) {
	t.Helper()
	a := b.ask(t, who, http.MethodGet, "/e/"+identifier+"/schedule.ics")
	require.Equal(t, http.StatusOK, a.status, a.text)
	for line := range strings.SplitSeq(strings.TrimSuffix(a.text, "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75, "a line is folded")
		require.NotContains(t, line, "\n")
	}
	c, err := ical.NewDecoder(strings.NewReader(a.text)).Decode()
	require.NoError(t, err)
	return a, c.Events()
}

// value is what a property of an entry says.
func value(t *testing.T, e ical.Event, name string) string {
	t.Helper()
	text, err := e.Props.Text(name)
	require.NoError(t, err)
	return text
}

func TestScheduleIsACalendar(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	ada := c.insert("people.speakers", map[string]any{"name": "Ada Strand"})
	pier := c.insert("schedule.microlocations", map[string]any{"name": "Pier; the long one, at the water"})
	track := c.insert("schedule.tracks", map[string]any{"name": "Water, wind"})
	long := strings.Repeat("Bring a coat, please. Für alle – 水と風。 ", 40)
	shown := c.insert("schedule.sessions", map[string]any{
		"title": "Sailing;\r\nBEGIN:VALARM, \\ and more", "state": "accepted", "starts_at": "2031-05-02T08:00:00Z", "ends_at": "2031-05-02T09:30:00Z",
		"microlocation_id": pier, "track_id": track, "long_abstract": "<p>" + long + "</p>",
	})
	c.speak(shown, ada)
	c.insert("schedule.sessions", map[string]any{"title": "Secret plans", "state": "rejected", "starts_at": "2031-05-02T08:00:00Z"})
	c.insert("schedule.sessions", map[string]any{"title": "Some day", "state": "accepted"})
	c.made("c4f1a9e2")
	require.Equal(t, http.StatusNotFound, b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2/schedule.ics").status)
	require.Equal(t, http.StatusNotFound, b.ask(t, paul, http.MethodGet, "/e/c4f1a9e2/schedule.ics").status)
	drafted, all := b.calendar(t, olga, "c4f1a9e2")
	require.Len(t, all, 2)
	require.Equal(t, "private, no-cache", drafted.header.Get("Cache-Control"))

	c.publish()
	a, events := b.calendar(t, nobody, "c4f1a9e2")
	require.Equal(t, "text/calendar; charset=utf-8", a.header.Get("Content-Type"))
	require.Len(t, events, 1)
	e := events[0]
	require.Equal(t, `Sailing; BEGIN:VALARM, \ and more`, value(t, e, ical.PropSummary))
	require.Equal(t, "Pier; the long one, at the water", value(t, e, ical.PropLocation))
	require.Equal(t, "Water, wind", value(t, e, ical.PropCategories))
	require.Equal(t, "Ada Strand\n\n"+strings.TrimSpace(long), value(t, e, ical.PropDescription))
	begin, err := e.DateTimeStart(time.UTC)
	require.NoError(t, err)
	require.Equal(t, "2031-05-02T08:00:00Z", begin.Format(time.RFC3339))
	end, err := e.DateTimeEnd(time.UTC)
	require.NoError(t, err)
	require.Equal(t, "2031-05-02T09:30:00Z", end.Format(time.RFC3339))
	url, err := e.Props.URI(ical.PropURL)
	require.NoError(t, err)
	require.Equal(t, "https://usher.example/e/c4f1a9e2/sessions/"+itoa(shown), url.String())

	// The owner's has the same entry under the same UID.
	for _, one := range all {
		if value(t, one, ical.PropSummary) != "Secret plans" {
			require.Equal(t, value(t, e, ical.PropUID), value(t, one, ical.PropUID))
		}
	}
	require.NotEqual(t, value(t, all[0], ical.PropUID), value(t, all[1], ical.PropUID))

	tag := a.header.Get("ETag")
	require.True(t, strings.HasPrefix(tag, `W/"`), tag)
	again := b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2/schedule.ics", "If-None-Match", tag)
	require.Equal(t, http.StatusNotModified, again.status)
	_, err = b.res.DB.ExecContext(t.Context(), `UPDATE schedule.sessions SET title = 'Sailing' WHERE id = ?`, shown)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, b.ask(t, nobody, http.MethodGet, "/e/c4f1a9e2/schedule.ics", "If-None-Match", tag).status)
}
