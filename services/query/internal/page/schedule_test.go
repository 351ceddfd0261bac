package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lakeside is a programme of an event in Zurich with two rooms and two tracks.
func lakeside() *programme {
	return newProgramme(&frame{Home: "/e/lakeside"}, about{event: eventRow{Timezone: "Europe/Zurich"}}, plan{
		rooms:  []namedRow{{ID: 4, Name: "Pier"}, {ID: 5, Name: "Boathouse"}},
		tracks: []namedRow{{ID: 3, Name: "Water", Color: "#0000ff"}, {ID: 2, Name: "Wind"}},
	})
}

// at makes a session of the id that begins then and takes that long.
func at(t *testing.T, id int64, begin string, length time.Duration) sessionRow {
	t.Helper()
	from := clock(t, begin)
	return sessionRow{ID: id, Title: fmt.Sprint("Session ", id), State: "accepted", StartsAt: from, EndsAt: from.Add(length), MicrolocationID: 4}
}

func TestScheduleIsByDayAndTimeOfTheEvent(t *testing.T) {
	t.Parallel()
	var rows []sessionRow
	for i, begin := range []string{"2031-05-02T07:00:00Z", "2031-05-02T07:00:00Z", "2031-05-02T21:59:00Z", "2031-05-02T22:00:00Z"} {
		row := at(t, int64(i), begin, 30*time.Minute)
		row.TrackID = 3
		rows = append(rows, row)
	}
	rows = append(rows, sessionRow{Title: "some day", State: "pending"})
	s := lakeside().schedule(rows, wish{view: viewList})
	require.Len(t, s.Days, 2)
	require.Equal(t, "Friday 2 May", s.Days[0].Name)
	require.Equal(t, "Saturday 3 May", s.Days[1].Name, "22:00 in UTC is the next day there")
	require.Len(t, s.Days[0].Slots, 2)
	require.Equal(t, "09:00", s.Days[0].Slots[0].Begin.Text)
	require.Len(t, s.Days[0].Slots[0].Sessions, 2)
	second := s.Days[0].Slots[0].Sessions[1]
	require.Equal(t, "09:00 – 09:30", second.Times.text())
	require.Equal(t, "Water", second.Track.Name)
	require.Equal(t, "Pier", second.Room)
	require.Empty(t, second.State)
	require.Empty(t, second.Place, "a list has no cells")
	require.Equal(t, "some day", s.Unscheduled[0].Title)
	require.Equal(t, "pending", s.Unscheduled[0].State)
	require.Equal(t, []choice{{"Fri 2 May", "#day-2031-05-02", false}, {"Sat 3 May", "#day-2031-05-03", false}}, s.Parts)
}

func TestScheduleByTrackHasThoseOfNoneAtItsEnd(t *testing.T) {
	t.Parallel()
	first, second, third := at(t, 1, "2031-05-02T07:00:00Z", time.Hour), at(t, 2, "2031-05-02T08:00:00Z", time.Hour), at(t, 3, "2031-05-02T09:00:00Z", time.Hour)
	first.TrackID, third.TrackID = 2, 3
	s := lakeside().schedule([]sessionRow{first, second, third}, wish{view: viewTracks})
	require.Empty(t, s.Days)
	require.Len(t, s.Tracks, 3)
	require.Equal(t, "Water", s.Tracks[0].Track.Name)
	require.Equal(t, "t0", s.Tracks[0].Track.Class)
	require.Equal(t, "Wind", s.Tracks[1].Track.Name)
	require.Empty(t, s.Tracks[1].Track.Class, "it has no colour")
	require.Nil(t, s.Tracks[2].Track)
	require.Equal(t, "Session 2", s.Tracks[2].Sessions[0].Title)
	require.Equal(t, "Fri 2 May", s.Tracks[2].Sessions[0].Day)
}

func TestLongScheduleHasOnePageForEachDay(t *testing.T) {
	t.Parallel()
	var rows []sessionRow
	for i := range wholeSchedule {
		rows = append(rows, at(t, int64(i), "2031-05-02T07:00:00Z", time.Hour))
	}
	for i := range longestPart + 1 {
		rows = append(rows, at(t, int64(wholeSchedule+i), "2031-05-03T07:00:00Z", time.Hour))
	}
	rows = append(rows, sessionRow{Title: "some day"})
	sessions := func(s schedule) (n int) {
		for _, d := range s.Days {
			for _, slot := range d.Slots {
				n += len(slot.Sessions)
			}
		}
		return n + len(s.Unscheduled)
	}
	for _, c := range []struct {
		asked, current string
		sessions       int
	}{
		{"", "Fri 2 May", wholeSchedule},
		{"2031-05-02", "Fri 2 May", wholeSchedule},
		{"2031-05-03", "Sat 3 May", longestPart},
		{"2031-05-03.2", "Sat 3 May (2)", 1},
		{"unscheduled", "Not scheduled yet", 1},
		{"nonsense", "Fri 2 May", wholeSchedule},
	} {
		s := lakeside().schedule(rows, wish{view: "nonsense", part: c.asked})
		require.Equal(t, c.sessions, sessions(s), c.asked)
		require.Equal(t, viewRooms, s.View)
		require.Len(t, s.Parts, 4)
		for _, one := range s.Parts {
			require.Equal(t, one.Name == c.current, one.Current, "%s: %+v", c.asked, one)
		}
		require.Len(t, s.Views, 3)
	}
	s := lakeside().schedule(rows, wish{view: viewTracks, part: "2031-05-03"})
	require.Equal(t, "?day=2031-05-03&view=list#schedule", s.Views[1].URL, "another way shows the same day")
	require.Equal(t, "?day=2031-05-02&view=tracks#schedule", s.Parts[0].URL, "another day is shown in the same way")
}
