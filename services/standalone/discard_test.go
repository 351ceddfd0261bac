package standalone_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// remains counts the rows of an import in every table of every service, but for
// the fences, which stay as tombstones, and what query tells of the import: that
// there was one, and in its history how it went. That is kept to tell it
// afterwards, and holds nothing that the import has made.
func remains(t *testing.T, db *bun.DB, importID string) map[string]int {
	t.Helper()
	var tables []string
	err := db.NewRaw(`SELECT c.table_schema || '.' || c.table_name FROM information_schema.columns c
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.column_name = 'import_id' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'import_fence'
			AND c.table_schema || '.' || c.table_name <> 'query.history'
		ORDER BY 1`).Scan(t.Context(), &tables)
	require.NoError(t, err)
	require.Greater(t, len(tables), 10)
	counts := make(map[string]int)
	for _, table := range tables {
		n, err := db.NewSelect().TableExpr("?", bun.Ident(table)).Where("import_id = ?", importID).Count(t.Context())
		require.NoError(t, err)
		if n > 0 {
			counts[table] = int(n)
		}
	}
	return counts
}

// blobs lists the files below a file bucket's folder.
func blobs(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func TestDeletedEventTakesAllThatBelongsToItAlong(t *testing.T) {
	t.Parallel()
	folder, bucket, database := dataFolder(t), t.TempDir(), postgrestest.URL(t)
	p := up(t, folder, "USHER_BUCKET_URL=file://"+bucket, "USHER_DATABASE_URL="+database)
	db := openDatabase(t, database)
	olga := as(t, p, folder, "olga@organizers.example", false)
	paul := as(t, p, folder, "paul@others.example", false)
	archive := made(t, 40, 20, 9)

	kept := olga.upload(t, archive)
	survivor := olga.succeeded(t, kept)
	deleted := olga.upload(t, archive)
	result := olga.succeeded(t, deleted)
	before := remains(t, db, kept)
	require.Len(t, blobs(t, bucket), 2*(1+expected(t, archive).Stored))

	remove := func(who api, status int) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.url+"/v1/events/"+result.Identifier, nil)
		require.NoError(t, err)
		who.do(t, req, status, nil)
	}
	remove(paul, http.StatusNotFound)
	remove(olga, http.StatusNoContent)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/v1/events/"+result.ID, nil)
	require.NoError(t, err)
	olga.do(t, req, http.StatusNotFound, nil)
	require.Eventually(t, func() bool { return olga.task(t, deleted).State == contracts.Discarded }, patience, glance)
	require.Eventually(t, func() bool { return len(remains(t, db, deleted)) == 0 }, patience, glance)
	require.Eventually(t, func() bool { return len(blobs(t, bucket)) == 1+expected(t, archive).Stored }, patience, glance)

	require.Equal(t, before, remains(t, db, kept), "the other import is whole")
	require.Equal(t, expected(t, archive), olga.inventory(t, survivor.ID))
	require.Equal(t, 1, olga.total(t, "/v1/events"))
	require.Equal(t, 1, olga.total(t, "/v1/notifications"))
	remove(olga, http.StatusNotFound)
}

func TestOwnerPublishesChangesAndReadsTheChange(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	result := olga.succeeded(t, olga.upload(t, made(t, 5, 5, 2)))

	var event struct {
		Data struct{ Attributes map[string]any }
	}
	olga.get(t, "/v1/events/"+result.ID, &event)
	require.Equal(t, "draft", event.Data.Attributes["state"])
	olga.patch(t, result.ID, `{"name": "A better name", "state": "published"}`)
	olga.get(t, "/v1/events/"+result.ID, &event)
	require.Equal(t, "published", event.Data.Attributes["state"])
	require.Equal(t, "A better name", event.Data.Attributes["name"])
}

// patch changes attributes of an event.
func (a api) patch(t *testing.T, event, attributes string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, a.url+"/v1/events/"+event,
		strings.NewReader(fmt.Sprintf(`{"data": {"type": "event", "attributes": %s}}`, attributes)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/vnd.api+json")
	a.do(t, req, http.StatusNoContent, nil)
}
