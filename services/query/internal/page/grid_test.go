package page

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cell is where a session stands: its column, and the lines of rows around it.
type cell struct{ column, begin, end int }

func cellOf(t *testing.T, place string) cell {
	t.Helper()
	var c cell
	_, err := fmt.Sscanf(place, "c%d r%d e%d", &c.column, &c.begin, &c.end)
	require.NoError(t, err, place)
	return c
}

func cells(t *testing.T, d day) []cell {
	t.Helper()
	var all []cell
	for _, s := range d.Slots {
		for _, one := range s.Sessions {
			all = append(all, cellOf(t, one.Place))
		}
	}
	return all
}

func TestGridHasAColumnForEachRoomAndARowForEachMoment(t *testing.T) {
	t.Parallel()
	rows := []sessionRow{
		at(t, 1, "2031-05-02T07:00:00Z", time.Hour),
		at(t, 2, "2031-05-02T07:30:00Z", time.Hour),
		at(t, 3, "2031-05-02T08:00:00Z", 30*time.Minute),
		at(t, 4, "2031-05-02T12:00:00Z", 0),
	}
	rows[1].MicrolocationID = 5
	rows[3].MicrolocationID = 0
	p := lakeside()
	d := p.schedule(rows, wish{}).Days[0]
	require.Equal(t, []room{{"Pier", "c2 w1"}, {"Boathouse", "c3 w1"}, {"No room yet", "c4 w1"}}, d.Rooms)
	require.Equal(t, []cell{{2, 2, 4}, {3, 3, 5}, {2, 4, 5}, {4, 6, 7}}, cells(t, d))
	require.Equal(t, []string{"r2 e3", "r3 e4", "r4 e6", "r6 e7"}, []string{d.Slots[0].Place, d.Slots[1].Place, d.Slots[2].Place, d.Slots[3].Place})
	require.Equal(t, ".t0{--ground:#0000ff;--ink-on:#fff}@media screen and (min-width:60rem){"+
		".g0{grid-template-columns:4.5rem repeat(3,minmax(11rem,1fr));grid-template-rows:auto minmax(2.7rem,auto) minmax(2.7rem,auto) minmax(2.7rem,auto) minmax(5.4rem,auto) minmax(2.7rem,auto)}"+
		".c2{grid-column:2}.c3{grid-column:3}.c4{grid-column:4}"+
		".r2{grid-row-start:2}.e2{grid-row-end:2}.r3{grid-row-start:3}.e3{grid-row-end:3}.r4{grid-row-start:4}.e4{grid-row-end:4}"+
		".r5{grid-row-start:5}.e5{grid-row-end:5}.r6{grid-row-start:6}.e6{grid-row-end:6}.r7{grid-row-start:7}.e7{grid-row-end:7}}", string(p.sheet()))
}

func TestSessionsThatOverlapStandBesideEachOther(t *testing.T) {
	t.Parallel()
	rows := []sessionRow{
		at(t, 1, "2031-05-02T07:00:00Z", 2*time.Hour),
		at(t, 2, "2031-05-02T07:30:00Z", time.Hour),
		at(t, 3, "2031-05-02T08:30:00Z", time.Hour),
		at(t, 4, "2031-05-02T08:30:00Z", time.Hour),
	}
	rows[3].MicrolocationID = 5
	d := lakeside().schedule(rows, wish{}).Days[0]
	require.Equal(t, []room{{"Pier", "c2 w2"}, {"Boathouse", "c4 w1"}}, d.Rooms)
	columns := make([]int, 0, len(rows))
	for _, c := range cells(t, d) {
		columns = append(columns, c.column)
	}
	require.Equal(t, []int{2, 3, 3, 4}, columns)
}

// Whatever a schedule is, two sessions never have a part of the grid in common,
// and each is in a column of its room.
func TestNoTwoSessionsOfAGridLieOverEachOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the same numbers each time
	begin := clock(t, "2031-05-02T06:00:00Z")
	for range 50 {
		var rows []sessionRow
		for id := range 60 {
			from := begin.Add(time.Duration(random.IntN(600)) * time.Minute)
			rows = append(rows, sessionRow{
				ID: int64(id), StartsAt: from, EndsAt: from.Add(time.Duration(random.IntN(120)-10) * time.Minute), MicrolocationID: int64(4 + random.IntN(3)),
			})
		}
		slices.SortStableFunc(rows, func(a, b sessionRow) int { return a.StartsAt.Compare(b.StartsAt) })
		d := lakeside().schedule(rows, wish{}).Days[0]
		all := cells(t, d)
		require.Len(t, all, len(rows))
		for i, a := range all {
			require.Less(t, a.begin, a.end)
			for _, b := range all[i+1:] {
				require.False(t, a.column == b.column && a.begin < b.end && b.begin < a.end, "%+v %+v", a, b)
			}
			var first, width int
			at := map[int64]int{4: 0, 5: 1, 6: 2}[rows[i].MicrolocationID]
			_, err := fmt.Sscanf(d.Rooms[at].Place, "c%d w%d", &first, &width)
			require.NoError(t, err)
			require.True(t, first <= a.column && a.column < first+width)
		}
	}
}
