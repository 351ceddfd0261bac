package start

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
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
	"github.com/usher-events/usher/services/ingest/internal/announce"
)

var (
	ada  = auth.Identity{Issuer: "usher", Subject: "ada", Email: "ada@conf.example"}
	paul = auth.Identity{Issuer: "usher", Subject: "paul"}
	root = auth.Identity{Issuer: "usher", Subject: "root", Admin: true}
)

// archive is what was checked, with the hash that ingest has told of it.
const (
	archive = "an archive"
	list    = "Rufname,Mail,Passwort\nada,ada@conf.example,a long password\n"
	hash    = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)

// bench is a starter on a real broker, a file bucket and an HTTP server.
type bench struct {
	*Starter
	broker *broker.Broker
	embed  *embedded.Server
	server *httptest.Server
	logged *bytes.Buffer
	// who asks; a test may change it between two requests.
	who auth.Identity
}

func setup(t *testing.T) *bench {
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
	made.Starter = New(announce.Deps{
		Bucket: blobs,
		Names:  b.Names(), Publisher: b.Publisher(), Last: b.Last, Uploads: b.Uploads,
		Log: slog.New(slog.NewTextHandler(made.logged, nil)),
	})
	made.hint = time.Minute // else a hint is missed where the machine is slow
	mux := http.NewServeMux()
	mux.Handle("POST /v1/imports/{id}/start", problem.Handler(made.Log, func(w http.ResponseWriter, r *http.Request) error {
		return made.Start(w, r, made.who)
	}))
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

func (b *bench) start(t *testing.T, id string, headers ...string) answer {
	t.Helper()
	return b.startWith(t, id, "", headers...)
}

// startWith starts a check with a body.
func (b *bench) startWith(t *testing.T, id, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/v1/imports/"+id+"/start", strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", "Bearer of nobody") // the starter is told who asks
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

// accepted asserts a 202 and returns the import's id.
func (a answer) accepted(t *testing.T) string {
	t.Helper()
	require.Equal(t, http.StatusAccepted, a.status, "%v", a.body)
	require.Equal(t, a.body["task_url"], a.header.Get("Location"))
	require.Contains(t, []any{"event-archive", "user-list", "list-check"}, a.body["kind"])
	return a.body["id"].(string)
}

// refused asserts a problem document.
func (a answer) refused(t *testing.T, status int, code string) {
	t.Helper()
	require.Equal(t, code, a.body["code"], "%v", a.body)
	require.Equal(t, status, a.status)
	require.Equal(t, problem.ContentType, a.header.Get("Content-Type"))
}

// blobs lists the keys of the bucket.
func (b *bench) blobs(t *testing.T) []string {
	t.Helper()
	var keys []string
	for list := b.Bucket.List(nil); ; {
		object, err := list.Next(context.WithoutCancel(t.Context()))
		if errors.Is(err, io.EOF) {
			return keys
		}
		require.NoError(t, err)
		keys = append(keys, object.Key)
	}
}

// stored reads the request of an import.
func (b *bench) stored(t *testing.T, id string) (contracts.Envelope, *contracts.ImportRequested) {
	t.Helper()
	last, err := b.broker.Last(t.Context(), b.Names.ImportsStream(), b.Names.AnyRequest(id))
	require.NoError(t, err)
	env, payload, err := contracts.Decode(last.Data)
	require.NoError(t, err)
	return env, payload.(*contracts.ImportRequested)
}

// requests counts the requests that the stream holds, of checks and of imports.
func (b *bench) requests(t *testing.T) int {
	t.Helper()
	n := 0
	for after := uint64(0); ; n++ {
		next, err := b.broker.Next(t.Context(), b.Names.ImportsStream(), b.Names.AnyRequest("*"), after)
		if err != nil {
			require.ErrorIs(t, err, broker.ErrNotFound)
			return n
		}
		after = next.Sequence
	}
}

// upload tells the stream of an upload of ada's and returns its id.
func (b *bench) upload(t *testing.T, kind contracts.Kind) string {
	t.Helper()
	id := uuid.NewString()
	key := bucket.ArchiveKey(id, "upload")
	_, err := b.Bucket.Store(t.Context(), key, strings.NewReader(archive), "application/zip")
	require.NoError(t, err)
	b.send(t, b.Names.Outcome(kind, contracts.Ingest, id, 1, contracts.OutcomeCompleted), kind, id, contracts.Ingest, &contracts.ImportRequested{
		Blob: key, FileName: "lakeside.zip", Size: int64(len(archive)), SHA256: hash,
		Options: contracts.Options{Publish: true, Mode: contracts.Lenient, FetchMedia: true},
	})
	return id
}

// command tells the stream of a command, or of the end, of an import.
func (b *bench) command(t *testing.T, kind contracts.Kind, id string, source contracts.Stage, payload contracts.Payload) {
	t.Helper()
	b.send(t, b.Names.Control(kind, id), kind, id, source, payload)
}

// failed tells of a check that its first stage has failed.
func (b *bench) failed(t *testing.T, id string) {
	t.Helper()
	b.send(t, b.Names.Outcome(contracts.EventCheck, contracts.Event, id, 1, contracts.OutcomeFailed), contracts.EventCheck, id, contracts.Event,
		&contracts.StageFailed{
			Carried: contracts.Carried{Blob: "archives/a", FileName: "a.zip"}, Stage: contracts.Event,
			Code: "invalid_archive", Reason: "sessions line 2: no JSON", Tries: 1, StartedAt: time.Now().UTC(),
		})
}

func (b *bench) send(t *testing.T, subject string, kind contracts.Kind, id string, source contracts.Stage, payload contracts.Payload) {
	t.Helper()
	attempt := 1
	if _, begins := payload.(*contracts.ReplayRequested); begins {
		attempt = 2
	}
	data, err := contracts.Encode(contracts.Envelope{
		ID: uuid.NewString(), Time: time.Now().UTC(), Source: string(source), Import: id, Kind: kind, Attempt: attempt, Owner: ada.Owner(),
	}, payload)
	require.NoError(t, err)
	_, err = b.broker.JetStream().Publish(t.Context(), subject, data)
	require.NoError(t, err)
}

// checked tells the stream of a check that has succeeded.
func (b *bench) checked(t *testing.T) string {
	t.Helper()
	id := b.upload(t, contracts.EventCheck)
	b.command(t, contracts.EventCheck, id, contracts.Notify, &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{
			DryRun: true, EventName: "Lakeside Open Days", Counts: map[contracts.EntityType]int{contracts.Events: 1}, URL: "/imports/" + id,
		},
	})
	return id
}

// checkedList tells the stream of a check of a list that has succeeded.
func (b *bench) checkedList(t *testing.T) string {
	t.Helper()
	id := b.uploadedList(t)
	b.command(t, contracts.ListCheck, id, contracts.Notify, &contracts.ImportFinished{
		State: contracts.Success, Result: &contracts.Result{
			DryRun: true, Accounts: &contracts.Accounts{Created: 1}, URL: "/imports/" + id,
		},
	})
	return id
}

// uploadedList tells the stream of a check of a list that has been asked for.
func (b *bench) uploadedList(t *testing.T) string {
	t.Helper()
	id := uuid.NewString()
	key := bucket.ArchiveKey(id, "upload")
	_, err := b.Bucket.Store(t.Context(), key, strings.NewReader(list), "text/csv")
	require.NoError(t, err)
	b.send(t, b.Names.Outcome(contracts.ListCheck, contracts.Ingest, id, 1, contracts.OutcomeCompleted),
		contracts.ListCheck, id, contracts.Ingest, &contracts.ImportRequested{
			Blob: key, FileName: "crew.csv", Size: int64(len(list)), SHA256: hash,
			Options: contracts.Options{
				Mode: contracts.Lenient, OnConflict: contracts.ConflictUpdates, NoInvite: true,
				Mapping: map[string]string{"Rufname": "nick"},
			},
		})
	return id
}

// publisher publishes for real and then says what the test wants.
type publisher struct {
	message.Publisher
	publish func(next message.Publisher, topic string, msg *message.Message) error
}

func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	return p.publish(p.Publisher, topic, messages[0])
}
