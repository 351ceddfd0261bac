//go:build samples

package standalone_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestRealArchivesComeBackFromTheirExportAsTheyWere(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	for name := range sampleModes {
		for _, dialect := range []string{"a", "b"} {
			t.Run(name+" "+dialect, func(t *testing.T) {
				t.Parallel()
				query := ""
				if sampleModes[name][0] == contracts.Failure {
					query = "mode=lenient"
				}
				require.Empty(t, c.roundTrip(t, read(t, name), query, dialect))
			})
		}
	}
}

func TestWhatTheFirstServerWouldRefuseOfRealEventsIsTold(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	for name := range sampleModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.requireRefusalsTold(t, read(t, name))
		})
	}
}
