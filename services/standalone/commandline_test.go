package standalone_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
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

func TestCommandLineReplaysAllThatHaveFailedOfLate(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	operator := as(t, p, folder, "ada@admins.example", true)
	bad := zipped(t, map[string]string{"event": `{"id": 1}`})
	first := olga.upload(t, bad)
	require.Equal(t, contracts.Failure, olga.ended(t, first).State)
	second := operator.upload(t, bad)
	require.Equal(t, contracts.Failure, operator.ended(t, second).State)
	olga.succeeded(t, olga.upload(t, made(t, 2, 2, 4)))
	run := func(who api, args ...string) (string, error) {
		told, err := usher(t, []string{"USHER_TOKEN=" + who.token, "USHER_SERVER=" + p.url}, args...).CombinedOutput()
		return string(told), err
	}

	told, err := run(operator, "list", "--failed", "--since", "1h", "--stage", "event", "--code", "invalid_archive", "--kind", "event-archive")
	require.NoError(t, err, told)
	require.Equal(t, 3, strings.Count(told, "\n"), told)
	told, err = run(operator, "replay", "--failed", "--since", "1h", "--dry-run")
	require.NoError(t, err, told)
	would := "  would be replayed from stage event, failed with invalid_archive\n"
	require.Equal(t, first+would+second+would, told)
	told, err = run(olga, "replay", "--failed", "--since", "1h")
	require.NoError(t, err, told)
	require.Equal(t, first+"  attempt 2, from stage event\n", told, "only her own")
	require.Eventually(t, func() bool {
		task := olga.task(t, first)
		return task.Attempt == 2 && task.State == contracts.Failure
	}, patience, patience/1000)

	told, err = run(operator, "replay", "--failed", "--since", "1h", "--from", "notify")
	require.Error(t, err)
	require.Equal(t, 2, strings.Count(told, "  refused: "), told)
	require.Contains(t, told, "usher: 2 of 2 imports were not replayed\n")
	_, err = run(operator, "replay", "--failed")
	exit := new(exec.ExitError)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 2, exit.ExitCode(), "it was not asked in a way that makes sense")

	told, err = run(operator, "dead", "list")
	require.NoError(t, err, told)
	require.Equal(t, "There are no such messages.\n", told)
	told, err = run(operator, "dead", "discard", "7")
	require.Error(t, err)
	require.Contains(t, told, "message 7: Not Found")
	told, err = run(operator, "sweep", "--dry-run")
	require.NoError(t, err, told)
	require.Contains(t, told, "Nothing was removed.\n")
	told, err = run(olga, "sweep")
	require.Error(t, err)
	require.Contains(t, told, "admin_only")
}
