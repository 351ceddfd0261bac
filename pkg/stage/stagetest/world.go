package stagetest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/memblob" // mem:// is a real bucket, kept in memory

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/remap"
	"github.com/usher-events/usher/pkg/stage"
)

// World is what a stage runs in: a real broker, database and bucket of its own.
type World struct {
	stage.Resources
}

// NewWorld makes a world with the given tables in its database. The package's
// TestMain must be postgrestest.Main.
func NewWorld(t testing.TB, migrations ...postgres.Migrations) World {
	t.Helper()
	ctx := t.Context()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))

	server, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir()}, log)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b, err := broker.Connect(ctx, broker.Config{Replicas: 1}, log, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Provision(ctx))
	t.Cleanup(func() { contracttest.Stored(context.Background(), t, b.JetStream(), b.Names()) })
	kv, err := b.Remaps(ctx)
	require.NoError(t, err)

	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(ctx, db, migrations...))

	blobs, err := bucket.Open(ctx, "mem://")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blobs.Close()) })

	return World{stage.Resources{DB: db, Broker: b, Bucket: blobs, Remaps: remap.NewStore(kv), Log: log}}
}

// Upload puts an archive into the bucket and returns its key.
func (w World) Upload(t testing.TB, importID string, archive []byte) string {
	t.Helper()
	key := bucket.ArchiveKey(importID, "upload")
	_, err := w.Bucket.Store(t.Context(), key, newReader(archive), "application/zip")
	require.NoError(t, err)
	return key
}

// Outcome returns the message with which a stage has ended an attempt, and
// false where it has not.
func (w World) Outcome(ctx context.Context, t testing.TB, s stage.Stage, importID string, attempt int) (contracts.Envelope, contracts.Payload, bool) {
	t.Helper()
	names := w.Broker.Names()
	subject := names.AnyOutcome(s.Kind, s.Name, importID, attempt)
	if p, _ := contracts.PipelineOf(s.Kind); p.Last() == s.Name {
		subject = names.Control(s.Kind, importID)
	}
	stored, err := w.Broker.Last(ctx, names.ImportsStream(), subject)
	if err != nil {
		require.ErrorIs(t, err, broker.ErrNotFound)
		return contracts.Envelope{}, nil, false
	}
	env, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	if env.Attempt != attempt {
		return contracts.Envelope{}, nil, false
	}
	return env, payload, true
}

// rows counts the rows of each table of a schema that belong to an import, and
// sums up their ids, so that a row that was replaced shows.
func (w World) rows(t testing.TB, tables []string, importID string) map[string]int {
	t.Helper()
	counts := make(map[string]int, len(tables))
	for _, table := range tables {
		n, err := w.DB.NewSelect().TableExpr("?", bun.Ident(table)).Where("import_id = ?", importID).Count(t.Context())
		require.NoError(t, err)
		counts[table] = int(n)
	}
	return counts
}

// blobs lists the keys of the bucket that begin with a prefix.
func (w World) blobs(t testing.TB, prefix string) []string {
	t.Helper()
	var keys []string
	list := w.Bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := list.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return keys
		}
		require.NoError(t, err)
		keys = append(keys, object.Key)
	}
}

// NewEnvelope begins a message of a new import.
func NewEnvelope(kind contracts.Kind) contracts.Envelope {
	return contracts.Envelope{
		ID:      uuid.NewString(),
		Time:    time.Now().UTC(),
		Source:  string(contracts.IngestService),
		Import:  uuid.NewString(),
		Kind:    kind,
		Attempt: 1,
		Owner:   contracts.Owner{Issuer: "usher", Subject: "olga", Email: "olga@organizers.example"},
	}
}
