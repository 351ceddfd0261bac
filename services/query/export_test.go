package query_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/query"
)

// asked asks for the export of an event, and returns the answer.
func (b *bench) asked(t *testing.T, who auth.Identity, event, body string, headers ...string) answer {
	t.Helper()
	path, query, _ := strings.Cut(event, "?")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/v1/events/"+path+"/export/json?"+query, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	return b.do(t, who, request)
}

// exporting is an export that was asked for, as the stage has it.
type exporting struct {
	*bench
	t      *testing.T
	id     string
	owner  auth.Identity
	runner *stage.Runner
}

// export asks for the export of an event.
func (b *bench) export(t *testing.T, who auth.Identity, event, body string) *exporting {
	t.Helper()
	a := b.asked(t, who, event, body)
	require.Equal(t, http.StatusAccepted, a.status, a.text)
	id, _ := a.body["id"].(string)
	require.Equal(t, "/v1/tasks/"+id, a.body["task_url"])
	require.Equal(t, "/v1/tasks/"+id, a.header.Get("Location"))
	return &exporting{bench: b, t: t, id: id, owner: who, runner: stage.NewRunner(b.service.Stages(b.res)[0], b.res.ForStages())}
}

// run runs the stage and returns its outcome.
func (e *exporting) run() contracts.Payload {
	e.t.Helper()
	names := e.res.Broker.Names()
	request, err := e.res.Broker.Last(e.t.Context(), names.ImportsStream(), names.AnyRequest(e.id))
	require.NoError(e.t, err)
	msg := message.NewMessage(uuid.NewString(), request.Data)
	msg.SetContext(e.t.Context())
	require.NoError(e.t, e.runner.Handle(msg))
	stored, err := e.res.Broker.Last(e.t.Context(), names.ImportsStream(), names.AnyOutcome(contracts.EventExport, contracts.Query, e.id, 1))
	require.NoError(e.t, err)
	_, payload, err := contracts.Decode(stored.Data)
	require.NoError(e.t, err)
	return payload
}

// written runs the stage, which must complete, and ends the export as notify does.
func (e *exporting) written() contracts.Completed {
	e.t.Helper()
	done, ok := contracts.CompletedOf(e.run())
	require.True(e.t, ok)
	c := &conference{bench: e.bench, t: e.t, id: e.id, kind: contracts.EventExport, owner: e.owner, attempt: 1}
	c.send(contracts.Notify, e.res.Broker.Names().Control(contracts.EventExport, e.id), &contracts.ImportFinished{
		State: contracts.Success, Issues: done.Issues,
		Result: &contracts.Result{
			ID: done.Event.ID, Identifier: done.Event.Identifier, EventName: done.Event.Name, URL: "https://usher.example/imports/" + e.id,
			DownloadURL: "https://usher.example/v1/exports/" + e.id, Exported: done.Exported, Counts: done.Counts,
		},
	})
	c.waits(contracts.Success, "Exported Lakeside Open Days")
	return done
}

// failed runs the stage, which must fail, and returns its code.
func (e *exporting) failed() string {
	e.t.Helper()
	failed, ok := e.run().(*contracts.StageFailed)
	require.True(e.t, ok)
	return failed.Code
}

// download asks for the archive.
func (b *bench) download(t *testing.T, who auth.Identity, id string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/v1/exports/"+id, nil)
	require.NoError(t, err)
	if who != nobody {
		token, err := b.signer.Issue(who, time.Hour)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, content
}

// refusedDownload is download for what must not be there.
func (b *bench) refusedDownload(t *testing.T, who auth.Identity, id string, status int, code string) {
	t.Helper()
	response, content := b.download(t, who, id)
	require.Equal(t, status, response.StatusCode, string(content))
	var problem struct{ Code string }
	require.NoError(t, json.Unmarshal(content, &problem))
	require.Equal(t, code, problem.Code)
}

// unpacked are the files of an archive.
func unpacked(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	files := make(map[string]string)
	for _, f := range reader.File {
		content, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(content)
		require.NoError(t, err)
		files[f.Name] = string(text)
	}
	return files
}

// speakerWithPhoto makes a speaker whose photo is stored, and returns their id.
func (c *conference) speakerWithPhoto(name, photo string) int64 {
	c.t.Helper()
	id := c.insert("people.speakers", map[string]any{"name": name, "photo_url": "/images/speakers/some.png"})
	blob := bucket.MediaKey(c.id, itoa(id))
	file, err := c.res.Bucket.Store(c.t.Context(), blob, strings.NewReader(photo), "image/png")
	require.NoError(c.t, err)
	c.insert("media.files", map[string]any{
		"owner_type": "speakers", "owner_id": id, "field": "photo", "kind": "image", "path": "/images/speakers/some.png",
		"state": "stored", "blob": blob, "content_type": "image/png", "size": file.Size, "sha256": file.SHA256,
	})
	return id
}

func TestEventIsExportedForItsOwnerAndForAdministrators(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2").publish()
	ada := c.speakerWithPhoto("Ada Quill", "a picture")
	event := itoa(c.event)
	for who, status := range map[auth.Identity]int{nobody: http.StatusUnauthorized, paul: http.StatusNotFound, admin: http.StatusAccepted} {
		require.Equal(t, status, b.asked(t, who, event, "").status, who)
	}
	require.Equal(t, http.StatusNotFound, b.asked(t, olga, "4711", "").status)

	e := b.export(t, olga, "c4f1a9e2", "")
	b.refusedDownload(t, olga, e.id, http.StatusConflict, "export_not_ready")
	done := e.written()
	require.Equal(t, map[contracts.EntityType]int{
		contracts.Events: 1, contracts.SocialLinks: 0, contracts.CustomForms: 0, contracts.Microlocations: 0, contracts.Sponsors: 0,
		contracts.Speakers: 1, contracts.Tracks: 0, contracts.SessionTypes: 0, contracts.Sessions: 0, contracts.MediaFiles: 1,
	}, done.Counts)

	response, archive := b.download(t, olga, e.id)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "application/zip", response.Header.Get("Content-Type"))
	require.Equal(t, `attachment; filename=lakeside-open-days-c4f1a9e2.zip`, response.Header.Get("Content-Disposition"))
	require.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
	require.Equal(t, `"`+done.Exported.SHA256+`"`, response.Header.Get("ETag"))
	require.Len(t, archive, int(done.Exported.Size))
	files := unpacked(t, archive)
	name := "images/speakers/AdaQuill_" + itoa(ada) + ".png"
	require.Equal(t, "a picture", files[name])
	require.Contains(t, files["speakers"], `"photo": "/`+name+`"`)
	for _, file := range []string{"event", "forms", "microlocations", "sponsors", "speakers", "tracks", "session_types", "sessions", "meta"} {
		require.Contains(t, files, file)
	}
	require.JSONEq(t, `{"root_url": "https://usher.example/"}`, files["meta"])

	response, part := b.download(t, olga, e.id, "Range", "bytes=2-9", "If-Range", response.Header.Get("ETag"))
	require.Equal(t, http.StatusPartialContent, response.StatusCode)
	require.Equal(t, archive[2:10], part)

	b.refusedDownload(t, paul, e.id, http.StatusNotFound, "not_found")
	b.refusedDownload(t, nobody, e.id, http.StatusUnauthorized, "token_missing")
	b.refusedDownload(t, olga, c.id, http.StatusNotFound, "not_found")
	response, again := b.download(t, admin, e.id)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, archive, again)

	_, err := b.res.DB.NewRaw("UPDATE query.exports SET expires_at = now() WHERE import_id = ?", e.id).Exec(t.Context())
	require.NoError(t, err)
	b.refusedDownload(t, olga, e.id, http.StatusGone, "export_expired")
}

func TestArchiveOfAnothersEventIsForAdministratorsAsLongAsTheyAre(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.conference(t, olga).made("c4f1a9e2")
	b.conference(t, admin).made("c4f1a9e3")
	former := admin
	former.Admin = false

	e := b.export(t, admin, "c4f1a9e2", "")
	e.written()
	response, _ := b.download(t, admin, e.id)
	require.Equal(t, http.StatusOK, response.StatusCode)
	b.refusedDownload(t, former, e.id, http.StatusForbidden, "admin_only")

	own := b.export(t, admin, "c4f1a9e3", "")
	own.written()
	response, _ = b.download(t, former, own.id)
	require.Equal(t, http.StatusOK, response.StatusCode)
}

func TestStateThatPeopleHaveSetIsExportedAndElseWhatTheArchiveSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	for _, test := range []struct {
		source, state string
		set           bool
		want          string
	}{
		{"published", "draft", false, "Published"},
		{"published", "draft", true, "Draft"},
		{"published", "published", true, "Published"},
		{"draft", "draft", false, "Draft"},
		{"draft", "published", false, "Published"}, // by an option of its upload
		{"draft", "published", true, "Published"},
		{"completed", "draft", false, "Completed"},
		{"completed", "draft", true, "Draft"},
		{"completed", "published", true, "Completed"},
	} {
		_, err := b.res.DB.NewRaw("UPDATE event.events SET source_state = ?, state = ?, state_set = ? WHERE id = ?",
			test.source, test.state, test.set, c.event).Exec(t.Context())
		require.NoError(t, err)
		e := b.export(t, olga, "c4f1a9e2", "{}")
		e.written()
		_, archive := b.download(t, olga, e.id)
		var event struct{ State string }
		require.NoError(t, json.Unmarshal([]byte(unpacked(t, archive)["event"]), &event))
		require.Equal(t, test.want, event.State, "%+v", test)
	}
}

func TestMediaThatAnExportIsNotToHoldStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	c.speakerWithPhoto("Ada Quill", "a picture")
	for body, image := range map[string]bool{"": true, `{"image":true}`: true, `{"video":true,"audio":true,"document":true}`: false, `{}`: false} {
		e := b.export(t, olga, "c4f1a9e2", body)
		e.written()
		_, archive := b.download(t, olga, e.id)
		files := unpacked(t, archive)
		if image {
			require.Len(t, files, 10, body)
			continue
		}
		require.Len(t, files, 9, body)
		require.Contains(t, files["speakers"], `"photo": "https://usher.example/v1/events/`+itoa(c.event)+`/media/`)
	}
}

func TestRequestsOfExportsAreLookedAt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.conference(t, olga).made("c4f1a9e2")
	for _, bad := range []struct{ query, body, code string }{
		{"", "{", "bad_body"},
		{"", "[]", "bad_body"},
		{"", `{"images":true}`, "bad_body"},
		{"", `{"image":"yes"}`, "bad_body"},
		{"", `{} {}`, "bad_body"},
		{"", strings.Repeat(" ", 5000) + "{}", "bad_body"},
		{"?dialect=c", "", "bad_parameter"},
	} {
		a := b.asked(t, olga, "c4f1a9e2"+bad.query, bad.body)
		require.Equal(t, http.StatusBadRequest, a.status, bad)
		require.Equal(t, bad.code, a.body["code"], bad)
	}
	require.Equal(t, "bad_idempotency_key", b.asked(t, olga, "c4f1a9e2", "", "Idempotency-Key", "a b").body["code"])

	first := b.asked(t, olga, "c4f1a9e2", "", "Idempotency-Key", "export-1")
	require.Equal(t, http.StatusAccepted, first.status)
	require.Equal(t, first.body, b.asked(t, olga, "c4f1a9e2", "", "Idempotency-Key", "export-1").body)
	other := b.asked(t, olga, "c4f1a9e2?dialect=b", "", "Idempotency-Key", "export-1")
	require.Equal(t, http.StatusConflict, other.status)
	require.Equal(t, "idempotency_key_reused", other.body["code"])
	require.NotEqual(t, first.body["id"], b.asked(t, admin, "c4f1a9e2", "", "Idempotency-Key", "export-1").body["id"])
}

func TestRequestThatIsSentAgainIsAnsweredAsBeforeWhateverHasBecomeOfTheEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	first := b.asked(t, olga, "c4f1a9e2", "", "Idempotency-Key", "export-1")
	require.Equal(t, http.StatusAccepted, first.status)
	c.send(contracts.Ingest, b.res.Broker.Names().Control(c.kind, c.id), &contracts.DiscardRequested{By: olga.Owner()})
	require.Eventually(t, func() bool {
		return b.get(t, olga, "/v1/events/c4f1a9e2").status == http.StatusNotFound
	}, 30*time.Second, 10*time.Millisecond)

	require.Equal(t, http.StatusNotFound, b.asked(t, olga, "c4f1a9e2", "").status)
	again := b.asked(t, olga, "c4f1a9e2", "", "Idempotency-Key", "export-1")
	require.Equal(t, http.StatusAccepted, again.status, again.text)
	require.Equal(t, first.body, again.body)
	require.Equal(t, "idempotency_key_reused", b.asked(t, olga, "c4f1a9e2", "{}", "Idempotency-Key", "export-1").body["code"])
	require.Equal(t, http.StatusNotFound, b.asked(t, paul, "c4f1a9e2", "", "Idempotency-Key", "export-1").status)
}

func TestFormOfAPageIsLedToThePageOfItsExport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	b.conference(t, olga).made("c4f1a9e2")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/v1/events/c4f1a9e2/export/json", nil)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	token, err := b.signer.Issue(olga, time.Hour)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := b.http.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Regexp(t, `^/imports/[0-9a-f-]{36}$`, response.Header.Get("Location"))
}

func TestExportOfAnEventThatIsTakenBackOrMadeAnewSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.project(t)
	gone, changing, whole := b.conference(t, olga), b.conference(t, olga), b.conference(t, olga)
	for identifier, c := range map[string]*conference{"a0000001": gone, "a0000002": changing, "a0000003": whole} {
		c.made(identifier)
	}
	exports := make(map[*conference]*exporting)
	for _, c := range []*conference{gone, changing, whole} {
		exports[c] = b.export(t, olga, itoa(c.event), "")
	}
	known := b.conference(t, olga).made("a0000004") // of whose replay the projection knows
	exports[known] = b.export(t, olga, itoa(known.event), "")
	failed := b.conference(t, olga).made("a0000005")
	exports[failed] = b.export(t, olga, itoa(failed.event), "")
	names := b.res.Broker.Names()
	replays := func(c *conference) *conference {
		replay := *c
		replay.attempt = 2
		replay.send(contracts.Ingest, names.Control(c.kind, c.id), &contracts.ReplayRequested{Carried: c.carried, From: contracts.Event, By: olga.Owner()})
		return &replay
	}
	replays(known).waits(contracts.Pending, "Waiting for event")
	again := replays(failed)
	again.fail(contracts.Event, contracts.IssueCounts{Error: 1})
	again.send(contracts.Notify, names.Control(failed.kind, failed.id), &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The archive is not valid.", FailedStage: contracts.Event, Code: "invalid_archive",
	})
	again.waits(contracts.Failure, "The archive is not valid.")
	stop() // so that the projection knows of none of the commands that follow
	gone.send(contracts.Ingest, names.Control(gone.kind, gone.id), &contracts.DiscardRequested{By: olga.Owner()})
	replays(changing)
	whole.send(contracts.Event, names.Control(whole.kind, whole.id), &contracts.EventEdited{Attributes: []string{"name"}, By: olga.Owner()})
	require.Equal(t, "event_gone", exports[gone].failed())
	require.Equal(t, "event_changing", exports[changing].failed())
	require.Equal(t, "event_changing", exports[known].failed())
	require.Equal(t, "event_gone", exports[failed].failed())
	_, completed := contracts.CompletedOf(exports[whole].run())
	require.True(t, completed)
}

func TestWhatAFailedAttemptHasLeftIsRemovedButNotWhatANewerOneWrites(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	e := b.export(t, olga, "c4f1a9e2", "")
	c.send(contracts.Ingest, b.res.Broker.Names().Control(c.kind, c.id), &contracts.DiscardRequested{By: olga.Owner()})
	keys := make([]string, 0, 2)
	for attempt := range 2 {
		key := bucket.ExportKey(e.id, attempt+1, "died", "lakeside.zip")
		_, err := b.res.Bucket.Store(t.Context(), key, strings.NewReader("half an archive"), "application/zip")
		require.NoError(t, err)
		keys = append(keys, key)
	}
	require.Equal(t, "event_gone", e.failed())
	var left []string
	for listed, err := range b.res.Bucket.Below(t.Context(), bucket.Exports) {
		require.NoError(t, err)
		left = append(left, listed.Key)
	}
	require.Equal(t, keys[1:], left)
}

func TestFileThatIsGoneFromTheStoreIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga).made("c4f1a9e2")
	ada := c.speakerWithPhoto("Ada Quill", "a picture")
	require.NoError(t, b.res.Bucket.Delete(t.Context(), bucket.MediaKey(c.id, itoa(ada))))
	done := b.export(t, olga, "c4f1a9e2", "").written()
	require.Equal(t, 1, done.Found.Warning)
	require.Equal(t, "export_media_missing", done.FirstIssues[0].Code)
	require.Zero(t, done.Counts[contracts.MediaFiles])
}

// everyTable are the tables that an export reads and writes.
func everyTable() []postgres.Migrations {
	all := service.Migrations(query.Service())
	for _, neighbour := range []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media} {
		name := string(neighbour)
		all = append(all, stage.Migrations(neighbour), postgres.Migrations{Schema: name, Name: name, Files: os.DirFS("../" + name + "/migrations")})
	}
	return all
}

// lanterns asks for the export of an event, which it makes where it is not there yet.
func lanterns(t testing.TB, w stagetest.World) *contracts.ExportRequested {
	t.Helper()
	const of = "01c2a35e-00d0-7c42-9a60-2f8d1c0b7e11"
	for _, statement := range []string{
		`INSERT INTO event.events (id, import_id, attempt, origin, owner_iss, owner_sub, state, identifier, name, timezone, starts_at, ends_at)
			VALUES (7, '` + of + `', 1, '0', 'usher', 'olga', 'draft', '1a2b3c4d', 'Lantern Days', 'Europe/Lisbon', '2031-05-02T08:00:00Z', '2031-05-03T17:00:00Z')`,
		`INSERT INTO schedule.sessions (id, import_id, attempt, origin, title) VALUES (9, '` + of + `', 1, '0', 'Knots')`,
		`INSERT INTO query.imports (id, kind, owner_iss, owner_sub, owner_email, state, stage, waiting_for, making, note, attempt, version, progress,
				issues_error, issues_warning, issues_info, file_name, size, sha256, event_id, failure, created_at, updated_at)
			VALUES ('` + of + `', 'event-archive', 'usher', 'olga', '', 'SUCCESS', 'notify', '', '', '', 1, 1, '{}', 0, 0, 0, '', 0, '', 7, '', now(), now())`,
	} {
		_, err := w.DB.ExecContext(t.Context(), statement+" ON CONFLICT DO NOTHING")
		require.NoError(t, err)
	}
	return &contracts.ExportRequested{
		Event:    contracts.EventFacts{ID: "7", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "Europe/Lisbon"},
		FileName: "lantern-days-1a2b3c4d.zip",
		Export:   contracts.Export{Of: of, Dialect: "a", Image: true},
	}
}

func TestStageOfExports(t *testing.T) {
	t.Parallel()
	stagetest.Exercise(t, stagetest.Subject{
		Stage:      query.Service().Stages(&service.Resources{Config: service.Config{PublicURL: "https://usher.example"}})[0],
		Migrations: everyTable(),
		Asked:      lanterns,
		Rows:       map[string]int{"query.exports": 1},
	})
}
