package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// importID is the id that every import of a usher has.
const importID = "0190a6ce-2b7e-7cc3-98f2-0242ac120002"

// testToken is the one token that it accepts.
const testToken = "head.body-of-a-secret.signature"

// usher is a server that accepts one import and tells a story about it: each
// look at the task shows the next document, the last one stays.
type usher struct {
	*httptest.Server
	story  []contracts.Task
	issues string
	// look, where it is set, is called with the number of each look, from 1.
	look func(n int)

	mu       sync.Mutex
	received []byte
	// asked is the query of the upload.
	asked string
	looks int
}

func newUsher(t *testing.T, story ...contracts.Task) *usher {
	t.Helper()
	u := &usher{story: story, issues: `{"data":[]}`}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events/import/json", u.receive)
	mux.HandleFunc("GET /v1/tasks/{id}", u.task)
	mux.HandleFunc("GET /v1/imports/{id}/issues", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, u.issues)
	})
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+testToken {
			refuse(w, http.StatusUnauthorized, "Unauthorized", "The token is not valid: expired.", "token_invalid")
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(u.Close)
	return u
}

func refuse(w http.ResponseWriter, status int, title, detail, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": title, "detail": detail, "code": code, "status": status})
}

func (u *usher) receive(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request", err.Error(), "file_missing")
		return
	}
	content, err := io.ReadAll(file)
	if err != nil || !bytes.HasPrefix(content, []byte("PK")) {
		refuse(w, http.StatusUnsupportedMediaType, "Unsupported Media Type", "The file is no zip archive.", "not_a_zip")
		return
	}
	u.mu.Lock()
	u.received, u.asked = content, r.URL.RawQuery
	u.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	_, _ = fmt.Fprintf(w, `{"id":%q,"task_url":"/v1/tasks/%s","kind":"event-archive","size":%d}`, importID, importID, len(content))
}

func (u *usher) task(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	n := u.looks
	u.looks++
	u.mu.Unlock()
	if u.look != nil {
		u.look(n + 1)
	}
	if r.PathValue("id") != importID {
		refuse(w, http.StatusNotFound, "Not Found", "There is no such import.", "unknown_import")
		return
	}
	_ = json.NewEncoder(w).Encode(u.story[min(n, len(u.story)-1)])
}

// told makes what the server said independent of its port.
func (u *usher) told(text string) string { return strings.ReplaceAll(text, u.URL, "URL") }

func (u *usher) config() client.Config { return client.Config{Server: u.URL, Token: testToken} }

// importer returns the command that imports a small archive into u.
func (u *usher) importer(t *testing.T, watch bool) *Import {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fair.zip")
	require.NoError(t, os.WriteFile(path, []byte("PK\x03\x04 a small archive"), 0o600))
	return &Import{
		Config: u.config(), File: path, Watch: watch,
		pace: client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute},
	}
}

// recorder is a terminal that remembers.
type recorder struct {
	Terminal
	out, err bytes.Buffer
}

func newRecorder(interactive bool) *recorder {
	r := new(recorder)
	r.Terminal = Terminal{Out: &r.out, Err: &r.err, Interactive: interactive}
	return r
}

// state makes a task document in the middle of an import.
func state(s contracts.State, stage contracts.Stage, message string, progress map[contracts.EntityType]contracts.TaskProgress) contracts.Task {
	begun := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return contracts.Task{
		ID: importID, Kind: contracts.EventArchive, State: s, Stage: stage, Message: message,
		Progress: progress, Attempt: 1, StartedAt: &begun,
	}
}

// success and failure make the last document of an import.
func success(progress map[contracts.EntityType]contracts.TaskProgress, issues contracts.IssueCounts) contracts.Task {
	t := state(contracts.Success, contracts.Notify, "Imported Spring Fair", progress)
	t.FinishedAt = new(t.StartedAt.Add(12345 * time.Millisecond))
	t.Issues = issues
	t.Result = contracts.Result{ID: "24", Identifier: "a1b2c3d4", EventName: "Spring Fair", URL: "/v1/events/a1b2c3d4"}
	return t
}

func failure() contracts.Task {
	const reason = "sessions line 12 (id 5): Required field 'title' is missing (and 2 more)"
	t := state(contracts.Failure, contracts.Event, reason, nil)
	t.FinishedAt = new(t.StartedAt.Add(2 * time.Second))
	t.Issues = contracts.IssueCounts{Error: 3, Warning: 1}
	t.Result = reason
	t.Error = &contracts.TaskError{
		Type: "about:blank", Title: "Invalid archive", Detail: "The archive has 3 errors.", Code: "invalid_archive", Stage: contracts.Event,
		Issues: []contracts.Issue{
			{Severity: contracts.Error, Code: "required", File: "sessions", Line: 12, SourceID: "5", Message: "Required field 'title' is missing", Hint: "Give each session a title."},
			{Severity: contracts.Error, Code: "dangling", File: "sessions", Line: 40, Message: "There is no track 9"},
			{Severity: contracts.Error, Code: "time", File: "event", Message: "The event ends before it \x1b[31mbegins"},
			{Severity: contracts.Warning, Code: "media_missing", File: "speakers", Line: 3, Message: "There is no file /images/a.png"},
		},
	}
	return t
}

type progressOf = map[contracts.EntityType]contracts.TaskProgress
