package standalone_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandLineImportsPublishesAndTellsOfAnEarlierImport(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	file := filepath.Join(t.TempDir(), "archive.zip")
	require.NoError(t, os.WriteFile(file, made(t, 12, 6, 4), 0o600))
	run := func(args ...string) string {
		cmd := usher(t, []string{"USHER_TOKEN=" + olga.token}, append([]string{"import", file, "--server", p.url, "--watch"}, args...)...)
		told, err := cmd.CombinedOutput()
		require.NoError(t, err, string(told))
		return string(told)
	}

	require.NotContains(t, run(), "before")
	require.Contains(t, run("--publish"), "You have imported this very file before")
	nobody := api{url: p.url}
	require.Equal(t, 1, nobody.total(t, "/v1/events"), "one of the two is published")
	require.Equal(t, 2, olga.total(t, "/v1/events"))
}
