package query_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestPreviewOfACheckIsShownToItsOwnerOnceItIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.kind = contracts.ListCheck
	c.request()
	c.waits(contracts.Pending, "Waiting for people")
	path := "/v1/imports/" + c.id + "/preview"
	b.refused(t, olga, path, http.StatusConflict, "check_running")
	b.refused(t, paul, path, http.StatusNotFound, "not_found")

	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.previews (import_id, document) VALUES (?, '{
		"columns": [{"title": "Nick", "position": 1, "field": "nick", "by": "title", "samples": ["ada"]}, {"title": "Oslo", "position": 2, "samples": []}],
		"rows": [{"line": 2, "action": "create", "fields": {"nick": "ada"}, "password": "none"}],
		"changes": [{"nick": "ben", "field": "age", "old": null, "new": 7}]}')`, c.id)
	require.NoError(t, err)
	shown := b.ok(t, olga, path)
	require.Equal(t, "ada", at(shown.body, "rows", 0, "fields", "nick"))
	require.Equal(t, number("7"), at(shown.body, "changes", 0, "new"))
	require.Equal(t, http.StatusNotModified, b.getIfNot(t, olga, path, shown.header.Get("ETag")).status)
	b.ok(t, admin, path)
	b.refused(t, paul, path, http.StatusNotFound, "not_found")
}

func TestWhatIsNoCheckOfAListHasNoPreview(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.refused(t, olga, "/v1/imports/"+b.checked(t).id+"/preview", http.StatusNotFound, "preview_missing")

	c := b.conference(t, admin)
	c.kind = contracts.ListCheck
	c.request()
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The list is not valid.", FailedStage: contracts.People, Code: "invalid_list",
	})
	c.waits(contracts.Failure, "The list is not valid.")
	b.refused(t, admin, "/v1/imports/"+c.id+"/preview", http.StatusNotFound, "preview_missing")
}
