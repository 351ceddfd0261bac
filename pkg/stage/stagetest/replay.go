package stagetest

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/stage"
)

// replayed begins the next attempt as ingest does: it stores the command among
// those of the import, and returns it as the stage gets it.
func (b *bench) replayed(t *testing.T, from contracts.Stage, archive []byte) *message.Message {
	t.Helper()
	_, trigger, err := contracts.Decode(b.trigger(t, archive).Payload)
	require.NoError(t, err)
	carried, ok := contracts.CarriedBy(trigger)
	require.True(t, ok)
	b.env.Attempt++
	b.env.ID = uuid.NewString()
	data, err := contracts.Encode(b.env, &contracts.ReplayRequested{Carried: carried, From: from, By: b.env.Owner})
	require.NoError(t, err)
	names := b.Broker.Names()
	subject := names.Control(b.env.Kind, b.env.Import)
	last, err := b.Broker.Last(t.Context(), names.ImportsStream(), subject)
	if err != nil {
		require.ErrorIs(t, err, broker.ErrNotFound)
	}
	msg := message.NewMessage(b.env.ID, data)
	msg.SetContext(t.Context())
	broker.ExpectLast(msg, last.Sequence, subject)
	require.NoError(t, b.Broker.Publisher().Publish(subject, msg))
	return msg
}

// another is a stage of the pipeline that is not the one under test.
func (b *bench) another(t *testing.T) contracts.Stage {
	t.Helper()
	pipeline, ok := contracts.PipelineOf(b.subject.Stage.Kind)
	require.True(t, ok)
	for _, s := range pipeline.Stages[1:] {
		if s != b.subject.Stage.Name {
			return s
		}
	}
	require.FailNow(t, "a pipeline of one stage")
	return ""
}

// stored counts what the stream holds of the import of each type.
func (b *bench) stored(t *testing.T) map[string]int {
	t.Helper()
	names := b.Broker.Names()
	counts := make(map[string]int)
	for after := uint64(0); ; {
		next, err := b.Broker.Next(t.Context(), names.ImportsStream(), names.AllImports(), after)
		if err != nil {
			require.ErrorIs(t, err, broker.ErrNotFound)
			return counts
		}
		env, _, err := contracts.Decode(next.Data)
		require.NoError(t, err)
		if env.Import == b.env.Import {
			counts[env.Type]++
		}
		after = next.Sequence
	}
}

func (b *bench) replay(t *testing.T) {
	require.NoError(t, b.runner.GiveUp(t.Context(), b.trigger(t, b.input(t))))
	b.failed(t)

	elsewhere := b.replayed(t, b.another(t), b.input(t))
	require.NoError(t, b.runner.Handle(elsewhere))
	require.NoError(t, b.runner.GiveUp(t.Context(), elsewhere))
	b.requireNoRows(t)

	require.NoError(t, b.runner.Handle(b.replayed(t, b.subject.Stage.Name, b.input(t))))
	require.Equal(t, 3, b.env.Attempt)
	_, payload := b.ended(t)
	require.NotEqual(t, (&contracts.StageFailed{}).MessageType(), payload.MessageType())
	b.requireRows(t)
	require.Equal(t, map[string]int{
		(&contracts.StageFailed{}).MessageType():     1,
		(&contracts.ReplayRequested{}).MessageType(): 2,
		payload.MessageType():                        1,
	}, b.stored(t))
}

func (b *bench) lateReplay(t *testing.T) {
	first := b.replayed(t, b.subject.Stage.Name, b.input(t))
	require.NoError(t, b.runner.Handle(first))
	before := b.stored(t)
	again := first.Copy()
	again.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(again))
	require.NoError(t, b.runner.GiveUp(t.Context(), again))
	b.requireRows(t)
	require.Equal(t, before, b.stored(t))

	require.NoError(t, b.runner.Handle(b.replayed(t, b.subject.Stage.Name, b.input(t))))
	before = b.stored(t)
	_, outcome := b.ended(t)
	// The command of the attempt before comes once more, to a stage that does
	// not know of its run: as that of a twin that was stopped before it began.
	_, err := b.DB.NewDelete().TableExpr("?", bun.Ident(string(b.subject.Stage.Name)+".stage_run")).Where("attempt < ?", b.env.Attempt).Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.runner.Handle(again))
	require.Equal(t, before, b.stored(t))
	_, same := b.ended(t)
	require.Equal(t, outcome, same)
}

func (b *bench) discardedReplay(t *testing.T) {
	msg := b.replayed(t, b.subject.Stage.Name, b.input(t))
	require.NoError(t, b.runner.Handle(b.command(t, &contracts.DiscardRequested{By: b.env.Owner})))
	require.NoError(t, b.runner.Handle(msg))
	b.requireNoRows(t)
	require.Equal(t, map[string]int{(&contracts.ReplayRequested{}).MessageType(): 1}, b.stored(t))
}

// overtaken has the message of the first attempt come when the second is under
// way: the failure of a stage is known, and can be replayed, before the last
// stage has ended the attempt.
func (b *bench) overtaken(t *testing.T) {
	late := b.trigger(t, b.input(t))
	begin := b.replayed(t, b.subject.Stage.Name, b.input(t))
	require.NoError(t, b.runner.Handle(late))
	names, s := b.Broker.Names(), b.subject.Stage
	last, err := b.Broker.Last(t.Context(), names.ImportsStream(), names.Control(s.Kind, b.env.Import))
	require.NoError(t, err)
	env, _, err := contracts.Decode(last.Data)
	require.NoError(t, err)
	require.Equal(t, b.env.ID, env.ID, "nothing of the first attempt comes behind the replay")

	// A first attempt that has failed, as in earnest, has put nothing away.
	b.Upload(t, b.env.Import, b.input(t))
	require.NoError(t, b.runner.Handle(begin))
	_, payload := b.ended(t)
	require.NotEqual(t, (&contracts.StageFailed{}).MessageType(), payload.MessageType())
	if _, ends := payload.(*contracts.ImportFinished); ends {
		require.Equal(t, 1, b.stored(t)[payload.MessageType()], "one end, that of the second attempt")
	}
	again := late.Copy()
	again.SetContext(t.Context())
	require.NoError(t, b.runner.Handle(again))
	require.NoError(t, stage.NewRunner(s, b.Resources).Handle(begin))
	_, same := b.ended(t)
	require.Equal(t, payload, same)
}
