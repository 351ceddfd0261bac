package control

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/bucket"
	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/problem"
)

var (
	ada  = auth.Identity{Issuer: "usher", Subject: "ada", Email: "ada@conf.example"}
	paul = auth.Identity{Issuer: "usher", Subject: "paul"}
	root = auth.Identity{Issuer: "usher", Subject: "root", Admin: true}
)

// bench is a controller on a real broker and an HTTP server.
type bench struct {
	*Controller
	broker *broker.Broker
	embed  *embedded.Server
	server *httptest.Server
	logged *bytes.Buffer
	// who asks; a test may change it between two requests.
	who auth.Identity
}

func setup(t *testing.T, change ...func(*Controller)) *bench {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: filepath.Join(t.TempDir(), "nats")}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(t.Context()))
	t.Cleanup(func() {
		if b.Ping(context.Background()) == nil { // else the test has stopped the broker
			contracttest.Stored(context.Background(), t, b.JetStream(), b.Names())
		}
	})
	made := &bench{broker: b, embed: server, logged: new(bytes.Buffer), who: ada}
	blobs, err := bucket.Open(t.Context(), "file://"+t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = blobs.Close() }) // a test may have closed it
	made.Controller = New(Deps{
		Bucket: blobs,
		Names:  b.Names(), Publisher: b.Publisher(), Last: b.Last, Next: b.Next,
		Log: slog.New(slog.NewTextHandler(made.logged, nil)),
	})
	for _, f := range change {
		f(made.Controller)
	}
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request, auth.Identity) error{
		"POST /v1/imports/{id}/replay":             made.Replay,
		"POST /v1/imports/{id}/cancel":             made.Cancel,
		"DELETE /v1/imports/{id}":                  made.Discard,
		"POST /v1/imports/{id}/rows/{source_type}": mends(made.Controller),
	} {
		mux.Handle(pattern, problem.Handler(made.Log, func(w http.ResponseWriter, r *http.Request) error {
			return handle(w, r, made.who)
		}))
	}
	made.server = httptest.NewServer(mux)
	t.Cleanup(made.server.Close)
	return made
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

// replay asks for a replay; an empty body is none.
func (b *bench) replay(t *testing.T, id, body string, headers ...string) answer {
	t.Helper()
	return b.ask(t, http.MethodPost, id+"/replay", body, headers...)
}

func (b *bench) cancel(t *testing.T, id string) answer {
	t.Helper()
	return b.ask(t, http.MethodPost, id+"/cancel", "")
}

// discard asks for a discard; query is what follows the path.
func (b *bench) discard(t *testing.T, id, query string) answer {
	t.Helper()
	return b.ask(t, http.MethodDelete, id+query, "")
}

func (b *bench) ask(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.server.URL+"/v1/imports/"+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer of nobody") // the controller is told who asks
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := contracttest.Client(t, b.server.Client()).Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	a := answer{status: response.StatusCode, header: response.Header}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&a.body))
	return a
}

// accepted asserts a 202.
func (a answer) accepted(t *testing.T, attempt int, from contracts.Stage) {
	t.Helper()
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.EqualValues(t, attempt, a.body["attempt"])
	require.Equal(t, string(from), a.body["from"])
	require.Equal(t, a.body["task_url"], a.header.Get("Location"))
}

// taken asserts a 202 of a command that begins no attempt.
func (a answer) taken(t *testing.T, attempt int) {
	t.Helper()
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.EqualValues(t, attempt, a.body["attempt"])
	require.Equal(t, a.body["task_url"], a.header.Get("Location"))
}

// refused asserts a problem document.
func (a answer) refused(t *testing.T, status int, code string) {
	t.Helper()
	require.Equal(t, code, a.body["code"], "%v", a.body)
	require.Equal(t, status, a.status)
	require.Equal(t, problem.ContentType, a.header.Get("Content-Type"))
}

// imported is an import, told to the stream step by step.
type imported struct {
	*bench
	t       *testing.T
	id      string
	kind    contracts.Kind
	attempt int
	carried contracts.Carried
}

func (b *bench) imported(t *testing.T) *imported {
	return &imported{bench: b, t: t, id: uuid.NewString(), kind: contracts.EventArchive, attempt: 1,
		carried: contracts.Carried{Blob: "archives/a", FileName: "lakeside.zip", Options: contracts.Options{Publish: true}}}
}

// send publishes a message right behind the last one under a pattern.
func (i *imported) send(source contracts.Stage, subject, pattern string, payload contracts.Payload) {
	i.t.Helper()
	data, id := i.encode(source, payload), uuid.NewString()
	last, err := i.broker.Last(i.t.Context(), i.Names.ImportsStream(), pattern)
	if err != nil {
		require.ErrorIs(i.t, err, broker.ErrNotFound)
	}
	msg := message.NewMessage(id, data)
	msg.SetContext(i.t.Context())
	broker.ExpectLast(msg, last.Sequence, pattern)
	require.NoError(i.t, i.broker.Publisher().Publish(subject, msg))
}

func (i *imported) encode(source contracts.Stage, payload contracts.Payload) []byte {
	i.t.Helper()
	data, err := contracts.Encode(contracts.Envelope{
		ID: uuid.NewString(), Time: time.Now().UTC(), Source: string(source), Import: i.id,
		Kind: i.kind, Attempt: i.attempt, Owner: ada.Owner(), Correlation: "of-the-upload",
	}, payload)
	require.NoError(i.t, err)
	return data
}

func (i *imported) outcome(s contracts.Stage, o contracts.Outcome, payload contracts.Payload) *imported {
	i.t.Helper()
	i.send(s, i.Names.Outcome(i.kind, s, i.id, i.attempt, o), i.Names.AnyOutcome(i.kind, s, i.id, i.attempt), payload)
	return i
}

func (i *imported) requested() *imported {
	i.t.Helper()
	_, err := i.Bucket.Store(i.t.Context(), i.carried.Blob, strings.NewReader("an archive"), "application/zip")
	require.NoError(i.t, err)
	return i.outcome(contracts.Ingest, contracts.OutcomeCompleted, &contracts.ImportRequested{
		Blob: i.carried.Blob, FileName: i.carried.FileName, Options: i.carried.Options, Size: 4711,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	})
}

// completed tells of stages, one after the other, that each find a warning.
func (i *imported) completed(stages ...contracts.Stage) *imported {
	i.t.Helper()
	for _, s := range stages {
		i.carried.Issues.Warning++
		if i.kind == contracts.EventArchive {
			i.carried.Event = &contracts.EventFacts{ID: "24", Identifier: "c4f1a9e2", Name: "Lakeside Open Days", Timezone: "Europe/Zurich"}
		}
		i.outcome(s, contracts.OutcomeCompleted, contracts.CompletionOf(s, contracts.Completed{
			Carried: i.carried, Counts: map[contracts.EntityType]int{}, StartedAt: time.Now().UTC(),
		}))
	}
	return i
}

func (i *imported) failed(s contracts.Stage) *imported {
	i.t.Helper()
	return i.outcome(s, contracts.OutcomeFailed, &contracts.StageFailed{
		Carried: i.carried, Stage: s, Code: "tries_exhausted", Reason: "It did not succeed.", Tries: 8, StartedAt: time.Now().UTC(),
	})
}

func (i *imported) control(source contracts.Stage, payload contracts.Payload) *imported {
	i.t.Helper()
	subject := i.Names.Control(i.kind, i.id)
	i.send(source, subject, subject, payload)
	return i
}

// ended tells that the last stage has ended the attempt as a failure.
func (i *imported) ended(s contracts.Stage) *imported {
	i.t.Helper()
	return i.control(contracts.Notify, &contracts.ImportFinished{
		State: contracts.Failure, Failure: "It did not succeed.", FailedStage: s, Code: "tries_exhausted", Issues: i.carried.Issues,
	})
}

func (i *imported) succeeded() *imported {
	i.t.Helper()
	return i.control(contracts.Notify, &contracts.ImportFinished{
		State: contracts.Success, Issues: i.carried.Issues,
		Result: &contracts.Result{ID: "24", Identifier: "c4f1a9e2", EventName: "Lakeside Open Days", URL: "https://usher.example/e/c4f1a9e2"},
	})
}

func (i *imported) canceled() *imported {
	i.t.Helper()
	return i.control(contracts.Ingest, &contracts.CancelRequested{By: ada.Owner()})
}

func (i *imported) edited(attributes ...string) *imported {
	i.t.Helper()
	return i.control(contracts.Event, &contracts.EventEdited{Attributes: attributes, By: ada.Owner()})
}

// through tells that all stages but the last have completed.
func (i *imported) through() *imported {
	i.t.Helper()
	return i.completed(contracts.Event, contracts.People, contracts.Schedule, contracts.Media)
}

func (i *imported) discarded() *imported {
	i.t.Helper()
	return i.control(contracts.Event, &contracts.DiscardRequested{By: ada.Owner()})
}

// stored reads the command that a replay has published, the last one.
func (i *imported) stored() (contracts.Envelope, *contracts.ReplayRequested, broker.Stored) {
	i.t.Helper()
	stored, err := i.broker.Last(i.t.Context(), i.Names.ImportsStream(), i.Names.Control(i.kind, i.id))
	require.NoError(i.t, err)
	env, payload, err := contracts.Decode(stored.Data)
	require.NoError(i.t, err)
	require.IsType(i.t, &contracts.ReplayRequested{}, payload)
	return env, payload.(*contracts.ReplayRequested), stored
}

// last reads the last command.
func (i *imported) last() (contracts.Envelope, contracts.Payload) {
	i.t.Helper()
	stored, err := i.broker.Last(i.t.Context(), i.Names.ImportsStream(), i.Names.Control(i.kind, i.id))
	require.NoError(i.t, err)
	env, payload, err := contracts.Decode(stored.Data)
	require.NoError(i.t, err)
	return env, payload
}

// commands counts the messages of the control subject.
func (i *imported) commands() int {
	i.t.Helper()
	n := 0
	for after := uint64(0); ; n++ {
		next, err := i.broker.Next(i.t.Context(), i.Names.ImportsStream(), i.Names.Control(i.kind, i.id), after)
		if err != nil {
			require.ErrorIs(i.t, err, broker.ErrNotFound)
			return n
		}
		after = next.Sequence
	}
}

// publisher publishes for real and then says what the test wants.
type publisher struct {
	message.Publisher
	publish func(next message.Publisher, topic string, msg *message.Message) error
}

func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	return p.publish(p.Publisher, topic, messages[0])
}
