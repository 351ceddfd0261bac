package standalone_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// awaitTask waits until a task is as it should be.
func (a api) awaitTask(t *testing.T, id string, good func(contracts.Task) bool) contracts.Task {
	t.Helper()
	var task contracts.Task
	require.Eventually(t, func() bool {
		task = a.task(t, id)
		return good(task)
	}, patience, glance)
	return task
}

// streamed reads an import's stream until a document is as it should be.
func (a api) streamed(t *testing.T, id string, good func(contracts.Task) bool) contracts.Task {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/v1/tasks/"+id+"/stream", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }() // it is left in the middle
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		text, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var task contracts.Task
		require.NoError(t, json.Unmarshal([]byte(text), &task))
		if good(task) {
			return task
		}
	}
	require.FailNow(t, "the stream has ended without it")
	return contracts.Task{}
}

func isDown(task contracts.Task) bool { return task.StageDownSince != nil }

func TestImportSaysThatNobodyRunsItsStageUntilSomebodyDoes(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	id := olga.upload(t, made(t, 10, 5, 1))
	task := olga.streamed(t, id, isDown)
	require.Equal(t, contracts.Media, task.WaitingFor)
	require.NotNil(t, task.WaitingSince)
	require.Equal(t, "Waiting for media since "+task.WaitingSince.Format("2 Jan 15:04")+" UTC; no media service is running", task.Message)

	media := c.run(t, "media")
	require.Nil(t, olga.streamed(t, id, func(task contracts.Task) bool { return task.WaitingFor != contracts.Media || !isDown(task) }).StageDownSince)
	olga.succeeded(t, id)

	// A process that was stopped in its tracks is as good as none.
	require.NoError(t, media.cmd.Process.Signal(syscall.SIGSTOP))
	id = olga.upload(t, made(t, 10, 5, 2))
	require.Equal(t, contracts.Media, olga.awaitTask(t, id, isDown).WaitingFor)
	require.NoError(t, media.cmd.Process.Signal(syscall.SIGCONT))
	require.Nil(t, olga.awaitTask(t, id, func(task contracts.Task) bool { return !isDown(task) }).StageDownSince)
	olga.succeeded(t, id)
}

func TestImportSaysThatItsStageDiedInMidWork(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	media := c.run(t, "media")
	olga := c.as(t, front, "olga@organizers.example")
	db := openDatabase(t, c.databaseURL)
	letGo := hold(t, db, "media.files", everybody) // so media cannot get to an end

	id := olga.upload(t, made(t, 10, 5, 1))
	olga.awaitTask(t, id, func(task contracts.Task) bool { return task.Stage == contracts.Media && task.WaitingFor == "" })
	media.kill(t)
	task := olga.awaitTask(t, id, isDown)
	require.Equal(t, contracts.Started, task.State)
	require.Equal(t, contracts.Media, task.Stage)
	require.Nil(t, task.WaitingSince)
	require.Contains(t, task.Message, "; no media service is running")

	letGo()
	c.run(t, "media")
	olga.succeeded(t, id)
}

func TestPausedStageIsToldSurvivesItsProcessesAndGoesOnWhenResumed(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	media := c.run(t, "media")
	olga := c.as(t, front, "olga@organizers.example")
	admin := append([]string{
		"USHER_SERVER=" + front.url,
		"USHER_TOKEN=" + output(t, c.env, "token", "--email", "ada@admins.example", "--admin"),
	}, c.env...)
	require.Contains(t, output(t, admin, "stage", "pause", "media", "--for", "1h"), "media is paused until ")
	require.Contains(t, front.log.String(), "stage changed")

	id := olga.upload(t, made(t, 10, 5, 1))
	task := olga.awaitTask(t, id, func(task contracts.Task) bool { return task.StagePausedUntil != nil })
	require.Equal(t, contracts.Media, task.WaitingFor)
	require.Contains(t, task.Message, "; media is paused until "+task.StagePausedUntil.Format("2 Jan 15:04")+" UTC")
	media.kill(t)
	c.run(t, "media")
	require.Contains(t, output(t, c.env, "provision"), "provisioned")
	require.Eventually(t, func() bool { // who is slow to answer is not counted
		for line := range strings.Lines(output(t, admin, "stage", "list")) {
			if strings.HasPrefix(line, "media") {
				return strings.Join(strings.Fields(line)[:6], " ") == "media event-archive 1 1 0 0"
			}
		}
		return false
	}, patience, glance)
	require.Equal(t, contracts.Media, olga.task(t, id).WaitingFor)

	require.Contains(t, output(t, admin, "stage", "resume", "media"), "media goes on")
	olga.succeeded(t, id)
	require.Nil(t, olga.task(t, id).StagePausedUntil)
}
