package projection

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// soon is how long a test waits for what has to happen.
const soon = 30 * time.Second

// bench is a real broker and a real database.
type bench struct {
	db     *bun.DB
	broker *broker.Broker
	logged *record
	// leave ends the processes that run all stages.
	leave func()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ctx := t.Context()
	b := &bench{db: postgrestest.New(t), logged: new(record)}
	require.NoError(t, postgres.Migrate(ctx, b.db, postgres.Migrations{
		Schema: "query", Name: "query", Files: os.DirFS("../../migrations"),
	}))
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir()}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b.broker, err = broker.Connect(ctx, broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.broker.Close)
	require.NoError(t, b.broker.Provision(ctx))
	b.leave = b.announce(t, contracts.Stages()...)
	return b
}

// announce makes it seem that a process runs the given stages, until the test
// ends or the returned function is called.
func (b *bench) announce(t *testing.T, all ...contracts.Stage) (leave func()) {
	t.Helper()
	var consumers []string
	for _, s := range all {
		for _, c := range b.broker.Names().ConsumersOf(s) {
			consumers = append(consumers, c.Name)
		}
	}
	leave, err := b.broker.Announce(consumers)
	require.NoError(t, err)
	t.Cleanup(leave)
	return leave
}

// projector is one that does not wait long.
func (b *bench) projector() *Projector {
	p := New(b.db, b.broker, slog.New(slog.NewTextHandler(b.logged, nil)), Observers{})
	p.patience = 50 * time.Millisecond
	return p
}

// run runs a projector until the test ends or the returned function is called.
func (b *bench) run(t *testing.T, p *Projector) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return stop
}

// publish publishes messages where they belong.
func (b *bench) publish(t *testing.T, messages ...told) {
	t.Helper()
	for _, m := range messages {
		data, err := contracts.Encode(m.env, m.payload)
		require.NoError(t, err)
		_, err = b.broker.JetStream().Publish(t.Context(), b.subject(m), data)
		require.NoError(t, err)
	}
}

func (b *bench) subject(m told) string {
	names := b.broker.Names()
	e := m.env
	pipeline, _ := contracts.PipelineOf(e.Kind)
	switch p := m.payload.(type) {
	case *contracts.Progress:
		return names.Status(e.Kind, e.Import)
	case *contracts.ImportFinished, *contracts.ReplayRequested:
		return names.Control(e.Kind, e.Import)
	case *contracts.StageFailed:
		return names.Outcome(e.Kind, p.Stage, e.Import, e.Attempt, contracts.OutcomeFailed)
	case *contracts.ImportRequested:
		return names.Outcome(e.Kind, contracts.Ingest, e.Import, e.Attempt, contracts.OutcomeCompleted)
	}
	return names.Outcome(e.Kind, stageOf(pipeline, m.payload), e.Import, e.Attempt, contracts.OutcomeCompleted)
}

// imports reads all rows.
func (b *bench) imports(t *testing.T) []Import {
	t.Helper()
	var rows []Import
	require.NoError(t, b.db.NewSelect().Model(&rows).Order("created_at").Scan(context.Background()))
	return rows
}

// requireStates waits until there are exactly these imports.
func (b *bench) requireStates(t *testing.T, want map[string]contracts.State) {
	t.Helper()
	require.Eventually(t, func() bool {
		states := make(map[string]contracts.State)
		for _, i := range b.imports(t) {
			states[i.ID] = i.State
		}
		return fmt.Sprint(states) == fmt.Sprint(want)
	}, soon, 10*time.Millisecond)
}

// requireFolded waits until the projection of a story is what Fold makes of it
// from the times at which this broker has stored its messages. Those that it
// does not keep any more are given.
func (b *bench) requireFolded(t *testing.T, s *story, gone ...told) {
	t.Helper()
	var want Import
	for _, m := range slices.Concat(gone, b.stored(t)) {
		if m.env.Import == s.id {
			want, _ = Fold(want, m.env, m.payload, m.stored)
		}
	}
	var have Import
	require.Eventually(t, func() bool {
		have = Import{}
		err := b.db.NewSelect().Model(&have).Where("id = ?", s.id).Scan(context.Background())
		want.Changed = have.Changed // which the database gives, and Fold does not know
		return err == nil && document(t, have) == document(t, want)
	}, soon, 10*time.Millisecond, "want %s\nhave %s", lazy(func() string { return document(t, want) }), lazy(func() string { return document(t, have) }))
}

// lazy is a text that is made when it is shown.
type lazy func() string

func (f lazy) String() string { return f() }

// stored reads back what the broker keeps.
func (b *bench) stored(t *testing.T) []told {
	t.Helper()
	var all []told
	for _, name := range []string{b.broker.Names().ImportsStream(), b.broker.Names().StatusStream()} {
		stream, err := b.broker.JetStream().Stream(t.Context(), name)
		require.NoError(t, err)
		for sequence := stream.CachedInfo().State.FirstSeq; sequence <= stream.CachedInfo().State.LastSeq; sequence++ {
			m, err := stream.GetMsg(t.Context(), sequence)
			require.NoError(t, err)
			env, payload, err := contracts.Decode(m.Data)
			if err == nil {
				all = append(all, told{env: env, payload: payload, stored: m.Time})
			}
		}
	}
	return all
}

func (b *bench) checkpoints(t *testing.T) map[string]uint64 {
	t.Helper()
	var rows []checkpoint
	require.NoError(t, b.db.NewSelect().Model(&rows).Scan(context.Background()))
	at := make(map[string]uint64)
	for _, row := range rows {
		at[row.Stream] = row.Sequence
	}
	return at
}

// record is a log that a test reads while others write to it.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) count(s string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.text.String(), s)
}

func TestProjectorFoldsWhatTheStreamsTell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stories := []*story{successful(), unsuccessful(), replayed(), replayedTwice(), newStory().requested()}
	b.publish(t, stories[0].told...) // before it runs
	b.run(t, b.projector())
	for _, s := range stories[1:] {
		b.publish(t, s.told...)
	}
	for _, s := range stories {
		b.requireFolded(t, s)
	}
	imports, status := b.broker.Names().ImportsStream(), b.broker.Names().StatusStream()
	require.Eventually(t, func() bool {
		at := b.checkpoints(t)
		return at[imports]+at[status] == uint64(len(b.stored(t)))
	}, soon, 10*time.Millisecond)
}

func TestProjectorGoesOnAtItsCheckpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := successful()
	half := len(s.told) / 2
	b.publish(t, s.told[:half]...)
	stop := b.run(t, b.projector())
	b.requireFolded(t, s)
	stop()

	gone := b.stored(t)
	for _, name := range []string{b.broker.Names().ImportsStream(), b.broker.Names().StatusStream()} {
		stream, err := b.broker.JetStream().Stream(t.Context(), name)
		require.NoError(t, err)
		require.NoError(t, stream.Purge(t.Context()))
	}
	b.publish(t, s.told[half:]...)
	b.run(t, b.projector())
	b.requireFolded(t, s, gone...)
	require.Zero(t, b.logged.count("starting over"), "a stream that was purged is still the same")
}

func TestProjectorSkipsWhatNobodyCanRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	names := b.broker.Names()
	s := successful()
	odd := newStory().requested().told[0]
	odd.env.Import = "not-a-uuid"
	b.publish(t, odd)
	for _, data := range []string{"", "{", `{"type":"usher.unheard.of.v9"}`, `{"type":"usher.import.requested.v1","kind":"cake","attempt":1}`} {
		_, err := b.broker.JetStream().Publish(t.Context(), names.Control(contracts.EventArchive, s.id), []byte(data))
		require.NoError(t, err)
	}
	b.publish(t, s.told...)
	stop := b.run(t, b.projector())
	b.requireFolded(t, s)
	require.Len(t, b.imports(t), 1)
	stop()
	b.run(t, b.projector())
	b.publish(t, newStory().requested().told...)
	require.Eventually(t, func() bool { return len(b.imports(t)) == 2 }, soon, 10*time.Millisecond)
	require.Equal(t, 5, b.logged.count("message cannot be read"), "once for each")
}

func TestProjectorIsNotStoppedByTextsThatPostgresDoesNotStore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := newStory()
	s.carried.FileName = "a\x00b.zip"
	s.requested().failed(contracts.Event, "invalid_archive", "no\x00good", 1,
		contracts.Issue{Severity: contracts.Error, Code: "x", Message: "a\x00 it's \\u0000 \\\\u0000", Value: `'"\`})
	b.publish(t, s.told...)
	b.run(t, b.projector())
	b.requireStates(t, map[string]contracts.State{s.id: contracts.Failure})
	require.Equal(t, "ab.zip", b.imports(t)[0].FileName)
}

func TestOneProjectorFoldsAndAnotherTakesOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stops := []func(){b.run(t, b.projector()), b.run(t, b.projector())}
	first, second := successful(), successful()
	b.publish(t, first.told...)
	b.requireFolded(t, first)
	require.Equal(t, 1, b.logged.count("msg=folding\n"))

	for _, stop := range stops { // one of them has the lock
		b.run(t, b.projector())
		stop()
	}
	b.publish(t, second.told...)
	b.requireFolded(t, second)
}

func TestProjectorThatLosesItsLockStopsFoldingAndComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run(t, b.projector())
	first, second := successful(), successful()
	b.publish(t, first.told...)
	b.requireFolded(t, first)
	_, err := b.db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return b.logged.count("msg=folding\n") == 2 }, soon, 10*time.Millisecond)
	b.publish(t, second.told...)
	b.requireFolded(t, second)
}

func TestProjectorStartsOverWhereAStreamWasReset(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"while it runs": true, "while it does not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			stop := b.run(t, b.projector())
			first := successful()
			b.publish(t, first.told...)
			b.requireFolded(t, first)
			if !running {
				stop()
			}
			before := b.imports(t)[0]

			names := b.broker.Names()
			for _, stream := range []string{names.ImportsStream(), names.StatusStream()} {
				require.NoError(t, b.broker.JetStream().DeleteStream(t.Context(), stream))
			}
			require.NoError(t, b.broker.Provision(t.Context()))
			second, third := unsuccessful(), successful() // more than there was before
			b.publish(t, second.told...)
			b.publish(t, third.told...)
			if !running {
				b.run(t, b.projector())
			}
			b.requireFolded(t, second)
			b.requireFolded(t, third)
			require.Equal(t, before, b.imports(t)[0], "what the streams do not know any more stays")
		})
	}
}

func TestProjectorStartsOverWhereAStreamLostItsLastMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := successful()
	b.publish(t, s.told...)
	stop := b.run(t, b.projector())
	b.requireFolded(t, s)
	stop()
	before := b.imports(t)
	_, err := b.db.NewUpdate().Model((*checkpoint)(nil)).Set("sequence = sequence + 1000").Where("TRUE").Exec(t.Context())
	require.NoError(t, err)
	b.run(t, b.projector())
	require.Eventually(t, func() bool {
		at := b.checkpoints(t)
		return at[b.broker.Names().ImportsStream()]+at[b.broker.Names().StatusStream()] == uint64(len(s.told))
	}, soon, 10*time.Millisecond)
	require.Equal(t, before, b.imports(t), "nothing of it is news")
}

// crashes makes the database end the session that writes: at its first step,
// then at the second one of the next transaction, and so on to the sixth, which
// is at the commit. A sequence counts, because a rollback does not take it back.
const crashes = `
	CREATE SEQUENCE steps;
	CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF nextval('steps') IN (1, 3, 6, 10, 15, 21) THEN
			PERFORM pg_terminate_backend(pg_backend_pid());
		END IF;
		RETURN NULL;
	END $$;
	CREATE TRIGGER crash AFTER UPDATE ON query.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION crash();
	CREATE TRIGGER crash AFTER INSERT ON query.imports FOR EACH STATEMENT EXECUTE FUNCTION crash();
	CREATE CONSTRAINT TRIGGER crash_at_commit AFTER INSERT OR UPDATE ON query.imports
		DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crash();`

func TestCrashInATransactionLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.db.ExecContext(t.Context(), crashes)
	require.NoError(t, err)
	stories := make([]*story, 6)
	for n := range stories {
		stories[n] = successful()
		if n%2 == 1 {
			stories[n] = unsuccessful()
		}
		b.publish(t, stories[n].told...)
	}
	b.run(t, b.projector())
	for _, s := range stories {
		b.requireFolded(t, s)
	}
	require.Equal(t, 6, b.logged.count("folding was interrupted"))
}

func TestTwinThatFoldsWithoutTheLockChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	p, twin := b.projector(), b.projector()
	stream := b.broker.Names().ImportsStream()
	ours, err := p.open(ctx, stream)
	require.NoError(t, err)
	theirs, err := twin.open(ctx, stream)
	require.NoError(t, err)

	s := successful()
	batch := func(from *source, m told) []received {
		return []received{{source: from, sequence: from.position + 1, stored: m.stored, envelope: m.env, payload: m.payload}}
	}
	require.NoError(t, p.commit(ctx, batch(ours, s.told[0])))
	require.ErrorIs(t, twin.commit(ctx, batch(theirs, s.told[1])), errOvertaken)
	require.EqualValues(t, 1, b.imports(t)[0].Version)
	require.NoError(t, p.commit(ctx, batch(ours, s.told[1])))
}

func TestBatchTakesWhatIsThereAndWaitsForNothing(t *testing.T) {
	t.Parallel()
	p := &Projector{log: slog.New(slog.DiscardHandler)}
	messages := make(chan received, 2*maxBatch)
	require.Len(t, p.gather(t.Context(), received{}, messages), 1)
	for range maxBatch + 10 {
		messages <- received{}
	}
	require.Len(t, p.gather(t.Context(), received{}, messages), maxBatch)
	require.Len(t, messages, 11)
}

func TestFollowIsInterruptedAndGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run(t, b.projector())
	first, second := successful(), successful()
	b.publish(t, first.told...)
	b.requireFolded(t, first)
	// The consumers that the projector reads by are gone, as after a restart of
	// a broker that kept them in memory.
	for _, name := range []string{b.broker.Names().ImportsStream(), b.broker.Names().StatusStream()} {
		stream, err := b.broker.JetStream().Stream(t.Context(), name)
		require.NoError(t, err)
		for consumer := range stream.ListConsumers(t.Context()).Info() {
			if consumer.Config.AckPolicy == jetstream.AckNonePolicy {
				require.NoError(t, stream.DeleteConsumer(t.Context(), consumer.Name))
			}
		}
	}
	b.publish(t, second.told...)
	b.requireFolded(t, second)
}

func TestProjectorTellsOfWhatItHasCommitted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	type heard struct {
		subject string
		task    contracts.Task
	}
	all := make(chan heard, 1000)
	stop, err := b.broker.Listen(b.broker.Names().AllLive(), func(subject string, data []byte) {
		next := heard{subject: subject}
		if json.Unmarshal(data, &next.task) != nil {
			next.subject = "unreadable"
		}
		all <- next
	})
	require.NoError(t, err)
	t.Cleanup(stop)
	s := successful()
	b.run(t, b.projector())
	b.publish(t, s.told...)
	version := int64(0)
	for state := contracts.Pending; !state.Final(); {
		next := <-all
		state = next.task.State
		require.Equal(t, b.broker.Names().Live(olga, s.id), next.subject)
		require.Equal(t, s.id, next.task.ID)
		require.Greater(t, next.task.Version, version)
		version = next.task.Version
		var row Import
		require.NoError(t, b.db.NewSelect().Model(&row).Where("id = ?", s.id).Scan(t.Context()))
		require.GreaterOrEqual(t, row.Version, version, "who asks then finds it")
	}
	b.requireFolded(t, s)
}
