// Package stagetest holds the suite that every stage passes: what the runtime
// promises, tried on the stage's own declaration, tables and hooks. The tests
// of the services call it.
package stagetest

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/remap"
	"github.com/usher-events/usher/pkg/stage"
)

// Subject is a stage under test.
type Subject struct {
	Stage stage.Stage
	// Migrations are those of the stage's schema, the runtime's before its own.
	Migrations []postgres.Migrations
	// Input makes what is uploaded for an import; without it, that is Archive.
	// Two imports of one world must not be in each other's way.
	Input func(t testing.TB, importID string) []byte
	// Asked makes what is asked for of an export, which has no input: an event of the
	// world, the same each time. Without it, that is an event that is not there.
	Asked func(t testing.TB, w World) *contracts.ExportRequested
	// Broken is an input that the stage refuses; without it, a broken archive.
	Broken []byte
	// Rows says how many rows the stage makes of its input, by table. The last stage
	// tells of an attempt, so each attempt has rows of its own.
	Rows map[string]int
}

// Exercise runs the suite. The package's TestMain must be postgrestest.Main.
func Exercise(t *testing.T, s Subject) {
	t.Helper()
	t.Run("makes its rows and completes once", func(t *testing.T) { t.Parallel(); newBench(t, s).completesOnce(t) })
	t.Run("changes nothing when it is redelivered", func(t *testing.T) { t.Parallel(); newBench(t, s).redelivery(t) })
	t.Run("comes to the same after a crash at any step", func(t *testing.T) { t.Parallel(); newBench(t, s).crashes(t) })
	t.Run("publishes the same outcome after a crash behind the commit", func(t *testing.T) { t.Parallel(); newBench(t, s).crashBehindCommit(t) })
	t.Run("comes to one outcome when two replicas have the message", func(t *testing.T) { t.Parallel(); newBench(t, s).twoReplicas(t) })
	t.Run("replaces its rows in the next attempt and ignores the one before", func(t *testing.T) { t.Parallel(); newBench(t, s).nextAttempt(t) })
	t.Run("fails once when it is given up", func(t *testing.T) { t.Parallel(); newBench(t, s).givenUp(t) })
	t.Run("does nothing for an import that was discarded", func(t *testing.T) { t.Parallel(); newBench(t, s).discarded(t) })
	t.Run("removes all that it made when the import is discarded", func(t *testing.T) {
		t.Parallel()
		newBench(t, s).takesBack(t, &contracts.DiscardRequested{By: contracts.Owner{Issuer: "usher", Subject: "olga"}})
	})
	t.Run("removes all that it made when the import is canceled", func(t *testing.T) {
		t.Parallel()
		newBench(t, s).takesBack(t, &contracts.CancelRequested{By: contracts.Owner{Issuer: "usher", Subject: "olga"}})
	})
	t.Run("removes what a run has left that was stopped while the import was taken back", func(t *testing.T) { t.Parallel(); newBench(t, s).leftovers(t) })
	t.Run("leaves nothing where another replica takes the import back at any step of a run", func(t *testing.T) { t.Parallel(); newBench(t, s).takenBackMeanwhile(t) })
	t.Run("takes the end of an attempt for no work", func(t *testing.T) { t.Parallel(); newBench(t, s).hearsTheEnd(t) })
	t.Run("is started by a replay that names it, and by no other", func(t *testing.T) { t.Parallel(); newBench(t, s).replay(t) })
	t.Run("does not run a replayed attempt again when the replay is redelivered late", func(t *testing.T) { t.Parallel(); newBench(t, s).lateReplay(t) })
	t.Run("does nothing for a replay of an import that was discarded", func(t *testing.T) { t.Parallel(); newBench(t, s).discardedReplay(t) })
	t.Run("leaves an attempt to the replay that has overtaken its failure", func(t *testing.T) { t.Parallel(); newBench(t, s).overtaken(t) })
	t.Run("buries what it cannot read", func(t *testing.T) { t.Parallel(); newBench(t, s).unreadable(t) })
	if len(s.Stage.Entities) > 0 {
		t.Run("fails with the reason when the input is broken", func(t *testing.T) { t.Parallel(); newBench(t, s).brokenInput(t) })
		t.Run("fails when the input is gone", func(t *testing.T) { t.Parallel(); newBench(t, s).inputGone(t) })
	}
}

// bench is a world with one stage and one import in it.
type bench struct {
	World
	subject Subject
	runner  *stage.Runner
	env     contracts.Envelope
}

func newBench(t *testing.T, s Subject) *bench {
	t.Helper()
	w := NewWorld(t, s.Migrations...)
	return &bench{
		World:   w,
		subject: s,
		runner:  stage.NewRunner(s.Stage, w.Resources),
		env:     NewEnvelope(s.Stage.Kind),
	}
}

// input is what is uploaded for the import.
func (b *bench) input(t *testing.T) []byte {
	t.Helper()
	if b.subject.Input == nil {
		return Archive(t)
	}
	return b.subject.Input(t, b.env.Import)
}

// trigger makes the message that starts the stage, as the one before it would.
func (b *bench) trigger(t *testing.T, input []byte) *message.Message {
	t.Helper()
	pipeline, ok := contracts.PipelineOf(b.subject.Stage.Kind)
	require.True(t, ok)
	before, ok := pipeline.Before(b.subject.Stage.Name)
	require.True(t, ok)
	payload := b.request(t, input)
	if before != contracts.Ingest {
		carried, ok := contracts.CarriedBy(payload)
		require.True(t, ok)
		carried.Event, carried.Remaps = &lantern, b.remaps(t)
		switch kind := b.subject.Stage.Kind; {
		case kind.Check():
			carried.Event, carried.EventName = nil, lantern.Name
			carried.Totals = map[contracts.EntityType]int{contracts.Events: 1}
		case !kind.Uploaded():
			carried.Totals = map[contracts.EntityType]int{contracts.Events: 1}
			carried.Exported = &contracts.Exported{
				Size: 4711, SHA256: strings.Repeat("0", 64), ExpiresAt: time.Date(2031, 5, 9, 9, 0, 0, 0, time.UTC),
			}
		}
		payload = contracts.CompletionOf(before, contracts.Completed{Carried: carried})
	}
	data, err := contracts.Encode(b.env, payload)
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	return msg
}

// lantern is the event that stages behind the first one are told of.
var lantern = contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "Europe/Lisbon"}

// request is what begins the import, as who takes it from the client publishes it.
func (b *bench) request(t *testing.T, input []byte) contracts.Payload {
	t.Helper()
	switch {
	case b.env.Kind.Uploaded() && input == nil:
		return &contracts.ImportRequested{Blob: "gone", FileName: "lantern.zip", SHA256: "00"}
	case b.env.Kind.Uploaded():
		blob := b.Upload(t, b.env.Import, input)
		return &contracts.ImportRequested{Blob: blob, FileName: "lantern.zip", Size: int64(len(input)), SHA256: "00"}
	case b.subject.Asked != nil:
		return b.subject.Asked(t, b.World)
	}
	return &contracts.ExportRequested{
		Event: lantern, FileName: "lantern.zip",
		Export: contracts.Export{Of: "01c29f11-5d3a-7b08-8a55-91c07be3d240", Dialect: "a", Image: true},
	}
}

// remaps stand for what the stages before have made.
func (b *bench) remaps(t *testing.T) map[contracts.EntityType]string {
	t.Helper()
	keys := make(map[contracts.EntityType]string)
	for _, needed := range b.subject.Stage.Needs {
		keys[needed] = remap.Key(b.env.Import, 1, needed)
		require.NoError(t, b.Remaps.Put(t.Context(), keys[needed], remap.Map{"1": 101, "2": 102, "5": 105, "6": 106, "7": 107, "10": 110}))
	}
	return keys
}

// ended returns the outcome of the current attempt, which must be there.
func (b *bench) ended(t *testing.T) (contracts.Envelope, contracts.Payload) {
	t.Helper()
	env, payload, ok := b.Outcome(t.Context(), t, b.subject.Stage, b.env.Import, b.env.Attempt)
	require.True(t, ok, "the stage has no outcome")
	return env, payload
}

func (b *bench) requireRows(t *testing.T) {
	t.Helper()
	require.Equal(t, b.subject.Rows, b.rows(t, b.tables(), b.env.Import))
}

func (b *bench) requireNoRows(t *testing.T) {
	t.Helper()
	for table, n := range b.rows(t, b.tables(), b.env.Import) {
		require.Zero(t, n, table)
	}
}

func (b *bench) tables() []string {
	tables := make([]string, 0, len(b.subject.Rows))
	for table := range b.subject.Rows {
		tables = append(tables, table)
	}
	return tables
}

func (b *bench) completesOnce(t *testing.T) {
	require.NoError(t, b.runner.Handle(b.trigger(t, b.input(t))))
	env, payload := b.ended(t)
	require.NotEqual(t, (&contracts.StageFailed{}).MessageType(), payload.MessageType())
	require.Equal(t, b.env.Owner, env.Owner)
	require.Equal(t, string(b.subject.Stage.Name), env.Source)
	b.requireRows(t)
}

func (b *bench) redelivery(t *testing.T) {
	msg := b.trigger(t, b.input(t))
	require.NoError(t, b.runner.Handle(msg))
	first, _ := b.ended(t)
	again := msg.Copy()
	again.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(again))
	second, _ := b.ended(t)
	require.Equal(t, first, second)
	b.requireRows(t)
}

func (b *bench) crashBehindCommit(t *testing.T) {
	msg := b.trigger(t, b.input(t))
	require.NoError(t, b.runner.Handle(msg))
	first, _ := b.ended(t)

	// As if the process had died with its commit: no outcome and no remap was written.
	names := b.Broker.Names()
	stream, err := b.Broker.JetStream().Stream(t.Context(), names.ImportsStream())
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context()))
	for _, e := range b.subject.Stage.Entities {
		key := remap.Key(b.env.Import, b.env.Attempt, e.Type)
		kv, err := b.Broker.Remaps(t.Context())
		require.NoError(t, err)
		require.NoError(t, kv.Delete(t.Context(), key))
	}

	again := msg.Copy()
	again.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(again))
	second, payload := b.ended(t)
	require.Equal(t, first, second)
	b.requireRows(t)
	if done, ok := contracts.CompletedOf(payload); ok {
		for _, e := range b.subject.Stage.Entities {
			key, ok := done.Remaps[e.Type]
			if !ok || e.Type.Maker() != b.subject.Stage.Name {
				continue
			}
			m, err := b.Remaps.Get(t.Context(), key)
			require.NoError(t, err)
			require.Len(t, m, done.Counts[e.Type])
		}
	}
}

func (b *bench) twoReplicas(t *testing.T) {
	msg := b.trigger(t, b.input(t))
	other := stage.NewRunner(b.subject.Stage, b.Resources)
	var wg sync.WaitGroup
	for _, r := range []*stage.Runner{b.runner, other} {
		copied := msg.Copy()
		copied.SetContext(t.Context())
		wg.Go(func() {
			// One of them may lose a race that it then tries again.
			for r.Handle(copied) != nil {
				if t.Context().Err() != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	b.ended(t)
	b.requireRows(t)
	b.requireOneOutcome(t)
}

// requireOneOutcome looks at everything that the stream holds of the stage.
func (b *bench) requireOneOutcome(t *testing.T) {
	t.Helper()
	stream, err := b.Broker.JetStream().Stream(t.Context(), b.Broker.Names().ImportsStream())
	require.NoError(t, err)
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, info.State.Msgs)
}

func (b *bench) nextAttempt(t *testing.T) {
	late := b.trigger(t, b.input(t))
	require.NoError(t, b.runner.Handle(late))
	b.env.Attempt = 2
	require.NoError(t, b.runner.Handle(b.trigger(t, b.input(t))))
	b.ended(t)
	want := maps.Clone(b.subject.Rows)
	if b.subject.Stage.Name == contracts.Notify {
		for table := range want {
			want[table] *= 2
		}
	}
	require.Equal(t, want, b.rows(t, b.tables(), b.env.Import))

	// What comes late of the attempt before has no effect any more.
	again := late.Copy()
	again.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(again))
	require.Equal(t, want, b.rows(t, b.tables(), b.env.Import))
}

func (b *bench) givenUp(t *testing.T) {
	require.NoError(t, b.runner.GiveUp(t.Context(), b.trigger(t, b.input(t))))
	failed := b.failed(t)
	require.Equal(t, stage.CodeTriesExhausted, failed.Code)
	b.requireNoRows(t)

	// The message after its end does not undo it.
	require.NoError(t, b.runner.Handle(b.trigger(t, b.input(t))))
	require.Equal(t, failed, b.failed(t))
	b.requireNoRows(t)
}

// failed returns the failure of the stage. The one that finishes imports has
// its failure on its own outcome subject, not among the commands.
func (b *bench) failed(t *testing.T) *contracts.StageFailed {
	t.Helper()
	names, s := b.Broker.Names(), b.subject.Stage
	stored, err := b.Broker.Last(t.Context(), names.ImportsStream(), names.Outcome(s.Kind, s.Name, b.env.Import, b.env.Attempt, contracts.OutcomeFailed))
	require.NoError(t, err)
	_, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	failed, ok := payload.(*contracts.StageFailed)
	require.True(t, ok)
	require.Equal(t, s.Name, failed.Stage)
	return failed
}

func (b *bench) discarded(t *testing.T) {
	schema := string(b.subject.Stage.Name)
	_, err := b.DB.NewRaw("INSERT INTO ?.import_fence (import_id, attempt, state) VALUES (?, 1, 'discarded')",
		bun.Ident(schema), b.env.Import).Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.runner.Handle(b.trigger(t, b.input(t))))
	_, _, ok := b.Outcome(t.Context(), t, b.subject.Stage, b.env.Import, 1)
	require.False(t, ok)
	b.requireNoRows(t)
}

// command makes a message of the control subject.
func (b *bench) command(t *testing.T, payload contracts.Payload) *message.Message {
	t.Helper()
	data, err := contracts.Encode(b.env, payload)
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	return msg
}

func (b *bench) takesBack(t *testing.T, command contracts.Payload) {
	other := &bench{World: b.World, subject: b.subject, runner: b.runner, env: NewEnvelope(b.env.Kind)}
	if len(b.subject.Stage.Entities) > 0 {
		require.NoError(t, b.runner.Handle(other.trigger(t, other.input(t))))
	}
	msg := b.trigger(t, b.input(t))
	require.NoError(t, b.runner.Handle(msg))
	for range 2 { // it may come again
		require.NoError(t, b.runner.Handle(b.command(t, command)))
		b.requireNoRows(t)
		b.requireTold(t, &contracts.StageCleared{Stage: b.subject.Stage.Name})
	}
	b.requireNoRemaps(t)
	if b.subject.Stage.DiscardEffects != nil {
		require.Empty(t, b.blobs(t, b.made(b.env.Import)))
	}
	if len(b.subject.Stage.Entities) > 0 {
		other.requireRows(t)
		if b.subject.Stage.DiscardEffects != nil && b.subject.Stage.After == nil { // else the stage may have put them away
			require.NotEmpty(t, b.blobs(t, b.made(other.env.Import)))
		}
	}

	// Late and duplicate messages of a discarded import do nothing.
	again := msg.Copy()
	again.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(again))
	require.NoError(t, b.runner.GiveUp(t.Context(), msg))
	b.requireNoRows(t)
}

// takenBackMeanwhile has another replica clear the import while a run is at each of its steps.
func (b *bench) takenBackMeanwhile(t *testing.T) {
	for _, step := range stage.Steps() {
		if step == stage.AfterFence || step == stage.BeforeCommit {
			continue // the command waits there until the run has committed
		}
		other := b.fresh()
		res, once := b.Resources, false
		res.Reached = func(s stage.Step) {
			if s == step && !once {
				once = true
				require.NoError(t, b.runner.Handle(other.command(t, &contracts.CancelRequested{By: b.env.Owner})))
			}
		}
		require.NoError(t, stage.NewRunner(b.subject.Stage, res).Handle(other.trigger(t, other.input(t))))
		if !once {
			continue // the stage has no effects
		}
		other.requireNoRows(t)
		other.requireNoRemaps(t)
		if b.subject.Stage.DiscardEffects != nil {
			require.Empty(t, b.blobs(t, b.made(other.env.Import)), step)
		}
	}
}

// requireNoRemaps asserts that there is no map of what the stage has made.
func (b *bench) requireNoRemaps(t *testing.T) {
	t.Helper()
	kv, err := b.Broker.Remaps(t.Context())
	require.NoError(t, err)
	for _, e := range b.subject.Stage.Entities {
		if e.Type.Maker() == b.subject.Stage.Name {
			_, err := kv.Get(t.Context(), remap.Key(b.env.Import, b.env.Attempt, e.Type))
			require.ErrorIs(t, err, jetstream.ErrKeyNotFound)
		}
	}
}

// leftovers has a run die behind the effects of the stage, and the import taken
// back meanwhile: the message comes again and leads to nothing, but blobs are
// removed that were written behind the command's back.
func (b *bench) leftovers(t *testing.T) {
	msg := b.trigger(t, b.input(t))
	require.NoError(t, b.runner.Handle(b.command(t, &contracts.CancelRequested{By: b.env.Owner})))
	if b.subject.Stage.DiscardEffects != nil {
		_, err := b.Bucket.Store(t.Context(), b.made(b.env.Import)+"late", newReader([]byte("of a twin")), "text/plain")
		require.NoError(t, err)
	}
	require.NoError(t, b.runner.Handle(msg))
	require.Empty(t, b.blobs(t, b.made(b.env.Import)+"late"))
	b.requireNoRows(t)
	require.Zero(t, b.outcomes(t))
}

// requireTold asserts what was told last of the import on its status subject.
func (b *bench) requireTold(t *testing.T, want contracts.Payload) {
	t.Helper()
	names := b.Broker.Names()
	stored, err := b.Broker.Last(t.Context(), names.StatusStream(), names.Status(b.env.Kind, b.env.Import))
	require.NoError(t, err)
	_, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	require.Equal(t, want, payload)
}

// made is the prefix of the blobs that are the stage's to remove.
func (b *bench) made(importID string) string {
	switch b.subject.Stage.Name {
	case contracts.Media:
		return bucket.MediaKey(importID, "")
	case contracts.Query:
		return bucket.Exports + importID + "/"
	}
	return bucket.ArchiveKey(importID, "")
}

func (b *bench) hearsTheEnd(t *testing.T) {
	require.NoError(t, b.runner.Handle(b.command(t, &contracts.ImportFinished{State: contracts.Success})))
	_, _, ok := b.Outcome(t.Context(), t, b.subject.Stage, b.env.Import, 1)
	require.False(t, ok)
	b.requireNoRows(t)
}

func (b *bench) unreadable(t *testing.T) {
	msg := message.NewMessage(uuid.NewString(), message.Payload("no envelope"))
	msg.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(msg))
	names := b.Broker.Names()
	dead, err := b.Broker.Last(t.Context(), names.DeadStream(), names.Dead(names.Consumer(b.subject.Stage.Kind, b.subject.Stage.Name)))
	require.NoError(t, err)
	require.Equal(t, "no envelope", string(dead.Data))
}

func (b *bench) brokenInput(t *testing.T) {
	broken, code := []byte("PK\x03\x04 this is no archive"), stage.CodeInvalidArchive
	if b.subject.Broken != nil {
		broken = b.subject.Broken
	}
	if b.subject.Stage.Kind.List() {
		code = stage.CodeInvalidList
	}
	require.NoError(t, b.runner.Handle(b.trigger(t, broken)))
	failed := b.failed(t)
	require.Equal(t, code, failed.Code)
	require.NotEmpty(t, failed.Reason)
	require.Positive(t, failed.Found.Error)
	require.NotEmpty(t, failed.FirstIssues)
	b.requireNoRows(t)
}

func (b *bench) inputGone(t *testing.T) {
	require.NoError(t, b.runner.Handle(b.trigger(t, nil)))
	require.Equal(t, stage.CodeArchiveGone, b.failed(t).Code)
	b.requireNoRows(t)
}
