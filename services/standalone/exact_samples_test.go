//go:build samples

package standalone_test

import (
	"testing"

	"github.com/usher-events/usher/contracts"
)

func TestRealArchivesAreImportedToTheField(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	for name := range sampleModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, query := read(t, name), ""
			if sampleModes[name][0] == contracts.Failure {
				query = "mode=lenient"
			}
			requireExact(t, olga, olga.asked(t, archive, query), archive)
		})
	}
}
