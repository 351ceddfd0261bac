package export

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// A bucket of folders cannot store a file whose name has more than 255 bytes, of which
// gocloud takes 21 (".18ec6be9b26e5d40.tmp") while it is being written.
func TestNamesOfArchivesAreNamesOfFiles(t *testing.T) {
	t.Parallel()
	for _, e := range []contracts.EventFacts{
		{Name: strings.Repeat("𞤀", 60), Identifier: "1a2b3c4d"},
		{Name: strings.Repeat("会", 60), Identifier: strings.Repeat("i", 64)},
	} {
		require.LessOrEqual(t, len(fileName(e))+21, 255, fileName(e))
	}
}

func TestArchivesAreCalledByTheirEvents(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Lantern Days 2031!": "lantern-days-2031-1a2b3c4d.zip", "../../etc/passwd": "etc-passwd-1a2b3c4d.zip", "«»": "1a2b3c4d.zip", "会議": "会議-1a2b3c4d.zip",
	} {
		require.Equal(t, want, fileName(contracts.EventFacts{Name: name, Identifier: "1a2b3c4d"}))
	}
}
