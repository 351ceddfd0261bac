package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

var (
	olga  = auth.Identity{Issuer: "usher", Subject: "olga", Email: "olga@organizers.example"}
	paul  = auth.Identity{Issuer: "usher", Subject: "paul"}
	admin = auth.Identity{Issuer: "usher", Subject: "root", Admin: true}
)

// desk is the service's HTTP side, with an event of olga's that was imported.
type desk struct {
	stagetest.World
	signer *auth.Signer
	url    string
	http   *http.Client
	env    contracts.Envelope
	runner *stage.Runner
}

func newDesk(t *testing.T) desk {
	t.Helper()
	d := desk{World: stagetest.NewWorld(t, service.Migrations(Service())...), env: stagetest.NewEnvelope(contracts.EventArchive)}
	config := auth.Config{Secret: "a secret for tests, 32 bytes and more", Issuer: "usher", Audience: "usher"}
	verifier, err := auth.NewVerifier(config)
	require.NoError(t, err)
	d.signer, err = auth.NewSigner(config)
	require.NoError(t, err)
	res := &service.Resources{DB: d.DB, Broker: d.Broker, Bucket: d.Bucket, Remaps: d.Remaps, Auth: verifier, Log: d.Log}
	mux, err := service.NewMux(res, func(*http.Request) error { return nil }, Service())
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	d.url, d.http = web.URL, contracttest.Client(t, web.Client())

	blob := d.Upload(t, d.env.Import, stagetest.Archive(t))
	data, err := contracts.Encode(d.env, &contracts.ImportRequested{Blob: blob, Size: 1, SHA256: strings.Repeat("0", 64)})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	d.runner = stage.NewRunner(archiveStage(), res.ForStages())
	require.NoError(t, d.runner.Handle(msg))
	return d
}

// finished tells that the import has ended, as notify does.
func (d desk) finished(t *testing.T) {
	t.Helper()
	d.command(t, d.env.Attempt, &contracts.ImportFinished{
		State:  contracts.Success,
		Result: &contracts.Result{ID: d.column(t, "id"), Identifier: "1a2b3c4d", EventName: "Lantern Days", URL: "https://usher.example/e/1a2b3c4d"},
	})
}

// command stores a message among the commands of the import.
func (d desk) command(t *testing.T, attempt int, payload contracts.Payload) {
	t.Helper()
	env := d.env
	env.Attempt = attempt
	data, err := contracts.Encode(env, payload)
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, d.Broker.Publisher().Publish(d.Broker.Names().Control(d.env.Kind, d.env.Import), msg))
}

// ask sends a request and returns the status and the problem document, if any.
func (d desk) ask(t *testing.T, who auth.Identity, method, event, body string, header ...string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+"/v1/events/"+event, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	if who != (auth.Identity{}) {
		token, err := d.signer.Issue(who, time.Hour)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/vnd.api+json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := d.http.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var problem map[string]any
	if len(text) > 0 {
		require.NoError(t, json.Unmarshal(text, &problem), string(text))
	}
	return res.StatusCode, problem
}

// patch changes attributes.
func (d desk) patch(t *testing.T, who auth.Identity, attributes string, header ...string) (int, map[string]any) {
	t.Helper()
	return d.ask(t, who, http.MethodPatch, "1a2b3c4d", `{"data":{"type":"event","attributes":`+attributes+`}}`, header...)
}

// column reads what the event's row has, as a text.
func (d desk) column(t *testing.T, name string) string {
	t.Helper()
	var value any
	err := d.DB.NewSelect().TableExpr("event.api_events").ColumnExpr(name+"::text").Where("import_id = ?", d.env.Import).Scan(t.Context(), &value)
	require.NoError(t, err)
	return fmt.Sprint(value)
}

func TestOwnerChangesWhatMayBeChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	for name, set := range map[string][2]string{
		"name":                         {`"Lantern Nights"`, "Lantern Nights"},
		"state":                        {`"published"`, "published"},
		"timezone":                     {`"Asia/Tokyo"`, "Asia/Tokyo"},
		"latitude":                     {`38.72`, "38.72"},
		"location-name":                {`"Pier 4"`, "Pier 4"},
		"description":                  {`"<p>All <blink>night</blink></p><script>1</script>"`, "<p>All night</p>"},
		"ticket-url":                   {`"https://tickets.lantern.example/"`, "https://tickets.lantern.example/"},
		"email":                        {`"hello@lantern.example"`, "hello@lantern.example"},
		"privacy":                      {`"private"`, "private"},
		"is-sessions-speakers-enabled": {`false`, "false"},
		"copyright-year":               {`2031`, "2031"},
		"organizer-name":               {`null`, "<nil>"},
		"topic":                        {`""`, "<nil>"},
	} {
		status, problem := d.patch(t, olga, `{"`+name+`":`+set[0]+`}`)
		require.Equal(t, http.StatusNoContent, status, "%s: %v", name, problem)
		require.Equal(t, set[1], d.column(t, strings.ReplaceAll(name, "-", "_")), name)
	}
	require.Equal(t, "14", d.column(t, "revision"), "each change is a revision")

	status, _ := d.patch(t, admin, `{"starts-at":"2031-05-02T11:00:00+02:00","ends-at":"2031-05-02T12:00:00Z"}`)
	require.Equal(t, http.StatusNoContent, status, "administrators may, too")
	var starts time.Time
	require.NoError(t, d.DB.NewSelect().TableExpr("event.api_events").Column("starts_at").Where("import_id = ?", d.env.Import).Scan(t.Context(), &starts))
	require.True(t, starts.Equal(time.Date(2031, 5, 2, 9, 0, 0, 0, time.UTC)))
}

func TestItIsRememberedThatPeopleHaveSetTheStateAlsoToWhatItWas(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	status, problem := d.patch(t, olga, `{"name":"Lantern Nights"}`)
	require.Equal(t, http.StatusNoContent, status, problem)
	require.Equal(t, "false", d.column(t, "state_set"))
	status, problem = d.patch(t, olga, `{"state":"draft"}`)
	require.Equal(t, http.StatusNoContent, status, problem)
	require.Equal(t, "true", d.column(t, "state_set"))

	// The import is made anew, as by a replay.
	replay := d.env
	replay.Attempt = 2
	data, err := contracts.Encode(replay, &contracts.ReplayRequested{
		Carried: contracts.Carried{Blob: bucket.ArchiveKey(d.env.Import, "upload")}, From: contracts.Event, By: olga.Owner(),
	})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, d.runner.Handle(msg))
	require.Equal(t, "2", d.column(t, "attempt"))
	require.Equal(t, "Lantern Days", d.column(t, "name"))
	require.Equal(t, "true", d.column(t, "state_set"), "as the state itself stays")
}

func TestNobodyElseChangesOrDeletes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		body := ""
		if method == http.MethodPatch {
			body = `{"data":{"type":"event","attributes":{"name":"Mine"}}}`
		}
		status, problem := d.ask(t, auth.Identity{}, method, "1a2b3c4d", body)
		require.Equal(t, http.StatusUnauthorized, status)
		require.Equal(t, "token_missing", problem["code"])
		status, problem = d.ask(t, paul, method, "1a2b3c4d", body)
		require.Equal(t, http.StatusNotFound, status)
		require.Equal(t, "not_found", problem["code"])
		status, _ = d.ask(t, olga, method, "9f9f9f9f", body)
		require.Equal(t, http.StatusNotFound, status)
	}
	require.Equal(t, "Lantern Days", d.column(t, "name"))
	require.Equal(t, "1", d.column(t, "revision"))
}

func TestChangeIsRefusedAsAWholeWithAllThatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	status, problem := d.patch(t, olga, `{"name":"Other","identifier":"x","source-state":"y"}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "unknown_attribute", problem["code"])
	require.Equal(t, []any{"identifier", "source-state"}, problem["unknown"])
	require.Contains(t, problem["known"], "location-name")

	status, problem = d.patch(t, olga, `{"name":"","timezone":"Mars/Olympus","latitude":91,"ticket-url":"javascript:alert(1)",
		"email":"nobody","state":"open","starts-at":"2031-05-02T09:00:00","privacy":7,"description":"a\u0000b","location-name":"Other"}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "bad_attribute", problem["code"])
	var wrong []string
	for _, e := range problem["errors"].([]any) {
		wrong = append(wrong, e.(map[string]any)["attribute"].(string))
	}
	require.Equal(t, []string{"description", "email", "latitude", "name", "privacy", "starts-at", "state", "ticket-url", "timezone"}, wrong)

	status, problem = d.patch(t, olga, `{"ends-at":"2031-05-02T08:00:00+01:00","location-name":"Other"}`)
	require.Equal(t, http.StatusUnprocessableEntity, status, "the event starts at 9 o'clock there")
	require.Equal(t, "bad_attribute", problem["code"])
	require.Equal(t, "<nil>", d.column(t, "location_name"))
	require.Equal(t, "1", d.column(t, "revision"))
}

func TestBodyThatIsNoChangeOfThisEventIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		`{`: {http.StatusBadRequest, "malformed_document"},
		`{"data":{"type":"session","attributes":{}}}`:                                          {http.StatusConflict, "type_differs"},
		`{"data":{"type":"event","id":"999","attributes":{}}}`:                                 {http.StatusConflict, "id_differs"},
		`{"data":{"type":"event","attributes":{},"relationships":{"a":{}}}}`:                   {http.StatusUnprocessableEntity, "unknown_attribute"},
		`{"data":{"type":"event","attributes":{"name":"` + strings.Repeat("x", 5<<20) + `"}}}`: {http.StatusRequestEntityTooLarge, "too_large"},
	} {
		status, problem := d.ask(t, olga, http.MethodPatch, "1a2b3c4d", body)
		require.Equal(t, want.status, status, problem)
		require.Equal(t, want.code, problem["code"])
	}
	status, problem := d.ask(t, olga, http.MethodPatch, "1a2b3c4d", "name=x", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusUnsupportedMediaType, status)
	require.Equal(t, "not_jsonapi", problem["code"])
}

func TestChangeOfWhatWasChangedSinceIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	for _, tag := range []string{`"1-c0ffee"`, `"1"`, `W/"1-abc"`, `W/"9", "1-abc"`, `*`} {
		status, problem := d.patch(t, olga, `{}`, "If-Match", tag)
		require.Equal(t, http.StatusNoContent, status, "%s: %v", tag, problem)
	}
	status, _ := d.patch(t, olga, `{"name":"Second"}`, "If-Match", `"1-c0ffee"`)
	require.Equal(t, http.StatusNoContent, status)
	status, problem := d.patch(t, olga, `{"name":"Third"}`, "If-Match", `"1-c0ffee"`)
	require.Equal(t, http.StatusPreconditionFailed, status)
	require.Equal(t, "changed_since", problem["code"])
	require.Equal(t, "Second", d.column(t, "name"))

	status, _ = d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "", "If-Match", `"1-c0ffee"`)
	require.Equal(t, http.StatusPreconditionFailed, status)
}

func TestDeletedEventIsGoneAtOnceAndTheCommandIsInTheStream(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	status, problem := d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "import_running", problem["code"])

	d.finished(t)
	status, problem = d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusNoContent, status, problem)
	names := d.Broker.Names()
	last, err := d.Broker.Last(t.Context(), names.ImportsStream(), names.Control(d.env.Kind, d.env.Import))
	require.NoError(t, err)
	contracttest.Message(t, last.Data)
	env, payload, err := contracts.Decode(last.Data)
	require.NoError(t, err)
	require.Equal(t, &contracts.DiscardRequested{By: olga.Owner()}, payload)
	require.Equal(t, d.env.Import, env.Import)
	require.True(t, env.Owner.Is(d.env.Owner))

	n, err := d.DB.NewSelect().TableExpr("event.events").Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = d.Bucket.ReaderAt(t.Context(), bucket.ArchiveKey(d.env.Import, "upload"))
	require.ErrorIs(t, err, bucket.ErrNotFound)
	status, _ = d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusNotFound, status)
	_, err = d.Broker.Last(t.Context(), names.DeadStream(), names.AllDead())
	require.ErrorIs(t, err, broker.ErrNotFound)
}

func TestEventOfAReplayedImportIsNotDeletedBeforeItsAttemptHasEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	d.command(t, 2, &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "archives/a"}, From: contracts.Schedule, By: olga.Owner()})
	status, problem := d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusConflict, status, problem)
	require.Equal(t, "import_running", problem["code"])

	d.command(t, 2, &contracts.ImportFinished{State: contracts.Failure, Failure: "It failed.", FailedStage: contracts.Schedule, Code: "tries_exhausted"})
	status, problem = d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusNoContent, status, problem)
}

func TestEventIsDeletedAlsoWhenTheStreamHasForgottenItsImport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.DB.NewRaw("UPDATE event.stage_run SET committed_at = now() - interval '31 days'").Exec(t.Context())
	require.NoError(t, err)
	status, problem := d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusNoContent, status, problem)
	names := d.Broker.Names()
	last, err := d.Broker.Last(t.Context(), names.ImportsStream(), names.Control(d.env.Kind, d.env.Import))
	require.NoError(t, err)
	_, payload, err := contracts.Decode(last.Data)
	require.NoError(t, err)
	require.Equal(t, &contracts.DiscardRequested{By: olga.Owner()}, payload)
}

func TestEventIsDeletedOnceByTwoAtATime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	statuses := make([]int, 4)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() { statuses[i], _ = d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "") })
	}
	group.Wait()
	slices.Sort(statuses)
	require.Equal(t, http.StatusNoContent, statuses[0])
	for _, status := range statuses {
		require.Contains(t, []int{http.StatusNoContent, http.StatusNotFound}, status)
	}
}
