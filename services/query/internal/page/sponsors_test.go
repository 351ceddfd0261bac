package page

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSponsorsOfTheFirstLevelComeFirst(t *testing.T) {
	t.Parallel()
	var names []string
	for _, l := range levelsOf([]sponsorRow{
		{Name: "A", Type: "Gold", Level: "2"}, {Name: "B"}, {Name: "C", Type: "Diamond", Level: "1"}, {Name: "D", Type: "Gold", Level: "2"}, {Name: "E", Type: "Tin", Level: "10"},
	}, pictures{}) {
		for _, s := range l.Sponsors {
			names = append(names, l.Name+" "+s.Name)
		}
	}
	require.Equal(t, []string{"Diamond C", "Gold A", "Gold D", "Tin E", "Sponsors B"}, names)
}
