package standalone_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// amidExport is an export that a test has hold of.
type amidExport struct {
	api
	db     *bun.DB
	bucket string
	admin  api
	event  string
	id     string
}

// exportMoments are those of an export at which the process is killed. Each asks for the
// export, keeps it from going on, and returns when it is there; what it returns lets go once
// the process is dead.
var exportMoments = map[string]func(*testing.T, *amidExport) (letGo func()){
	"right after the 202": func(t *testing.T, e *amidExport) func() {
		e.begins(t)
		return func() {}
	},
	"in the middle of the records": func(t *testing.T, e *amidExport) func() {
		// Speakers and sessions name each other, behind the records of other kinds.
		letGo := hold(t, e.db, "schedule.session_speakers", everybody)
		e.begins(t)
		awaitHeld(t, e.db, "schedule.session_speakers")
		e.archiveIsBegun(t)
		return letGo
	},
	"in the middle of media": func(t *testing.T, e *amidExport) func() {
		var key string
		require.NoError(t, e.db.NewRaw("SELECT blob FROM media.files WHERE state = 'stored' ORDER BY id OFFSET 1 LIMIT 1").Scan(t.Context(), &key))
		file := filepath.Join(e.bucket, filepath.FromSlash(key))
		require.NoError(t, os.Rename(file, file+".kept"))
		require.NoError(t, syscall.Mkfifo(file, 0o600))
		e.begins(t)
		var pipe *os.File // which can be opened once somebody reads it
		require.Eventually(t, func() (there bool) {
			var err error
			pipe, err = os.OpenFile(file, os.O_WRONLY|syscall.O_NONBLOCK, 0)
			return err == nil
		}, patience, time.Millisecond)
		e.archiveIsBegun(t)
		return func() {
			require.NoError(t, pipe.Close())
			require.NoError(t, os.Rename(file+".kept", file))
		}
	},
	"while it waits for notify": func(t *testing.T, e *amidExport) func() {
		e.admin.sendTo(t, "/v1/stages/notify/pause", `{"for":"1h"}`)
		e.begins(t)
		e.awaitTask(t, e.id, func(task contracts.Task) bool { return task.WaitingFor == contracts.Notify })
		return func() {}
	},
	"just after the end": func(t *testing.T, e *amidExport) func() {
		e.begins(t)
		e.ended(t, e.id)
		return func() {}
	},
}

func (e *amidExport) begins(t *testing.T) {
	t.Helper()
	e.id = e.export(t, e.event, "", "")
}

// archiveIsBegun asserts that the archive is being written and not whole. The store begins
// it beside who writes, and may be the slower one.
func (e *amidExport) archiveIsBegun(t *testing.T) {
	t.Helper()
	var files []string
	require.Eventually(t, func() bool {
		var err error
		files, err = filepath.Glob(filepath.Join(e.bucket, "exports", e.id, "*", "*"))
		return err == nil && len(files) > 0
	}, patience, glance)
	require.Len(t, files, 1)
	require.True(t, bucket.IsTorn(files[0]), files[0])
}

// sendTo gives an order that is answered at once.
func (a api) sendTo(t *testing.T, path, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	a.do(t, req, http.StatusOK, nil)
}

func TestKillAmidAnExportLeavesOneArchiveWithTheSameBytes(t *testing.T) {
	t.Parallel()
	folder, blobs, database := dataFolder(t), t.TempDir(), postgrestest.URL(t)
	settings := []string{"USHER_BUCKET_URL=file://" + blobs, "USHER_PUBLIC_URL=https://usher.example", "USHER_DATABASE_URL=" + database}
	p := up(t, folder, settings...)
	olga := as(t, p, folder, "olga@organizers.example", false)
	event := olga.succeeded(t, olga.upload(t, made(t, 150, 30, 3)))
	want := olga.exported(t, event.ID)
	ended, db := 1, openDatabase(t, database)
	for name, reach := range exportMoments {
		e := &amidExport{api: olga, db: db, bucket: blobs, admin: as(t, p, folder, "ada@admins.example", true), event: event.ID}
		letGo := reach(t, e)
		p.kill(t)
		letGo()

		p = up(t, folder, settings...)
		olga = as(t, p, folder, "olga@organizers.example", false)
		as(t, p, folder, "ada@admins.example", true).sendTo(t, "/v1/stages/notify/resume", "")
		result := olga.succeeded(t, e.id)
		require.Equal(t, want, olga.archiveOf(t, e.id, result), name)
		ended++
		require.Equal(t, ended+1, olga.total(t, "/v1/notifications"), name)
		// One that was whole and not recorded yet goes behind the outcome of the stage.
		require.Eventually(t, func() bool {
			archives, err := filepath.Glob(filepath.Join(blobs, "exports", e.id, "*", "*.zip"))
			return err == nil && len(archives) == 1
		}, patience, glance, name)
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
	pause := func(verb, body string) { ada.sendTo(t, "/v1/stages/query/"+verb, body) }

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
	}, patience, glance)
	again = c.succeeded(t, id)
	require.NotEqual(t, first.SHA256, again.SHA256)
	var core struct{ Name, State string }
	require.NoError(t, json.Unmarshal(entries(t, c.archiveOf(t, id, again))["event"], &core))
	require.Equal(t, "Another Name", core.Name)
	require.Equal(t, "Published", core.State)
	require.Eventually(t, func() bool { return archives(id) == 1 }, patience, glance, "the first one goes")
	c.patch(t, event.ID, `{"state": "draft"}`)
	require.NoError(t, json.Unmarshal(entries(t, c.exported(t, event.ID))["event"], &core))
	require.Equal(t, "Draft", core.State, "whatever the archive said that it came from")

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
