//go:build samples

package openevent_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func TestSamplesOfBrokenJSONLoseNoRecord(t *testing.T) {
	t.Parallel()
	a := openSample(t, filepath.Join(samplesFolder(t), "fossasia11-kebab-broken-json.zip"))
	records, issues := readAll(t, a, openevent.SessionTypes)
	require.Len(t, records, 25)
	require.Equal(t, openevent.CodeJSONSyntax, issues[0].Code)
	require.Equal(t, contracts.Error, issues[0].Severity)
	require.Equal(t, []int{12, 5}, []int{issues[0].Line, issues[0].Column})
	require.Equal(t, "    {", issues[0].Value)
	require.Len(t, issues, 23)
}
