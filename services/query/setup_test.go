package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/bucket"
	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/query"
	"github.com/usher-events/usher/services/query/internal/projection"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// soon is how long a test waits for what has to happen.
const soon = 30 * time.Second

var (
	olga   = auth.Identity{Issuer: "usher", Subject: "olga", Email: "olga@organizers.example"}
	nobody = auth.Identity{}
	paul   = auth.Identity{Issuer: "usher", Subject: "paul", Email: "paul@organizers.example"}
	admin  = auth.Identity{Issuer: "usher", Subject: "root", Admin: true}
)

// bench is the whole service on a real broker, with a real database in which the
// tables of the services beside it are, too.
type bench struct {
	service service.Service
	res     *service.Resources
	signer  *auth.Signer
	url     string
	http    *http.Client
	// leave ends the process that runs all stages.
	leave func()
	// queries counts what the database is asked.
	queries atomic.Int64
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ctx := t.Context()
	quiet := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	server, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir()}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	nats, err := broker.Connect(ctx, broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(nats.Close)
	require.NoError(t, nats.Provision(ctx))
	leave, err := nats.Announce(consumers(nats)) // as if all stages were there
	require.NoError(t, err)
	t.Cleanup(leave)

	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(ctx, db, service.Migrations(query.Service())...))
	for _, neighbour := range []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media, contracts.Notify} {
		name := string(neighbour)
		require.NoError(t, postgres.Migrate(ctx, db, stage.Migrations(neighbour),
			postgres.Migrations{Schema: name, Name: name, Files: os.DirFS("../" + name + "/migrations")}))
	}

	config := auth.Config{Secret: "a secret for tests, 32 bytes and more", Issuer: "usher", Audience: "usher"}
	verifier, err := auth.NewVerifier(config)
	require.NoError(t, err)
	signer, err := auth.NewSigner(config)
	require.NoError(t, err)

	blobs, err := bucket.Open(ctx, "file://"+t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blobs.Close()) })

	b := &bench{service: query.Service(), signer: signer, res: &service.Resources{DB: db, Broker: nats, Bucket: blobs, Auth: verifier, Log: quiet,
		Config: service.Config{PublicURL: "https://usher.example", Auth: config, PasswordMin: 10}}}
	b.leave = leave
	b.res.DB = db.WithQueryHook(counter{&b.queries})
	b.serve(t)
	return b
}

// consumers names the consumers of some stages, or of all.
func consumers(b *broker.Broker, some ...contracts.Stage) []string {
	var names []string
	for _, c := range b.Names().Consumers() {
		if len(some) == 0 || slices.Contains(some, c.Stage) {
			names = append(names, c.Name)
		}
	}
	return names
}

// serve serves the service's routes with the resources as they are now.
func (b *bench) serve(t *testing.T) {
	t.Helper()
	mux, err := service.NewMux(b.res, func(*http.Request) error { return nil }, b.service)
	require.NoError(t, err)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	b.url, b.http = web.URL, contracttest.Client(t, web.Client())
}

type counter struct{ n *atomic.Int64 }

func (c counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.n.Add(1)
	return ctx
}

func (counter) AfterQuery(context.Context, *bun.QueryEvent) {}

// project runs the service's loops until the test ends or the returned function
// is called.
func (b *bench) project(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var stops []func()
	for _, loop := range b.service.Loops(b.res) {
		ended := make(chan error, 1)
		go func() { ended <- loop.Run(ctx) }()
		stops = append(stops, func() { require.NoError(t, <-ended) })
	}
	stop = sync.OnceFunc(func() {
		cancel()
		for _, wait := range stops {
			wait()
		}
	})
	t.Cleanup(stop)
	return stop
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// get asks as somebody; the zero identity asks without a token. Each answer is
// held against the OpenAPI document.
func (b *bench) get(t *testing.T, who auth.Identity, path string) answer {
	t.Helper()
	return b.getIfNot(t, who, path, "")
}

// getIfNot is get for somebody who has an answer with this ETag.
func (b *bench) getIfNot(t *testing.T, who auth.Identity, path, tag string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(t, err)
	if tag != "" {
		request.Header.Set("If-None-Match", tag)
	}
	return b.do(t, who, request)
}

// post is get for what changes something.
func (b *bench) post(t *testing.T, who auth.Identity, path string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+path, nil)
	require.NoError(t, err)
	return b.do(t, who, request)
}

func (b *bench) do(t *testing.T, who auth.Identity, request *http.Request) answer {
	t.Helper()
	if who != (auth.Identity{}) {
		token, err := b.signer.Issue(who, time.Hour)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := b.http.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	if a.status == http.StatusNotModified {
		require.Empty(t, text)
		return a
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&a.body), "%s", text)
	return a
}

// ok is get for what must be there.
func (b *bench) ok(t *testing.T, who auth.Identity, path string) answer {
	t.Helper()
	a := b.get(t, who, path)
	require.Equal(t, http.StatusOK, a.status, "%s: %s", path, a.text)
	require.Equal(t, "private, no-cache", a.header.Get("Cache-Control"))
	require.Equal(t, "Authorization, Cookie", a.header.Get("Vary"))
	return a
}

// refused is get for what must not be there.
func (b *bench) refused(t *testing.T, who auth.Identity, path string, status int, code string) {
	t.Helper()
	a := b.get(t, who, path)
	require.Equal(t, status, a.status, "%s: %s", path, a.text)
	require.Equal(t, code, a.body["code"])
	require.Equal(t, problem.ContentType, a.header.Get("Content-Type"))
	require.Empty(t, a.header.Get("ETag"))
}

// data is the list in an answer.
func (a answer) data(t *testing.T) []any {
	t.Helper()
	list, ok := a.body["data"].([]any)
	require.True(t, ok, a.text)
	return list
}

// number is a number in a document.
func number(text string) json.Number { return json.Number(text) }

// at walks into a document.
func at(value any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[s]
		case int:
			list, _ := value.([]any)
			if s >= len(list) {
				return nil
			}
			value = list[s]
		}
	}
	return value
}

// conference is one import, told to the streams step by step.
type conference struct {
	*bench
	t       *testing.T
	id      string
	kind    contracts.Kind
	owner   auth.Identity
	attempt int
	event   int64
	carried contracts.Carried
}

func (b *bench) conference(t *testing.T, owner auth.Identity) *conference {
	return &conference{bench: b, t: t, id: uuid.NewString(), kind: contracts.EventArchive, owner: owner, attempt: 1,
		carried: contracts.Carried{Blob: "archives/a", FileName: "lakeside.zip"}}
}

func (c *conference) send(from contracts.Stage, subject string, payload contracts.Payload) {
	c.t.Helper()
	data, err := contracts.Encode(contracts.Envelope{
		ID: uuid.NewString(), Time: time.Now().UTC(), Source: string(from), Import: c.id,
		Kind: c.kind, Attempt: c.attempt, Owner: c.owner.Owner(),
	}, payload)
	require.NoError(c.t, err)
	contracttest.Message(c.t, data)
	_, err = c.res.Broker.JetStream().Publish(c.t.Context(), subject, data)
	require.NoError(c.t, err)
}

func (c *conference) outcome(s contracts.Stage, o contracts.Outcome, payload contracts.Payload) {
	c.t.Helper()
	c.send(s, c.res.Broker.Names().Outcome(c.kind, s, c.id, c.attempt, o), payload)
}

func (c *conference) request() {
	c.t.Helper()
	c.outcome(contracts.Ingest, contracts.OutcomeCompleted, &contracts.ImportRequested{
		Blob: c.carried.Blob, FileName: c.carried.FileName, Size: 4711,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	})
}

func (c *conference) progress(p contracts.Progress) {
	c.t.Helper()
	c.send(p.Stage, c.res.Broker.Names().Status(c.kind, c.id), &p)
}

func (c *conference) complete(s contracts.Stage, counts map[contracts.EntityType]int) {
	c.t.Helper()
	if counts == nil {
		counts = make(map[contracts.EntityType]int)
	}
	c.carried.Event = &contracts.EventFacts{
		ID: itoa(max(c.event, 1)), Identifier: "c4f1a9e2", Name: "Lakeside Open Days", Timezone: "Europe/Zurich",
	}
	c.outcome(s, contracts.OutcomeCompleted, contracts.CompletionOf(s, contracts.Completed{
		Carried: c.carried, Counts: counts, StartedAt: time.Now().UTC(),
	}))
}

func (c *conference) fail(s contracts.Stage, found contracts.IssueCounts, first ...contracts.Issue) {
	c.t.Helper()
	carried := c.carried
	carried.Issues = found
	c.outcome(s, contracts.OutcomeFailed, &contracts.StageFailed{
		Carried: carried, Stage: s, Code: "invalid_archive", Reason: "The archive is not valid.", Tries: 1,
		Found: found, FirstIssues: first, StartedAt: time.Now().UTC(),
	})
}

func (c *conference) succeed() {
	c.t.Helper()
	c.send(contracts.Notify, c.res.Broker.Names().Control(c.kind, c.id), &contracts.ImportFinished{
		State: contracts.Success, Issues: c.carried.Issues,
		Result: &contracts.Result{ID: itoa(c.event), Identifier: "c4f1a9e2", EventName: "Lakeside Open Days", URL: "https://usher.example/e/c4f1a9e2", EarlierImport: "01c29f11-5d3a-7b08-8a55-91c07be3d240"},
	})
}

// waits until the task document says so.
func (c *conference) waits(state contracts.State, message string) answer {
	c.t.Helper()
	var last answer
	require.Eventually(c.t, func() bool {
		last = c.ok(c.t, c.owner, "/v1/tasks/"+c.id)
		return last.body["state"] == string(state) && last.body["message"] == message
	}, soon, 10*time.Millisecond, "no %s %q", state, message)
	return last
}

// folded waits until the projector has come as far as the stream, which a task document
// may do before it.
func (b *bench) folded(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	_, err := projection.CaughtUp(ctx, b.res.DB, b.res.Broker)
	require.NoError(t, err)
}

// insert makes a row of another service's table and returns its id.
func (c *conference) insert(table string, columns map[string]any) int64 {
	c.t.Helper()
	columns["import_id"] = c.id
	if _, ok := columns["attempt"]; !ok {
		columns["attempt"] = c.attempt
	}
	if _, ok := columns["origin"]; !ok {
		columns["origin"] = uuid.NewString()
	}
	var id int64
	require.NoError(c.t, c.res.DB.NewInsert().Model(&columns).Table(table).Returning("id").Scan(context.Background(), &id))
	return id
}

// makeEvent makes the row of the import's event.
func (c *conference) makeEvent(identifier string) {
	c.t.Helper()
	c.event = c.insert("event.events", map[string]any{
		"owner_iss": c.owner.Issuer, "owner_sub": c.owner.Subject, "state": "draft",
		"identifier": identifier, "name": "Lakeside Open Days", "timezone": "Europe/Zurich",
		"starts_at": "2031-05-02T07:00:00Z", "ends_at": "2031-05-04T16:30:00Z",
	})
}

// made tells of an import that has succeeded, and waits until that is known.
func (c *conference) made(identifier string) *conference {
	c.t.Helper()
	c.makeEvent(identifier)
	c.request()
	c.succeed()
	c.waits(contracts.Success, "Imported Lakeside Open Days")
	return c
}

// publish makes the event one for everybody.
func (c *conference) publish() *conference {
	c.t.Helper()
	_, err := c.res.DB.ExecContext(c.t.Context(), `UPDATE event.events SET state = 'published' WHERE id = ?`, c.event)
	require.NoError(c.t, err)
	return c
}

// speak makes speakers those of a session, in their order.
func (c *conference) speak(session int64, speakers ...int64) {
	c.t.Helper()
	for position, speaker := range speakers {
		_, err := c.res.DB.ExecContext(c.t.Context(), `INSERT INTO schedule.session_speakers VALUES (?, ?, ?, ?, ?, ?)`,
			c.id, c.attempt, uuid.NewString(), session, speaker, position)
		require.NoError(c.t, err)
	}
}
