package chaos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The short form of "make soak". It is too short to tell what is flat but for what must
// not be there at all.
func TestSoakTakesBackWhatItImportsWhileEveryProcessIsRestarted(t *testing.T) {
	t.Parallel()
	p := testPrograms(t)
	report, err := Soak(t.Context(), SoakConfig{Usher: p.usher, NATS: p.nats, Environment: p.environment, For: 30 * time.Second, Out: t.Output()})
	require.NoError(t, err)
	require.NoError(t, report.Print(t.Output()))
	require.Empty(t, report.Findings)
	require.Positive(t, report.Imports)
	require.Positive(t, report.Restarts)
	require.Len(t, report.Quantities, len(newGauges(nil).all))
	for _, q := range report.Quantities {
		require.Len(t, q.Samples, looks, q.Name)
		require.Len(t, q.Imports, looks, q.Name)
	}
}
