package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func config(t *testing.T) Config {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return Config{
		Usher: self, Environment: append(os.Environ(), asUsher+"=1", "USHER_WORKERS=nonsense"),
		Runs: MinRuns, Sessions: 20, Speakers: 10, Users: 50, Hashed: 4, Million: 50, Streams: 30, Changes: 100,
		Load: time.Millisecond, Messages: 40, Growth: []int{20, 40}, Backlog: 4, Idle: time.Second, Exported: 200, Films: 2, Log: t.Output(),
	}
}

func TestRunMeasuresEveryTableAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	// As root the database runs as another user, who may not enter t.TempDir.
	folder, err := os.MkdirTemp("", "usher-bench-test-") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chmod(folder, 0o755))
	cfg := config(t)
	cfg.Folder = folder
	var profile bytes.Buffer
	cfg.Profile = &profile
	cfg.Tables, cfg.Large = Names(), 200

	report, err := Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Len(t, report.Machine.Sync.Samples, syncWrites)
	require.Equal(t, map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}, report.Machine.Settings)
	require.NotEmpty(t, report.Machine.PostgreSQL)
	var names []string
	for _, table := range report.Tables {
		names = append(names, table.Name)
		for _, m := range table.Measures {
			once := slices.Contains([]string{"streams", "million", "large", "export"}, table.Name)
			once = once || strings.Contains(m.Name, "most memory of")
			require.Len(t, m.Samples, map[bool]int{true: 1, false: MinRuns}[once], m.Name)
			if m.Unit == "KiB" || strings.Contains(m.Name, "CPU") {
				continue // of so little it is in the noise
			}
			if table.Name != "imports" && table.Name != "stages" {
				require.Positive(t, m.Min, m.Name)
			}
		}
	}
	require.Equal(t, Names(), names)
	require.Len(t, report.Tables[0].Measures, 15, "three ways and two ratios, of a small event, without media and with it")
	require.Len(t, report.Tables[1].Measures, 12, "five stages, five ways to them, the way to the client, and all")

	require.True(t, bytes.HasPrefix(profile.Bytes(), []byte{0x1f, 0x8b}), "a profile is packed by gzip")
	var text strings.Builder
	require.NoError(t, report.Print(&text))
	require.Contains(t, text.String(), "fsync=on")
	require.Contains(t, text.String(), "row by row / Usher, 20 records")
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	few := config(t)
	few.Runs = MinRuns - 1
	_, err := Run(t.Context(), few)
	require.ErrorContains(t, err, "at least 5")
	unknown := config(t)
	unknown.Tables = []string{"imports", "guesses"}
	_, err = Run(t.Context(), unknown)
	require.ErrorContains(t, err, `no table "guesses"`)
}
