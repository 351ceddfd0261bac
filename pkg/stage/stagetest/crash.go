package stagetest

import (
	"encoding/json"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
)

// crashes ends runs at each step, as often as they pass it, and has the message
// come again: what the next try makes of what was left is what an undisturbed run
// makes. The goroutine ends as a process would, but for the transaction, which is
// rolled back by us instead of the server.
func (b *bench) crashes(t *testing.T) {
	calm := b.fresh()
	require.NoError(t, calm.runner.Handle(calm.trigger(t, calm.input(t))))
	want := calm.content(t)
	passed := make(map[stage.Step]int)
	for _, step := range stage.Steps() {
		for nth := 1; ; nth++ {
			c := b.fresh()
			msg := c.trigger(t, c.input(t))
			if !c.diesAt(step, nth, msg) {
				break // it does not pass the step as often
			}
			passed[step]++
			again := msg.Copy()
			again.SetContext(t.Context())
			require.NoError(t, c.runner.Handle(again), "%s, pass %d", step, nth)
			c.ended(t)
			require.Equal(t, want, c.content(t), "%s, pass %d", step, nth)
			c.requireRemaps(t)
			require.Equal(t, 1, c.outcomes(t), "%s, pass %d", step, nth)
		}
	}
	for _, step := range []stage.Step{
		stage.BeforeRead, stage.AfterRead, stage.BeforeFence, stage.AfterFence, stage.BeforeCommit, stage.AfterCommit,
		stage.BeforeOutcome, stage.AfterOutcome, stage.BeforeAck,
	} {
		require.Positive(t, passed[step], "no run has passed %q", step)
	}
}

// fresh is another import in the same world.
func (b *bench) fresh() *bench {
	return &bench{World: b.World, subject: b.subject, runner: b.runner, env: NewEnvelope(b.env.Kind)}
}

// diesAt handles a message by a run that ends when it reaches a step for the n-th
// time, and tells whether it has.
func (b *bench) diesAt(step stage.Step, nth int, msg *message.Message) bool {
	res, reached, survived := b.Resources, 0, false
	res.Reached = func(s stage.Step) {
		if s != step {
			return
		}
		if reached++; reached == nth {
			runtime.Goexit()
		}
	}
	runner := stage.NewRunner(b.subject.Stage, res)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = runner.Handle(msg) // what matters is what it leaves
		survived = true
	}()
	<-ended
	return !survived
}

// content is all that the stage has made of the import, without what differs from
// one to the next: ids, times, salted hashes and names made of the import's id.
func (b *bench) content(t *testing.T) map[string][]string {
	t.Helper()
	content := make(map[string][]string)
	for _, table := range b.tables() {
		var rows []string
		err := b.DB.NewSelect().ColumnExpr("to_jsonb(t)").TableExpr("? AS t", bun.Ident(table)).
			Where("import_id = ?", b.env.Import).Scan(t.Context(), &rows)
		require.NoError(t, err)
		content[table] = []string{}
		for _, row := range rows {
			var values map[string]any
			require.NoError(t, json.Unmarshal([]byte(row), &values))
			maps.DeleteFunc(values, func(name string, _ any) bool { return differs(name) })
			text, err := json.Marshal(values)
			require.NoError(t, err)
			content[table] = append(content[table], b.unnamed(string(text)))
		}
		slices.Sort(content[table])
	}
	return content
}

// differs tells whether a column is another one in each import.
func differs(column string) bool {
	switch column {
	case "id", "identifier", "subject", "next_try", "blob", "url", "text", "html", "password_hash":
		return true
	case "source_id":
		return false
	}
	return strings.HasSuffix(column, "_id") || strings.HasSuffix(column, "_at")
}

// unnamed takes the import's id out of a text, also where only its beginning is there.
func (b *bench) unnamed(text string) string {
	text = strings.ReplaceAll(text, b.env.Import, "<import>")
	return strings.ReplaceAll(text, b.env.Import[:8], "<import>")
}

// requireRemaps asserts that the maps which the outcome names are whole.
func (b *bench) requireRemaps(t *testing.T) {
	t.Helper()
	_, payload := b.ended(t)
	done, ok := contracts.CompletedOf(payload)
	if !ok {
		return
	}
	for _, e := range b.subject.Stage.Entities {
		if key, ok := done.Remaps[e.Type]; ok && e.Type.Maker() == b.subject.Stage.Name {
			m, err := b.Remaps.Get(t.Context(), key)
			require.NoError(t, err)
			require.Len(t, m, done.Counts[e.Type])
		}
	}
}

// outcomes counts the messages with which the stage has ended attempts of the import.
func (b *bench) outcomes(t *testing.T) int {
	t.Helper()
	names, s := b.Broker.Names(), b.subject.Stage
	subject := names.AnyOutcome(s.Kind, s.Name, b.env.Import, b.env.Attempt)
	if p, _ := contracts.PipelineOf(s.Kind); p.Last() == s.Name {
		subject = names.Control(s.Kind, b.env.Import)
	}
	n := 0
	for after := uint64(0); ; n++ {
		stored, err := b.Broker.Next(t.Context(), names.ImportsStream(), subject, after)
		if err != nil {
			return n
		}
		after = stored.Sequence
	}
}
