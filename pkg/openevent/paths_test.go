package openevent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

func TestPathsLeadToWhateverAReaderWouldTakeForTheirFile(t *testing.T) {
	t.Parallel()
	const name = "images/speakers/ZoëRope_7.png"
	archive := open(t, item{"event", smallEvent}, item{name, "png"})
	require.False(t, new(openevent.Paths).LeadTo(name))
	for value, want := range map[string]bool{
		name: true, "/" + name: true, "./" + name: true, `images\speakers\ZoëRope_7.png`: true,
		"/images/speakers/Zoe\u0308Rope_7.png": true, "/images/speakers/ZoÃ«Rope_7.png": true,
		"/images/speakers/ZoeRope_7.png": false, "/images/speakers/ZoëRope_8.png": false, "": false, "..": false,
		"https://lakeside.example/" + name: false,
	} {
		var paths openevent.Paths
		paths.Add("/images/logo.png")
		paths.Add(value)
		require.Equal(t, want, paths.LeadTo(name), value)
		if _, found := archive.Media(value); found {
			require.True(t, paths.LeadTo(name), value)
		}
	}
}
