package openevent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

func TestNamesKnowWhateverAReaderWouldTakeForTheirFile(t *testing.T) {
	t.Parallel()
	const name = "images/speakers/ZoëRope_7.png"
	archive := open(t, item{"event", smallEvent}, item{name, "png"})
	var names openevent.Names
	require.False(t, names.Has(name))
	names.Add(name)
	for value, want := range map[string]bool{
		name: true, "/" + name: true, "./" + name: true, `images\speakers\ZoëRope_7.png`: true,
		"/images/speakers/Zoe\u0308Rope_7.png": true, "/images/speakers/ZoÃ«Rope_7.png": true,
		"/images/speakers/ZoeRope_7.png": false, "/images/speakers/ZoëRope_8.png": false, "": false, "..": false,
		"https://lakeside.example/" + name: false,
	} {
		_, found := archive.Media(value)
		require.Equal(t, want, names.Has(value), value)
		if found {
			require.True(t, names.Has(value), value)
		}
	}
	require.False(t, (*openevent.Names)(nil).Has(name))
}
