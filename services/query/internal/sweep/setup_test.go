package sweep

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/bucket"
	_ "github.com/usher-events/usher/pkg/bucket/drivers"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/remap"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/query/internal/projection"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// soon is how long a test waits for what has to happen.
const soon = 30 * time.Second

// bench is a real broker, database and bucket, and the projector.
type bench struct {
	db     *bun.DB
	broker *broker.Broker
	bucket *bucket.Bucket
	remaps *remap.Store
	folder string
	log    *slog.Logger
	// stop ends the projector.
	stop func()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ctx := t.Context()
	b := &bench{db: postgrestest.New(t), folder: t.TempDir(), log: slog.New(slog.DiscardHandler)}
	require.NoError(t, postgres.Migrate(ctx, b.db,
		postgres.Migrations{Schema: "query", Name: "query", Files: os.DirFS("../../migrations")},
		stage.Migrations(contracts.Media),
		postgres.Migrations{Schema: "media", Name: "media", Files: os.DirFS("../../../media/migrations")}))
	server, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir()}, b.log)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b.broker, err = broker.Connect(ctx, broker.Config{Replicas: 1}, b.log, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.broker.Close)
	require.NoError(t, b.broker.Provision(ctx))
	kv, err := b.broker.Remaps(ctx)
	require.NoError(t, err)
	b.remaps = remap.NewStore(kv)
	b.bucket, err = bucket.Open(ctx, "file://"+b.folder)
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.bucket.Close() }) // a test may have closed it

	projecting, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	projector := projection.New(b.db, b.broker, b.log, projection.Observers{})
	go func() { ended <- projector.Run(projecting) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(b.stop)
	return b
}

// later is a sweeper whose clock is ahead, and who waits for the projector as long as a
// test does.
func (b *bench) later(age time.Duration) *Sweeper {
	s := New(b.db, b.broker, b.bucket, b.log)
	s.now, s.patience = func() time.Time { return time.Now().Add(age) }, soon
	return s
}

// sweep sweeps after so long and returns what one of the sweeps has removed. A dry
// one before tells the same and removes nothing, and one behind finds nothing more.
func (b *bench) sweep(t *testing.T, age time.Duration, name string) Swept {
	t.Helper()
	before := b.everything(t)
	told, err := b.later(age).Sweep(t.Context(), true)
	require.NoError(t, err)
	require.Equal(t, before, b.everything(t), "a dry sweep removes nothing")
	done, err := b.later(age).Sweep(t.Context(), false)
	require.NoError(t, err)
	require.Equal(t, told, done)
	nothing, err := b.later(age).Sweep(t.Context(), false)
	require.NoError(t, err)
	var names []string
	for n, s := range nothing {
		require.Zero(t, s.Count, "%s: %v", s.Sweep, s.Examples)
		names = append(names, done[n].Sweep)
	}
	require.Equal(t, []string{"facts", "remaps", "archives", "exports", "orphans", "cache"}, names)
	return done[slices.Index(names, name)]
}

// everything is all that could be swept: subjects, keys of the remaps and blobs.
func (b *bench) everything(t *testing.T) []string {
	t.Helper()
	return slices.Concat(b.subjects(t), b.keys(t), b.blobs(t))
}

func (b *bench) subjects(t *testing.T) []string {
	t.Helper()
	return b.heads(t, b.broker.Names().ImportsStream(), "")
}

// removalHeader is what the client of NATS marks the place of a removed key with.
const removalHeader = "KV-Operation"

// keys are those of the remaps, removed ones not.
func (b *bench) keys(t *testing.T) []string {
	t.Helper()
	stream, prefix := contracts.BucketStream(b.broker.Names().RemapsBucket())
	return b.heads(t, stream, prefix)
}

func (b *bench) heads(t *testing.T, stream, prefix string) (all []string) {
	t.Helper()
	for head, err := range b.broker.Heads(t.Context(), stream, ">") {
		require.NoError(t, err)
		if head.Header.Get(removalHeader) == "" {
			all = append(all, strings.TrimPrefix(head.Subject, prefix))
		}
	}
	slices.Sort(all)
	return all
}

func (b *bench) blobs(t *testing.T) (all []string) {
	t.Helper()
	for blob, err := range b.bucket.Below(t.Context(), "") {
		require.NoError(t, err)
		all = append(all, blob.Key)
	}
	slices.Sort(all)
	return all
}

// store makes a blob of five bytes that is so old.
func (b *bench) store(t *testing.T, key string, age time.Duration) string {
	t.Helper()
	_, err := b.bucket.Store(t.Context(), key, strings.NewReader("bytes"), "")
	require.NoError(t, err)
	at := time.Now().Add(-age)
	require.NoError(t, os.Chtimes(filepath.Join(b.folder, filepath.FromSlash(key)), at, at))
	return key
}

// media makes a row of a file and returns its id.
func (b *bench) media(t *testing.T, importID string, columns map[string]any) (id string) {
	t.Helper()
	row := map[string]any{
		"import_id": importID, "attempt": 1, "origin": uuid.NewString(), "owner_type": "events", "field": "logo", "kind": "image", "path": "/logo.png",
	}
	maps.Copy(row, columns)
	require.NoError(t, b.db.NewInsert().Model(&row).Table("media.files").Returning("id").Scan(t.Context(), &id))
	return id
}

// imported is one import, told to the stream step by step.
type imported struct {
	*bench
	id      string
	kind    contracts.Kind
	attempt int
	carried contracts.Carried
}

// imported begins an import.
func (b *bench) imported(t *testing.T, kind contracts.Kind) *imported {
	t.Helper()
	i := &imported{bench: b, id: uuid.NewString(), kind: kind, attempt: 1}
	i.carried = contracts.Carried{Blob: bucket.ArchiveKey(i.id, "upload")}
	i.outcome(t, contracts.Ingest, contracts.OutcomeCompleted, &contracts.ImportRequested{Blob: i.carried.Blob, Size: 5})
	return i
}

func (i *imported) send(t *testing.T, subject string, payload contracts.Payload) {
	t.Helper()
	data, err := contracts.Encode(contracts.Envelope{
		ID: uuid.NewString(), Time: time.Now().UTC(), Source: "test", Import: i.id, Kind: i.kind, Attempt: i.attempt,
		Owner: contracts.Owner{Issuer: "usher", Subject: "olga"},
	}, payload)
	require.NoError(t, err)
	_, err = i.broker.JetStream().Publish(t.Context(), subject, data)
	require.NoError(t, err)
}

func (i *imported) subject(s contracts.Stage, o contracts.Outcome) string {
	return i.broker.Names().Outcome(i.kind, s, i.id, i.attempt, o)
}

func (i *imported) outcome(t *testing.T, s contracts.Stage, o contracts.Outcome, payload contracts.Payload) {
	t.Helper()
	i.send(t, i.subject(s, o), payload)
}

func (i *imported) control(t *testing.T, payload contracts.Payload) {
	t.Helper()
	i.send(t, i.broker.Names().Control(i.kind, i.id), payload)
}

func (i *imported) completed(t *testing.T, stages ...contracts.Stage) *imported {
	t.Helper()
	for _, s := range stages {
		i.outcome(t, s, contracts.OutcomeCompleted, contracts.CompletionOf(s, contracts.Completed{Carried: i.carried}))
	}
	return i
}

func (i *imported) failed(t *testing.T, s contracts.Stage) *imported {
	t.Helper()
	i.outcome(t, s, contracts.OutcomeFailed, &contracts.StageFailed{Carried: i.carried, Stage: s, Code: "broken", Reason: "Broken."})
	return i.ended(t, contracts.ImportFinished{State: contracts.Failure, FailedStage: s, Code: "broken", Failure: "Broken."})
}

func (i *imported) succeeded(t *testing.T) *imported {
	t.Helper()
	return i.ended(t, contracts.ImportFinished{State: contracts.Success, Result: &contracts.Result{ID: "1", Identifier: "c4f1a9e2"}})
}

func (i *imported) ended(t *testing.T, end contracts.ImportFinished) *imported {
	t.Helper()
	i.control(t, &end)
	return i
}

func (i *imported) discarded(t *testing.T) *imported {
	t.Helper()
	i.control(t, &contracts.DiscardRequested{By: contracts.Owner{Issuer: "usher", Subject: "olga"}})
	return i
}

// canceled makes the row say so.
func (i *imported) canceled(t *testing.T) *imported {
	t.Helper()
	i.failed(t, contracts.Event)
	i.folded(t)
	_, err := i.db.ExecContext(t.Context(), `UPDATE query.imports SET state = 'CANCELED' WHERE id = ?`, i.id)
	require.NoError(t, err)
	return i
}

// replayed begins the next attempt.
func (i *imported) replayed(t *testing.T, from contracts.Stage) *imported {
	t.Helper()
	i.attempt++
	i.control(t, &contracts.ReplayRequested{Carried: i.carried, From: from})
	return i
}

// folded waits until the projector has come as far as the stream.
func (b *bench) folded(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	_, err := projection.CaughtUp(ctx, b.db, b.broker)
	require.NoError(t, err)
}

// forgotten makes the stream forget an import, as it does after 30 days.
func (i *imported) forgotten(t *testing.T) *imported {
	t.Helper()
	i.folded(t)
	for _, subject := range i.subjects(t) {
		if strings.Contains(subject, i.id) {
			require.NoError(t, i.broker.Purge(t.Context(), i.broker.Names().ImportsStream(), subject))
		}
	}
	return i
}

// remap makes the remap of an attempt and returns its key.
func (i *imported) remap(t *testing.T, e contracts.EntityType) string {
	t.Helper()
	key := remap.Key(i.id, i.attempt, e)
	require.NoError(t, i.remaps.Put(t.Context(), key, remap.Map{"1": 2}))
	return key
}
