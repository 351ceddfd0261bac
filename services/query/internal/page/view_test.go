package page

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func clock(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

func TestDatesSayNothingTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ begin, end, dates, hours string }{
		{"2031-05-02T09:00:00Z", "2031-05-02T17:00:00Z", "Friday 2 May 2031", "09:00 – 17:00"},
		{"2031-05-02T09:00:00Z", "2031-05-04T16:30:00Z", "2 – 4 May 2031", "Fri 09:00 – Sun 16:30"},
		{"2031-05-30T09:00:00Z", "2031-06-01T16:30:00Z", "30 May – 1 June 2031", "Fri 09:00 – Sun 16:30"},
		{"2031-12-31T20:00:00Z", "2032-01-01T04:00:00Z", "31 December 2031 – 1 January 2032", "Wed 20:00 – Thu 04:00"},
		{"2031-05-02T09:00:00Z", "2031-05-02T09:00:00Z", "Friday 2 May 2031", "09:00"},
	} {
		begin, end := clock(t, c.begin), clock(t, c.end)
		require.Equal(t, c.dates, dates(begin, end))
		require.Equal(t, c.hours, weekHours(begin, end))
	}
	require.Equal(t, "23:00 – 3 May 01:00", hours(clock(t, "2031-05-02T23:00:00Z"), clock(t, "2031-05-03T01:00:00Z")))
}

func TestZonesAreNamedWithTheirDistance(t *testing.T) {
	t.Parallel()
	at := clock(t, "2031-05-02T09:00:00Z")
	for zone, want := range map[string]string{
		"Europe/Zurich": "Europe/Zurich (UTC+2:00)", "America/St_Johns": "America/St Johns (UTC−2:30)", "UTC": "UTC", "Nowhere/Land": "UTC",
	} {
		require.Equal(t, want, zoneName(at.In(zoneOf(zone))))
	}
}

func TestScheduleIsByDayAndHourOfTheEvent(t *testing.T) {
	t.Parallel()
	r := rows{event: eventRow{Timezone: "Europe/Zurich"}, tracks: []namedRow{{ID: 3, Name: "Water", Color: "#0000ff"}}, rooms: []namedRow{{ID: 4, Name: "Pier"}}}
	for i, begin := range []string{"2031-05-02T07:00:00Z", "2031-05-02T07:30:00Z", "2031-05-02T21:59:00Z", "2031-05-02T22:00:00Z"} {
		at := clock(t, begin)
		r.sessions = append(r.sessions, sessionRow{ID: int64(i), Title: begin, State: "accepted", StartsAt: at, EndsAt: at.Add(30 * time.Minute), TrackID: 3, MicrolocationID: 4})
	}
	r.sessions = append(r.sessions, sessionRow{Title: "some day", State: "pending"})
	v := r.view()
	require.Len(t, v.Days, 2)
	require.Equal(t, "Friday 2 May", v.Days[0].Name)
	require.Equal(t, "Saturday 3 May", v.Days[1].Name, "22:00 in UTC is the next day there")
	require.Len(t, v.Days[0].Slots, 2)
	require.Equal(t, "09:00", v.Days[0].Slots[0].Begin)
	require.Len(t, v.Days[0].Slots[0].Sessions, 2)
	second := v.Days[0].Slots[0].Sessions[1]
	require.Equal(t, "09:30 – 10:00", second.Time)
	require.Equal(t, &track{"Water", "#0000ff"}, second.Track)
	require.Equal(t, "Pier", second.Room)
	require.Empty(t, second.State)
	require.Equal(t, "some day", v.Unscheduled[0].Title)
	require.Equal(t, "pending", v.Unscheduled[0].State)
}

func TestSponsorsOfTheFirstLevelComeFirst(t *testing.T) {
	t.Parallel()
	r := rows{sponsors: []sponsorRow{
		{Name: "A", Type: "Gold", Level: "2"}, {Name: "B"}, {Name: "C", Type: "Diamond", Level: "1"}, {Name: "D", Type: "Gold", Level: "2"}, {Name: "E", Type: "Tin", Level: "10"},
	}}
	var names []string
	for _, l := range r.view().Levels {
		for _, s := range l.Sponsors {
			names = append(names, l.Name+" "+s.Name)
		}
	}
	require.Equal(t, []string{"Diamond C", "Gold A", "Gold D", "Tin E", "Sponsors B"}, names)
}
