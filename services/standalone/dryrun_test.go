package standalone_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// asked uploads an archive with what a query asks for and returns the import's id.
func (a api) asked(t *testing.T, archive []byte, query string) string {
	t.Helper()
	req := a.uploadOf(t, archive)
	req.URL.RawQuery = query
	var accepted struct{ ID string }
	a.do(t, req, http.StatusAccepted, &accepted)
	return accepted.ID
}

// begin asks for the import of a check and returns the import's id, or the code
// of the problem.
func (a api) begin(t *testing.T, check string, status int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/v1/imports/"+check+"/start", http.NoBody)
	require.NoError(t, err)
	var answer struct{ ID, Code string }
	a.do(t, req, status, &answer)
	return answer.ID + answer.Code
}

// madeRows counts the rows of every table of the stages. What the runtime keeps of a
// run is not made of the archive: its fence, its outcome and what it found.
func madeRows(t *testing.T, db *bun.DB) map[string]int {
	t.Helper()
	var tables []string
	err := db.NewRaw(`SELECT table_schema || '.' || table_name FROM information_schema.tables
		WHERE table_type = 'BASE TABLE' AND table_schema IN ('event', 'people', 'schedule', 'media', 'notify')
			AND table_name NOT IN ('import_fence', 'stage_run', 'issues') AND table_name NOT LIKE '%migration%'
		ORDER BY 1`).Scan(t.Context(), &tables)
	require.NoError(t, err)
	require.Greater(t, len(tables), 10)
	counts := make(map[string]int)
	for _, table := range tables {
		n, err := db.NewSelect().TableExpr("?", bun.Ident(table)).Count(t.Context())
		require.NoError(t, err)
		counts[table] = int(n)
	}
	return counts
}

// checking is somebody with a running usher, its database and its bucket.
type checking struct {
	api
	folder, bucket string
	process        *process
	db             *bun.DB
}

func newChecking(t *testing.T) checking {
	t.Helper()
	c := checking{folder: dataFolder(t), bucket: t.TempDir()}
	database := postgrestest.URL(t)
	c.process = up(t, c.folder, "USHER_BUCKET_URL=file://"+c.bucket, "USHER_DATABASE_URL="+database)
	c.db = openDatabase(t, database)
	c.api = as(t, c.process, c.folder, "olga@organizers.example", false)
	return c
}

func TestDryRunMakesNothingAndItsStartImportsThoseBytes(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	c.succeeded(t, c.upload(t, made(t, 10, 5, 3))) // so that there is something to stay as it is
	archive := made(t, 40, 20, 9)
	want := expected(t, archive)
	rows, files := madeRows(t, c.db), blobs(t, c.bucket)

	check := c.asked(t, archive, "dry_run=true&publish=true")
	result := c.succeeded(t, check)
	require.True(t, result.DryRun)
	require.NotEmpty(t, result.EventName)
	require.Empty(t, result.ID)
	require.Equal(t, []string{"olga@organizers.example"}, result.Mails)
	require.Contains(t, result.URL, "/imports/"+check)
	require.Equal(t, 1, result.Counts[contracts.Events])
	require.Equal(t, want.Sessions, result.Counts[contracts.Sessions])
	require.Equal(t, want.Speakers, result.Counts[contracts.Speakers])
	require.Equal(t, want.SessionSpeakers, result.Counts[contracts.SessionSpeakers])
	require.Equal(t, rows, madeRows(t, c.db))
	left := blobs(t, c.bucket)
	require.Len(t, left, len(files)+1, "the archive itself, for the start")
	require.Equal(t, 1, c.total(t, "/v1/notifications"), "that of the import before")
	require.Equal(t, 1, c.total(t, "/v1/events"))

	paul := as(t, c.process, c.folder, "paul@others.example", false)
	require.Equal(t, "not_found", paul.begin(t, check, http.StatusNotFound))
	id := c.begin(t, check, http.StatusAccepted)
	require.NotEqual(t, check, id)
	imported := c.succeeded(t, id)
	require.False(t, imported.DryRun)
	require.Equal(t, result.EventName, imported.EventName)
	require.Equal(t, want, c.inventory(t, imported.ID))
	require.Equal(t, 1, api{url: c.url}.total(t, "/v1/events"), "it is published, as the check was asked to")
	copies, err := filepath.Glob(filepath.Join(c.bucket, "archives", id, "*"))
	require.NoError(t, err)
	require.Len(t, copies, 1)
	copied, err := os.ReadFile(copies[0])
	require.NoError(t, err)
	require.Equal(t, archive, copied)

	// Starting it again is the same import, also without the file of the check.
	require.NoError(t, os.RemoveAll(filepath.Join(c.bucket, "archives", check)))
	require.Equal(t, id, c.begin(t, check, http.StatusAccepted))
	require.Equal(t, 2, c.total(t, "/v1/events"))
	require.Equal(t, "not_a_check", c.begin(t, id, http.StatusConflict))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, c.url+"/v1/events/"+imported.ID, nil)
	require.NoError(t, err)
	c.do(t, req, http.StatusNoContent, nil)
	require.Equal(t, "import_discarded", c.begin(t, check, http.StatusConflict))
}

func TestCheckWhoseUploadIsGoneCannotBeStarted(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	check := c.asked(t, made(t, 3, 2, 1), "dry_run=true")
	c.succeeded(t, check)
	require.NoError(t, os.RemoveAll(filepath.Join(c.bucket, "archives", check)))
	require.Equal(t, "upload_gone", c.begin(t, check, http.StatusGone))
	require.Equal(t, 0, c.total(t, "/v1/events"))
}

// wanting is an archive with one thing that is not as it should be in its speakers.
func wanting(t *testing.T, speakers string) []byte {
	t.Helper()
	return zipped(t, map[string]string{
		"event":    `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "timezone": "Europe/Lisbon"}`,
		"speakers": speakers, "sessions": `[]`, "tracks": `[]`, "microlocations": `[]`, "session_types": `[]`, "sponsors": `[]`, "forms": `[]`,
	})
}

func TestModesDecideOnChecksAndImportsAlike(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	rows := madeRows(t, c.db)
	warned := wanting(t, `[{"id": 1, "name": "Ana Faro"}, {"id": 1, "name": "Bo Lund"}]`)
	broken := wanting(t, `[{"id": 1, "name": "Ana Faro"}, 3]`)
	for _, kind := range []string{"dry_run=true", "dry_run=false"} {
		for _, failing := range []struct {
			archive []byte
			mode    string
		}{{warned, "strict"}, {broken, "default"}, {broken, "strict"}} {
			id := c.asked(t, failing.archive, kind+"&mode="+failing.mode)
			task := c.ended(t, id)
			require.Equal(t, contracts.Failure, task.State, "%s, %s: %+v", kind, failing.mode, task)
			require.Equal(t, "invalid_archive", task.Error.Code)
			require.Positive(t, task.Issues.Error)
			require.IsType(t, "", task.Result)
			if kind == "dry_run=true" {
				require.Equal(t, "check_failed", c.begin(t, id, http.StatusConflict))
				require.Equal(t, rows, madeRows(t, c.db), "nobody is told of a check")
			}
		}
	}
	require.Equal(t, 0, c.total(t, "/v1/events"))

	require.Equal(t, 2, c.succeeded(t, c.asked(t, warned, "dry_run=true")).Counts[contracts.Speakers])
	check := c.asked(t, broken, "dry_run=true&mode=lenient")
	require.Equal(t, 1, c.succeeded(t, check).Counts[contracts.Speakers])
	result := c.succeeded(t, c.begin(t, check, http.StatusAccepted))
	require.Len(t, c.all(t, "/v1/events/"+result.ID+"/speakers"), 1, "the start is lenient, as the check was")
	require.Equal(t, "record_not_object", c.table(t, check)[1][1])
}

// table reads the issues of an import as CSV.
func (a api) table(t *testing.T, id string) [][]string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/v1/imports/"+id+"/issues?format=csv", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := contracttest.Client(t, client).Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	require.NoError(t, err)
	return rows
}

func TestCommandLineChecksAndStarts(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	file := filepath.Join(t.TempDir(), "archive.zip")
	env := []string{"USHER_TOKEN=" + olga.token, "USHER_SERVER=" + p.url}
	require.NoError(t, os.WriteFile(file, made(t, 12, 6, 4), 0o600))
	text := output(t, env, "import", file, "--check", "--publish")
	require.Contains(t, text, " is checked, nothing is imported\n")
	require.Contains(t, text, "  sessions              12\n")
	require.Equal(t, 0, olga.total(t, "/v1/events"))
	check, _, _ := strings.Cut(strings.TrimPrefix(text, "Import    "), "\n")
	require.Contains(t, output(t, env, "start", check, "--watch"), "SUCCESS")
	require.Equal(t, 1, api{url: p.url}.total(t, "/v1/events"))

	require.NoError(t, os.WriteFile(file, wanting(t, `[{"id": 1, "name": "Ana Faro"}, 3]`), 0o600))
	told, err := usher(t, env, "import", file, "--check").CombinedOutput()
	require.Error(t, err, "the exit status says that it has failed")
	require.Contains(t, string(told), "the check failed: speakers line 1")
	output(t, env, "import", file, "--check", "--mode", "lenient")
}
