package standalone_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// command gives one for an import and returns how it was answered.
func (a api) command(t *testing.T, method, path string, status int) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+"/v1/imports/"+path, http.NoBody)
	require.NoError(t, err)
	var answer map[string]any
	a.do(t, req, status, &answer)
	return answer
}

// discarded discards an import and waits until every stage has cleared it.
func (a api) discarded(t *testing.T, id string) {
	t.Helper()
	a.command(t, http.MethodDelete, id, http.StatusAccepted)
	a.awaitTask(t, id, func(task contracts.Task) bool { return task.Cleanup != nil && task.Cleanup.Done == task.Cleanup.Total })
}

func TestCancelCountsAtOnceAlsoWhereAStageIsDownWhichClearsUpWhenItIsBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	db := openDatabase(t, c.databaseURL)

	id := olga.upload(t, made(t, 10, 5, 1))
	olga.awaitTask(t, id, func(task contracts.Task) bool { return task.WaitingFor == contracts.Media })
	require.NotEmpty(t, remains(t, db, id))
	said := output(t, append([]string{"USHER_SERVER=" + front.url, "USHER_TOKEN=" + olga.token}, c.env...), "cancel", id)
	require.Contains(t, said, "Import    "+id+" is taken back")

	task := olga.awaitTask(t, id, func(task contracts.Task) bool { return task.Cleanup != nil && task.Cleanup.Done == 4 })
	require.Equal(t, contracts.Canceled, task.State)
	require.Equal(t, "Canceled, cleaning up (4/5)", task.Message)
	require.Nil(t, task.Result)
	require.Empty(t, remains(t, db, id))

	c.run(t, "media") // its queue has what schedule has completed, and the cancel behind it
	task = olga.awaitTask(t, id, func(task contracts.Task) bool { return task.Cleanup.Done == 5 })
	require.Equal(t, "Canceled", task.Message)
	require.Empty(t, remains(t, db, id))
	require.Equal(t, "import_discarded", olga.command(t, http.MethodPost, id+"/replay", http.StatusConflict)["code"])
}

func TestDiscardTakesBackAnImportUnlessPeopleHaveWorkedOnIt(t *testing.T) {
	t.Parallel()
	folder, bucket, database := dataFolder(t), t.TempDir(), postgrestest.URL(t)
	p := up(t, folder, "USHER_BUCKET_URL=file://"+bucket, "USHER_DATABASE_URL="+database)
	db := openDatabase(t, database)
	olga := as(t, p, folder, "olga@organizers.example", false)

	id := olga.upload(t, made(t, 10, 5, 3))
	result := olga.succeeded(t, id)
	require.Equal(t, "import_ended", olga.command(t, http.MethodPost, id+"/cancel", http.StatusConflict)["code"])
	olga.patch(t, result.ID, `{"name": "A better name"}`)
	refused := olga.command(t, http.MethodDelete, id, http.StatusConflict)
	require.Equal(t, "event_edited", refused["code"])
	require.Equal(t, []any{"name"}, refused["changed"])

	olga.command(t, http.MethodDelete, id+"?force=true", http.StatusAccepted)
	require.Equal(t, contracts.Discarded, olga.task(t, id).State, "it counts at once")
	task := olga.awaitTask(t, id, func(task contracts.Task) bool { return task.Cleanup.Done == task.Cleanup.Total })
	require.Equal(t, "Discarded", task.Message)
	require.Empty(t, remains(t, db, id))
	require.Empty(t, blobs(t, bucket))
	require.Zero(t, olga.total(t, "/v1/events"))
	require.Zero(t, olga.total(t, "/v1/notifications"))
	olga.command(t, http.MethodDelete, id, http.StatusAccepted)
}

func TestASuccessThatIsReplayedByForceIsTheSameEventAnew(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	archive := made(t, 10, 5, 4)
	id := olga.upload(t, archive)
	first := olga.succeeded(t, id)
	env := []string{"USHER_SERVER=" + p.url, "USHER_TOKEN=" + olga.token}
	require.Contains(t, output(t, env, "replay", id, "--force", "--watch"), "SUCCESS")

	task := olga.awaitTask(t, id, func(task contracts.Task) bool { return task.Attempt == 2 && task.State == contracts.Success })
	require.WithinRange(t, *task.FinishedAt, *task.StartedAt, time.Now())
	var again struct{ Result contracts.Result }
	olga.get(t, "/v1/tasks/"+id, &again)
	require.Equal(t, first.ID, again.Result.ID)
	require.Equal(t, first.Identifier, again.Result.Identifier)
	require.Equal(t, expected(t, archive), olga.inventory(t, first.ID))

	olga.patch(t, first.ID, `{"name": "A better name"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/imports/"+id+"/replay", strings.NewReader(`{"force":true}`))
	require.NoError(t, err)
	var refused map[string]any
	olga.do(t, req, http.StatusConflict, &refused)
	require.Equal(t, "event_edited", refused["code"])
}
