package chaos

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The short form of "make soak". It is too short to tell what is flat but for what must
// not be there at all.
func TestSoakTakesBackWhatItImportsWhileEveryProcessIsRestarted(t *testing.T) {
	t.Parallel()
	p := testPrograms(t)
	// As root the database runs as another user, who may not enter t.TempDir.
	folder, err := os.MkdirTemp("", "usher-soak-test-") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chmod(folder, 0o755))
	report, err := Soak(t.Context(), SoakConfig{
		Usher: p.usher, NATS: p.nats, Environment: p.environment, Folder: folder, For: 25 * time.Second, Out: t.Output(),
	})
	require.NoError(t, err)
	require.NoError(t, report.Print(t.Output()))
	require.Empty(t, report.Findings)
	require.Positive(t, report.Imports)
	require.Positive(t, report.Restarts)
	require.Len(t, report.Quantities, len(newGauges(nil).all))
	for _, q := range report.Quantities {
		require.Greater(t, len(q.Samples), 1, q.Name)
		require.Len(t, q.Imports, len(q.Samples), q.Name)
	}
}
