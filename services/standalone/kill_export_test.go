package standalone_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// exportMoments are those of an export at which the process is killed.
var exportMoments = map[string]func(contracts.Task) bool{
	"right after the 202":       func(contracts.Task) bool { return true },
	"when the archive is begun": func(t contracts.Task) bool { return t.Stage == contracts.Query },
	"in the middle of sessions": func(t contracts.Task) bool { return t.Progress[contracts.Sessions].Done > 0 },
	"in the middle of media":    func(t contracts.Task) bool { return t.Progress[contracts.MediaFiles].Done > 0 },
	"while it waits for notify": func(t contracts.Task) bool { return t.WaitingFor == contracts.Notify },
	"just after the end":        func(t contracts.Task) bool { return t.State.Final() },
}

func TestKillAmidAnExportLeavesOneArchiveWithTheSameBytes(t *testing.T) {
	t.Parallel()
	folder, bucket := dataFolder(t), t.TempDir()
	settings := []string{"USHER_BUCKET_URL=file://" + bucket, "USHER_PUBLIC_URL=https://usher.example"}
	p := upAlone(t, folder, settings...)
	olga := as(t, p, folder, "olga@organizers.example", false)
	event := olga.succeeded(t, olga.upload(t, made(t, 1500, 300, 3)))
	want := olga.exported(t, event.ID)
	ended := 1
	for name, reached := range exportMoments {
		id := olga.export(t, event.ID, "", "")
		task := olga.task(t, id)
		for !reached(task) && !task.State.Final() {
			task = olga.task(t, id)
		}
		p.kill(t)
		t.Logf("%s: killed at %s %s", name, task.State, task.Message)

		p = upAlone(t, folder, settings...)
		olga = as(t, p, folder, "olga@organizers.example", false)
		result := olga.succeeded(t, id)
		require.Equal(t, want, olga.archiveOf(t, id, result), name)
		ended++
		require.Equal(t, ended+1, olga.total(t, "/v1/notifications"), name)
		archives, err := filepath.Glob(filepath.Join(bucket, "exports", id, "*", "*.zip"))
		require.NoError(t, err)
		require.Len(t, archives, 1, name)
	}
}

func TestExportIsReplayedCanceledAndDiscardedAsAnImportIs(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	_, event := c.imported(t, made(t, 60, 20, 3), "")
	archives := func(id string) int {
		files, err := filepath.Glob(filepath.Join(c.bucket, "exports", id, "*", "*.zip"))
		require.NoError(t, err)
		return len(files)
	}
	command := func(method, path, body string, status int) {
		req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		c.do(t, req, status, nil)
	}
	ada := as(t, c.process, c.folder, "ada@admins.example", true)
	pause := func(verb, body string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/v1/stages/query/"+verb, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		ada.do(t, req, http.StatusOK, nil)
	}

	// Made anew it has one archive, with what has been changed since.
	id := c.export(t, event.ID, "", "")
	first := c.succeeded(t, id)
	command(http.MethodPost, "/v1/imports/"+id+"/replay", `{}`, http.StatusConflict)
	c.patch(t, event.ID, `{"name": "Another Name", "state": "published"}`)
	command(http.MethodPost, "/v1/imports/"+id+"/replay", `{"force":true}`, http.StatusAccepted)
	var again contracts.Result
	require.Eventually(t, func() bool {
		task := c.task(t, id)
		return task.Attempt == 2 && task.State == contracts.Success
	}, patience, 20*time.Millisecond)
	again = c.succeeded(t, id)
	require.NotEqual(t, first.SHA256, again.SHA256)
	var core struct{ Name, State string }
	require.NoError(t, json.Unmarshal(entries(t, c.archiveOf(t, id, again))["event"], &core))
	require.Equal(t, "Another Name", core.Name)
	require.Equal(t, "Published", core.State)
	require.Eventually(t, func() bool { return archives(id) == 1 }, patience, 20*time.Millisecond, "the first one goes")

	// Canceled before it has begun, it leaves nothing.
	pause("pause", `{"for":"1h"}`)
	canceled := c.export(t, event.ID, "", "")
	command(http.MethodPost, "/v1/imports/"+canceled+"/cancel", "", http.StatusAccepted)
	pause("resume", "")
	c.awaitTask(t, canceled, func(task contracts.Task) bool {
		return task.State == contracts.Canceled && task.Cleanup != nil && task.Cleanup.Done == task.Cleanup.Total
	})
	require.Zero(t, archives(canceled))

	// Discarded it is gone, and the event is not.
	command(http.MethodDelete, "/v1/imports/"+id, "", http.StatusAccepted)
	c.awaitTask(t, id, func(task contracts.Task) bool {
		return task.State == contracts.Discarded && task.Cleanup != nil && task.Cleanup.Done == task.Cleanup.Total
	})
	require.Zero(t, archives(id))
	command(http.MethodGet, "/v1/exports/"+id, "", http.StatusGone)
	var stands struct {
		Data struct{ Attributes struct{ Name string } }
	}
	c.get(t, "/v1/events/"+event.ID, &stands)
	require.Equal(t, "Another Name", stands.Data.Attributes.Name)

	// An event that is deleted takes no archive along, and is not exported any more.
	kept := c.export(t, event.ID, "", "")
	result := c.succeeded(t, kept)
	pause("pause", `{"for":"1h"}`)
	late := c.export(t, event.ID, "", "")
	command(http.MethodDelete, "/v1/events/"+event.ID, "", http.StatusNoContent)
	pause("resume", "")
	task := c.ended(t, late)
	require.Equal(t, contracts.Failure, task.State)
	require.Equal(t, "event_gone", task.Error.Code)
	c.archiveOf(t, kept, result)
	command(http.MethodPost, "/v1/imports/"+kept+"/replay", `{"force":true}`, http.StatusAccepted)
	c.awaitTask(t, kept, func(task contracts.Task) bool { return task.Attempt == 2 && task.State == contracts.Failure })
	c.archiveOf(t, kept, result) // which the attempt that failed takes away from nobody
	command(http.MethodPost, "/v1/events/"+event.ID+"/export/json", "", http.StatusNotFound)
}
