package contracttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

const id = "01c2a35e-00d0-7c42-9a60-2f8d1c0b7e11"

// tasks returns task documents that together have every member set.
func tasks() map[string]contracts.Task {
	at := time.Date(2031, 5, 2, 8, 15, 30, 0, time.UTC)
	index := 12
	return map[string]contracts.Task{
		"pending": {
			ID: id, Kind: contracts.EventArchive, State: contracts.Pending, Message: "Waiting for the event stage",
			WaitingFor: contracts.Event, Progress: map[contracts.EntityType]contracts.TaskProgress{}, Attempt: 1,
		},
		"held up": {
			ID: id, Kind: contracts.EventArchive, State: contracts.Started, Message: "Waiting for media", Stage: contracts.Schedule,
			WaitingFor: contracts.Media, WaitingSince: &at, StageDownSince: &at, StagePausedUntil: &at,
			Progress: map[contracts.EntityType]contracts.TaskProgress{}, Attempt: 1,
		},
		"success": {
			ID: id, Kind: contracts.EventArchive, State: contracts.Success, Message: "Imported", Stage: contracts.Notify,
			Progress: map[contracts.EntityType]contracts.TaskProgress{contracts.Sessions: {Done: 48, Total: 48}},
			Issues:   contracts.IssueCounts{Warning: 3, Info: 1},
			Result:   contracts.Result{ID: "24", Identifier: "c4f1a9e2", EventName: "Lakeside Open Days", URL: "https://usher.lakeside.example/v1/events/c4f1a9e2"},
			Attempt:  1, Version: 9, StartedAt: &at, FinishedAt: &at,
		},
		"exported": {
			ID: id, Kind: contracts.EventExport, State: contracts.Success, Message: "Exported", Stage: contracts.Notify,
			Progress: map[contracts.EntityType]contracts.TaskProgress{contracts.Sessions: {Done: 48, Total: 48}},
			Issues:   contracts.IssueCounts{Info: 1},
			Result: contracts.Result{
				ID: "24", Identifier: "c4f1a9e2", EventName: "Lakeside Open Days",
				DownloadURL: "https://usher.lakeside.example/v1/exports/" + id,
				Exported: &contracts.Exported{
					Size: 7312906, SHA256: strings.Repeat("0", 64), ExpiresAt: at, RefusedByV1: 1,
					FirstRefused: []contracts.Issue{{Severity: contracts.Info, Code: "v1_required", File: "sessions", Message: "'short_abstract' is empty"}},
				},
				Counts: map[contracts.EntityType]int{contracts.Sessions: 48},
				URL:    "https://usher.lakeside.example/imports/" + id,
			},
			Attempt: 1, Version: 5, StartedAt: &at, FinishedAt: &at,
		},
		"failure": {
			ID: id, Kind: contracts.EventArchive, State: contracts.Failure, Message: "Failed", Stage: contracts.Schedule,
			Progress: map[contracts.EntityType]contracts.TaskProgress{contracts.Speakers: {Done: 36, Total: 36}},
			Issues:   contracts.IssueCounts{Error: 1},
			Result:   "sessions line 512 (id 704): Required field 'title' is missing",
			Error: &contracts.TaskError{
				Type: "about:blank", Title: "The archive is not valid", Detail: "Required field 'title' is missing",
				Code: "invalid_archive", Stage: contracts.Schedule,
				Issues: []contracts.Issue{{
					Severity: contracts.Error, Code: "required_field_missing", File: "sessions", Pointer: "/12/title", Line: 512, Column: 5,
					SourceID: "704", RecordIndex: &index, Message: "Required field 'title' is missing", Value: "null", Hint: "Give it a title",
				}},
			},
			Attempt: 2, Version: 14, StartedAt: &at, FinishedAt: &at,
		},
	}
}

func get(path string) *http.Request {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Authorization", "Bearer e30.e30.e30")
	return req
}

func answerOf(status int, contentType string, body []byte) *http.Response {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", contentType)
	rec.Header().Set("ETag", `"`+strings.Repeat("0", 32)+`"`)
	rec.WriteHeader(status)
	_, _ = rec.Write(body)
	return rec.Result()
}

const (
	noMails  = `{"data": [], "meta": {"total": 0}, "links": {"self": "/v1/mails", "first": "/v1/mails", "last": "/v1/mails"}}`
	problem  = "application/problem+json"
	badPage  = `{"type": "about:blank", "title": "Bad Request", "status": 400, "code": "bad_page"}`
	notFound = `{"type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found"}`
)

func TestExchangeAcceptsWhatIsDocumented(t *testing.T) {
	t.Parallel()
	Exchange(t, get("/v1/mails"), answerOf(200, "application/json", []byte(noMails)))
	Exchange(t, get("/v1/mails?page%5Bnumber%5D=2&page[size]=200"), answerOf(200, "application/json; charset=utf-8", []byte(noMails)))
	Exchange(t, get("/v1/mails?page[size]=0"), answerOf(400, problem, []byte(badPage)))
	Exchange(t, get("/v1/events/no-such-event/sessions"), answerOf(404, problem, []byte(notFound)))
	Exchange(t, get("/v1/imports/"+id+"/issues?filter[severity]=error&filter[file]=sessions"), answerOf(200, "application/json", []byte(
		`{"data": [{"severity": "error", "code": "id_missing", "message": "There is no id"}],
		  "meta": {"total": 1, "counts": {"error": 1, "warning": 0, "info": 0}}, "links": {"self": "/", "first": "/", "last": "/"}}`)))

	old := get("/v1/mails")
	old.Header.Set("Authorization", "JWT e30.e30.e30")
	Exchange(t, old, answerOf(200, "application/json", []byte(noMails)))
}

func TestExchangeAcceptsFilesOfAnyType(t *testing.T) {
	t.Parallel()
	const file = "/v1/events/24/media/7/original"
	tagged := func(status int, contentType, body string) *http.Response {
		resp := answerOf(status, contentType, []byte(body))
		resp.Header.Set("ETag", `"`+strings.Repeat("0", 64)+`"`)
		if contentType == "" {
			resp.Header.Del("Content-Type")
		}
		return resp
	}
	anonymous := httptest.NewRequest(http.MethodGet, file, nil)
	Exchange(t, anonymous, tagged(200, "image/png", "\x89PNG"))
	Exchange(t, get(file), tagged(200, "application/json", "{no JSON"))
	Exchange(t, get(file), tagged(206, "multipart/byteranges; boundary=x", "--x"))
	Exchange(t, get(file), tagged(304, "", ""))
	Exchange(t, get(file), answerOf(404, problem, []byte(notFound)))
	head := get(file)
	head.Method = http.MethodHead
	Exchange(t, head, tagged(200, "image/png", ""))
	Exchange(t, head, answerOf(404, problem, nil))

	require.ErrorContains(t, checkExchange(get(file), answerOf(200, "image/png", nil)), "etag") // it has one of a document
	require.ErrorContains(t, checkExchange(get(file), tagged(200, "", "")), "content type")
	require.ErrorContains(t, checkExchange(get(file), answerOf(404, "text/plain", nil)), "text/plain")
	require.ErrorContains(t, checkExchange(head, answerOf(404, "text/plain", nil)), "text/plain")
	require.ErrorContains(t, checkExchange(head, tagged(418, problem, "")), "418")
}

func TestExchangeAcceptsThatAnEventIsExported(t *testing.T) {
	t.Parallel()
	const exports = "/v1/events/c4f1a9e2/export/json"
	ask := func(path, body string) *http.Request {
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer e30.e30.e30")
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		return req
	}
	accepted := func(body string) *http.Response {
		resp := answerOf(http.StatusAccepted, "application/json", []byte(body))
		resp.Header.Set("Location", "/v1/tasks/"+id)
		resp.Header.Set("X-Request-Id", "one")
		return resp
	}
	begun := `{"task_url": "/v1/tasks/` + id + `", "id": "` + id + `", "kind": "event-export"}`
	Exchange(t, ask(exports, ""), accepted(begun))
	Exchange(t, ask(exports+"?dialect=b", `{"image": true, "document": false}`), accepted(begun))
	keyed := ask(exports, "{}")
	keyed.Header.Set("Idempotency-Key", "lakeside-1")
	Exchange(t, keyed, accepted(begun))

	// The form of a page, in a browser whose user has signed in.
	form := ask(exports, "")
	form.Header.Del("Authorization")
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form.AddCookie(&http.Cookie{Name: "usher_session", Value: "e30.e30.e30"})
	led := answerOf(http.StatusSeeOther, "", nil)
	led.Header.Set("Location", "/imports/"+id)
	Exchange(t, form, led)

	require.ErrorContains(t, checkExchange(ask(exports, `{"pictures": true}`), accepted(begun)), "pictures")
	require.ErrorContains(t, checkExchange(ask(exports, `{"image": 1}`), accepted(begun)), "boolean")
	require.ErrorContains(t, checkExchange(ask(exports+"?dialect=c", ""), accepted(begun)), "dialect")
	require.ErrorContains(t, checkExchange(ask(exports, ""), accepted(strings.Replace(begun, "export", "archive", 1))), "/kind")
	refused := func(status int, code string) *http.Response {
		return answerOf(status, problem, fmt.Appendf(nil, `{"type": "about:blank", "title": "No", "status": %d, "code": %q}`, status, code))
	}
	for _, code := range []string{"bad_body", "bad_parameter", "bad_idempotency_key"} {
		Exchange(t, ask(exports, ""), refused(http.StatusBadRequest, code))
	}
	Exchange(t, ask(exports, ""), refused(http.StatusNotFound, "not_found"))
	Exchange(t, ask(exports, ""), refused(http.StatusConflict, "idempotency_key_reused"))
	for _, code := range []string{"broker_unavailable", "import_stream_full"} {
		Exchange(t, ask(exports, ""), refused(http.StatusServiceUnavailable, code))
	}
}

func TestExchangeAcceptsTheArchiveOfAnExport(t *testing.T) {
	t.Parallel()
	const archive = "/v1/exports/" + id
	sent := func(status int, contentType string) *http.Response {
		resp := answerOf(status, contentType, []byte("PK"))
		resp.Header.Set("ETag", `"`+strings.Repeat("0", 64)+`"`)
		resp.Header.Set("Accept-Ranges", "bytes")
		resp.Header.Set("Content-Disposition", `attachment; filename=lakeside-open-days-c4f1a9e2.zip`)
		return resp
	}
	without := func(resp *http.Response, header string) *http.Response {
		resp.Header.Del(header)
		return resp
	}
	Exchange(t, get(archive), sent(http.StatusOK, "application/zip"))
	Exchange(t, get(archive), sent(http.StatusPartialContent, "application/zip"))
	Exchange(t, get(archive), sent(http.StatusPartialContent, "multipart/byteranges; boundary=x"))
	unchanged := answerOf(http.StatusNotModified, "", nil)
	unchanged.Header.Set("ETag", `"`+strings.Repeat("0", 64)+`"`)
	unchanged.Header.Del("Content-Type")
	Exchange(t, get(archive), unchanged)
	away := answerOf(http.StatusTemporaryRedirect, "", nil)
	away.Header.Set("Location", "https://store.lakeside.example/usher/exports/x?signature=y")
	Exchange(t, get(archive), away)
	head := get(archive)
	head.Method = http.MethodHead
	Exchange(t, head, sent(http.StatusOK, "application/zip"))
	for status, code := range map[int]string{
		http.StatusNotFound: "not_found", http.StatusConflict: "export_not_ready", http.StatusGone: "export_expired",
		http.StatusRequestedRangeNotSatisfiable: "range_not_satisfiable",
	} {
		body := fmt.Appendf(nil, `{"type": "about:blank", "title": "No", "status": %d, "code": %q}`, status, code)
		Exchange(t, get(archive), answerOf(status, problem, body))
	}

	for _, header := range []string{"ETag", "Accept-Ranges", "Content-Disposition"} {
		err := checkExchange(get(archive), without(sent(http.StatusOK, "application/zip"), header))
		require.ErrorContains(t, err, "'"+header+"'")
	}
	require.ErrorContains(t, checkExchange(get(archive), sent(http.StatusOK, "image/png")), "image/png")
	inline := sent(http.StatusOK, "application/zip")
	inline.Header.Set("Content-Disposition", "inline")
	require.ErrorContains(t, checkExchange(get(archive), inline), "inline")
}

func TestTaskDocumentOfAnExportIsThatOfNothingElse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"no download": {`"download_url"`, `"url_of_download"`},
		"no hash":     {`"sha256"`, `"sha"`},
		"accounts":    {`"size":`, `"created":0,"updated":0,"skipped":0,"failed":0,"invited":0,"size":`},
		"a dry run":   {`"size":`, `"dry_run":true,"size":`},
		"a surplus":   {`"size":`, `"surplus":true,"size":`},
	} {
		body := strings.Replace(string(toJSON(t, tasks()["exported"])), change[0], change[1], 1)
		require.Error(t, checkExchange(get("/v1/tasks/"+id), answerOf(http.StatusOK, "application/json", []byte(body))), name)
	}
}

func TestExchangeAcceptsAResourceWithItsRelationships(t *testing.T) {
	t.Parallel()
	session := `{"type": "session", "id": "7", "attributes": {"title": "Tea", "subtitle": null, "level": null,
		"short-abstract": null, "long-abstract": "<p>Tea</p>", "comments": null, "starts-at": "2031-05-02T10:00:00+02:00",
		"ends-at": null, "language": null, "slides-url": null, "audio-url": null, "video-url": null, "signup-url": null, "state": "accepted"},
		"relationships": {"track": {"links": {"related": "/track"}, "data": {"type": "track", "id": "3"}},
		"microlocation": {"links": {"related": "/microlocation"}, "data": null},
		"session-type": {"links": {"related": "/session-type"}, "data": null},
		"speakers": {"links": {"related": "/speakers"}, "data": [{"type": "speaker", "id": "5"}]}},
		"links": {"self": "/v1/events/24/sessions/7"}}`
	page := `{"data": [` + session + `], "meta": {"total": 1}, "links": {"self": "/", "first": "/", "last": "/"}}`
	Exchange(t, get("/v1/events/24/sessions"), answerOf(200, "application/vnd.api+json", []byte(page)))

	// And nothing more than that, at any depth.
	var tree any
	require.NoError(t, json.Unmarshal([]byte(page), &tree))
	objects(tree, "", func(where string, object map[string]any) {
		object["surplus"] = 1
		defer delete(object, "surplus")
		err := checkExchange(get("/v1/events/24/sessions"), answerOf(200, "application/vnd.api+json", toJSON(t, tree)))
		require.ErrorContains(t, err, "at '"+where+"/surplus'")
	})
}

func TestExchangeAcceptsThatNothingHasChanged(t *testing.T) {
	t.Parallel()
	Exchange(t, get("/v1/events/24/sessions/7"), answerOf(http.StatusNotModified, "", nil))
	require.ErrorContains(t, checkExchange(get("/v1/mails"), answerOf(http.StatusNotModified, "", nil)), "304")
}

func TestExchangeCatchesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	accepted := `{"task_url": "/v1/tasks/` + id + `", "id": "` + id + `", "kind": "event-archive", "size": 22, "sha256": "` + strings.Repeat("0", 64) + `"}`
	upload := httptest.NewRequest(http.MethodPost, "/v1/events/import/json", nil)
	upload.Header.Set("Authorization", "Bearer e30.e30.e30")
	upload.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	anonymous := get("/v1/mails")
	anonymous.Header.Del("Authorization")
	mistyped := upload.Clone(t.Context())
	mistyped.Header.Set("Content-Type", "application/zip")

	for name, c := range map[string]struct {
		req  *http.Request
		resp *http.Response
		says string
	}{
		"a path":                   {get("/v1/males"), answerOf(200, "application/json", []byte(noMails)), "no route"},
		"a method":                 {httptest.NewRequest(http.MethodDelete, "/v1/mails", nil), answerOf(200, "application/json", nil), "no route"},
		"a status":                 {get("/v1/mails"), answerOf(418, problem, []byte(badPage)), "418"},
		"a content type":           {get("/v1/mails"), answerOf(200, "text/html", []byte(noMails)), `"text/html"`},
		"no content type":          {get("/v1/mails"), answerOf(200, "", []byte(noMails)), "content type"},
		"a body that is no JSON":   {get("/v1/mails"), answerOf(200, "application/json", []byte(`{"data"`)), "not JSON"},
		"a missing member":         {get("/v1/mails"), answerOf(200, "application/json", []byte(`{"data": []}`)), "'meta'"},
		"a value":                  {get("/v1/mails"), answerOf(200, "application/json", []byte(strings.Replace(noMails, "0", "-1", 1))), "at '/meta/total': minimum"},
		"a member":                 {get("/v1/mails"), answerOf(200, "application/json", []byte(strings.Replace(noMails, "0", `0, "pages": 1`, 1))), "at '/meta/pages': no schema"},
		"a code of another status": {get("/v1/mails"), answerOf(403, problem, []byte(badPage)), "at '/code'"},
		"a missing header":         {upload, answerOf(202, "application/json", []byte(accepted)), "Location"},
		"a parameter":              {get("/v1/mails?sort=id"), answerOf(200, "application/json", []byte(noMails)), "sort"},
		"a parameter's value":      {get("/v1/mails?page[size]=201"), answerOf(200, "application/json", []byte(noMails)), "page[size]"},
		"a path parameter's value": {get("/v1/imports/17"), answerOf(200, "application/vnd.api+json", []byte(`{}`)), "'id'"},
		"a request without token":  {anonymous, answerOf(200, "application/json", []byte(noMails)), "equest"},
		"a request's content type": {mistyped, answerOf(202, "application/json", []byte(accepted)), "application/zip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told reports
			Exchange(&told, c.req, c.resp)
			require.Len(t, told, 1)
			require.Contains(t, told[0], c.says)
			t.Log(told[0])
		})
	}
}

func TestClientChecksAndChangesNothing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/v1/notifications" {
			_, _ = io.WriteString(w, `{}`)
			return
		}
		_, _ = io.WriteString(w, noMails)
	}))
	t.Cleanup(server.Close)
	var told reports
	client := Client(&told, server.Client())
	fetch := func(path string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer e30.e30.e30")
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(body)
	}
	require.JSONEq(t, noMails, fetch("/v1/mails"))
	require.Empty(t, told)
	require.Equal(t, `{}`, fetch("/v1/notifications"))
	require.Len(t, told, 1)
	require.Contains(t, told[0], "GET /v1/notifications → 200")
}

func TestClientLetsAnUploadStream(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part, err := r.MultipartReader()
		if err == nil {
			_, err = part.NextPart()
		}
		if err == nil {
			close(arrived) // before the client has sent the rest
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/v1/tasks/"+id)
		w.Header().Set("X-Request-Id", "one")
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"task_url": "/v1/tasks/" + id, "id": id, "kind": "event-archive", "size": 22, "sha256": strings.Repeat("0", 64),
		})
	}))
	t.Cleanup(server.Close)

	body, sending := io.Pipe()
	form := multipart.NewWriter(sending)
	go func() {
		file, err := form.CreateFormFile("file", "lakeside-2031.zip")
		if err == nil {
			_, err = file.Write(bytes.Repeat([]byte("PK"), 32<<10))
		}
		select {
		case <-arrived:
		case <-t.Context().Done():
			err = context.Cause(t.Context())
		}
		if err == nil {
			err = form.Close()
		}
		sending.CloseWithError(err)
	}()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/events/import/json", body)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer e30.e30.e30")
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := Client(t, server.Client()).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
}

func TestExchangesAreCheckedSideBySide(t *testing.T) {
	t.Parallel()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			Exchange(t, get("/v1/mails?page[size]=5"), answerOf(200, "application/json", []byte(noMails)))
			Exchange(t, get("/v1/events/24/tracks?page[size]=5"), answerOf(404, problem, []byte(notFound)))
		})
	}
	group.Wait()
}
