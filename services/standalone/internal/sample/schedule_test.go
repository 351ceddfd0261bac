package sample

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTimetableIsInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	last := 0
	for _, e := range timetable {
		at := e.hour*60 + e.minute
		require.GreaterOrEqual(t, at, last)
		require.Less(t, e.room, roomsPerWing)
		require.LessOrEqual(t, at+formats[e.format].minutes, 18*60, "the event ends at 18:00")
		last = at
	}
}

// The whole range of sizes finds a room for each session: the first, the last
// and those around the seams of the days.
func TestSlotKnowsAPlaceForEverySession(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 29, 30, 31, 119, 120, 121, 599, 600, 601, 4_999, 5_000, 5_001, 99_999, 100_001, MaxSessions} {
		p := newPlan(Config{Sessions: n, Speakers: 10})
		last := p.slot(0)
		require.Equal(t, 0, last.day)
		for i := 0; i < n; i += max(1, n/10_000) {
			s := p.slot(i)
			require.Less(t, s.day, p.days)
			require.Less(t, s.room, p.rooms)
			require.GreaterOrEqual(t, s.day, last.day)
			last = s
		}
		require.Equal(t, p.days-1, p.slot(n-1).day, "%d sessions leave a day empty", n)
	}
}

func TestListsFitTogether(t *testing.T) {
	t.Parallel()
	require.Len(t, trackColors, len(trackNames))
	for _, tongue := range tongues {
		require.GreaterOrEqual(t, len(tongue.sentences), 3, tongue.language)
		require.GreaterOrEqual(t, len(tongue.items), 3, tongue.language)
	}
}
