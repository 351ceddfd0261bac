package stage_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// running is a stage that pulls its messages from the broker.
type running struct {
	stagetest.World
	stage stage.Stage
	env   contracts.Envelope
}

// run starts a people stage with the given hook on a router of its own.
func run(t *testing.T, before func(context.Context, *stage.Run) error) running {
	t.Helper()
	return runIn(t, stagetest.NewWorld(t, stage.Migrations(contracts.People)), before)
}

func runIn(t *testing.T, w stagetest.World, before func(context.Context, *stage.Run) error) running {
	t.Helper()
	s := stage.Stage{Kind: contracts.EventArchive, Name: contracts.People, Before: before}
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
	require.NoError(t, err)
	stage.NewRunner(s, w.Resources).Attach(router, 2)
	done := make(chan error, 1)
	go func() { done <- router.Run(context.Background()) }()
	t.Cleanup(func() {
		require.NoError(t, router.Close())
		require.NoError(t, <-done)
	})
	return running{World: w, stage: s, env: stagetest.NewEnvelope(contracts.EventArchive)}
}

// send publishes the message that starts the stage.
func (r running) send(t *testing.T) {
	t.Helper()
	data, err := contracts.Encode(r.env, &contracts.EventImported{Completed: contracts.Completed{
		Carried: contracts.Carried{Blob: "none", Event: &contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "UTC"}},
		Counts:  map[contracts.EntityType]int{contracts.Events: 1},
	}})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	subject := r.Broker.Names().Outcome(r.env.Kind, contracts.Event, r.env.Import, r.env.Attempt, contracts.OutcomeCompleted)
	require.NoError(t, r.Broker.Publisher().Publish(subject, msg))
}

func (r running) awaitOutcome(t *testing.T) contracts.Payload {
	t.Helper()
	var payload contracts.Payload
	require.Eventually(t, func() bool {
		var ok bool
		_, payload, ok = r.Outcome(t.Context(), t, r.stage, r.env.Import, r.env.Attempt)
		return ok
	}, time.Minute, 10*time.Millisecond)
	return payload
}

// settled waits until the broker has nothing more to deliver.
func (r running) settled(t *testing.T) {
	t.Helper()
	names := r.Broker.Names()
	require.Eventually(t, func() bool {
		c, err := r.Broker.JetStream().Consumer(t.Context(), names.ImportsStream(), names.Consumer(r.stage.Kind, r.stage.Name))
		if err != nil {
			return false
		}
		info, err := c.Info(t.Context())
		return err == nil && info.NumPending == 0 && info.NumAckPending == 0
	}, time.Minute, 10*time.Millisecond)
}

func TestTryThatFailsIsTriedAgainUntilItSucceeds(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	r := run(t, func(context.Context, *stage.Run) error {
		if tries.Add(1) < 3 {
			return errors.New("not this time")
		}
		return nil
	})
	r.send(t)
	require.IsType(t, &contracts.PeopleImported{}, r.awaitOutcome(t))
	r.settled(t)
	require.EqualValues(t, 3, tries.Load())
}

func TestPanicIsATryThatFailed(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	r := run(t, func(context.Context, *stage.Run) error {
		if tries.Add(1) == 1 {
			panic("a defect")
		}
		return nil
	})
	r.send(t)
	require.IsType(t, &contracts.PeopleImported{}, r.awaitOutcome(t))
	require.EqualValues(t, 2, tries.Load())
}

func TestPermanentErrorFailsTheStageAtOnceWithItsIssues(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	r := run(t, func(_ context.Context, run *stage.Run) error {
		tries.Add(1)
		run.Report(contracts.Issue{Severity: contracts.Error, Code: "wrong_type", File: "speakers", Line: 3, Message: "This is odd"})
		return stage.Permanent("odd_archive", "The archive is odd.")
	})
	r.send(t)
	failed, ok := r.awaitOutcome(t).(*contracts.StageFailed)
	require.True(t, ok)
	r.settled(t)
	require.EqualValues(t, 1, tries.Load())
	require.Equal(t, "odd_archive", failed.Code)
	require.Equal(t, contracts.IssueCounts{Error: 1}, failed.Found)
	require.Equal(t, contracts.IssueCounts{Error: 1}, failed.Issues)
	require.Equal(t, "This is odd", failed.FirstIssues[0].Message)

	var kept []struct {
		Code string
		Line int
	}
	err := r.DB.NewSelect().ColumnExpr("code, line").TableExpr("people.api_issues").Where("import_id = ?", r.env.Import).Scan(t.Context(), &kept)
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Equal(t, 3, kept[0].Line)
}

func TestReportedErrorFailsTheStageEvenIfTheHookDoesNot(t *testing.T) {
	t.Parallel()
	r := run(t, func(_ context.Context, run *stage.Run) error {
		for range 3 {
			run.Report(contracts.Issue{Severity: contracts.Error, Code: "wrong_type", File: "speakers", Line: 3, Message: "This is odd"})
		}
		return nil
	})
	r.send(t)
	failed, ok := r.awaitOutcome(t).(*contracts.StageFailed)
	require.True(t, ok)
	require.Equal(t, stage.CodeInvalidArchive, failed.Code)
	require.Equal(t, "speakers line 3: This is odd (and 2 more)", failed.Reason)
}

func TestLastTryFailsTheStageWithWhatWentWrong(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, stage.Migrations(contracts.People))
	s := stage.Stage{
		Kind: contracts.EventArchive, Name: contracts.People,
		Before: func(context.Context, *stage.Run) error { return errors.New("the fuse is out") },
	}
	r := running{World: w, stage: s, env: stagetest.NewEnvelope(contracts.EventArchive)}
	r.send(t)

	// The broker counts the tries; without the rests between them they take no time.
	subscriber := w.Broker.Subscriber(broker.SubscriberConfig{})
	messages, err := subscriber.Subscribe(t.Context(), w.Broker.Names().Consumer(s.Kind, s.Name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, subscriber.Close()) })
	runner := stage.NewRunner(s, w.Resources)
	tries := 0
	for msg := range messages {
		tries++
		require.Equal(t, tries, broker.DeliveryOf(msg).Try)
		if err := runner.Handle(msg); err == nil {
			msg.Ack()
			break
		}
		broker.Rest(msg, time.Millisecond)
		msg.Nack()
	}
	require.Equal(t, 8, tries)
	failed, ok := r.awaitOutcome(t).(*contracts.StageFailed)
	require.True(t, ok)
	require.Equal(t, stage.CodeTriesExhausted, failed.Code)
	require.Equal(t, 8, failed.Tries)
	require.Contains(t, failed.Reason, "the fuse is out")
}

func TestTwinOfARunThatWasGivenUpDoesNothingBehindAReplay(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, stage.Migrations(contracts.People))
	running := make(chan struct{})
	goOn := make(chan struct{})
	s := stage.Stage{
		Kind: contracts.EventArchive, Name: contracts.People,
		Before: func(_ context.Context, run *stage.Run) error {
			if run.Attempt == 1 {
				close(running)
				<-goOn
				run.Report(contracts.Issue{Severity: contracts.Warning, Code: "wrong_type", Message: "Of the twin"})
			}
			return nil
		},
	}
	env := stagetest.NewEnvelope(contracts.EventArchive)
	carried := contracts.Carried{Blob: "none", Event: &contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "UTC"}}
	messageOf := func(payload contracts.Payload) *message.Message {
		data, err := contracts.Encode(env, payload)
		require.NoError(t, err)
		msg := message.NewMessage(uuid.NewString(), data)
		msg.SetContext(t.Context())
		return msg
	}
	begin := messageOf(&contracts.EventImported{Completed: contracts.Completed{Carried: carried}})
	twin, other := stage.NewRunner(s, w.Resources), stage.NewRunner(s, w.Resources)
	ended := make(chan error, 1)
	go func() { ended <- twin.Handle(begin) }()
	<-running

	// It is stopped for so long that another process gives the message up.
	again := begin.Copy()
	again.SetContext(t.Context())
	require.NoError(t, other.GiveUp(t.Context(), again))
	env.Attempt = 2
	require.NoError(t, other.Handle(messageOf(&contracts.ReplayRequested{Carried: carried, From: contracts.People, By: env.Owner})))
	close(goOn)
	require.NoError(t, <-ended)

	_, first, ok := w.Outcome(t.Context(), t, s, env.Import, 1)
	require.True(t, ok)
	require.IsType(t, &contracts.StageFailed{}, first)
	_, second, ok := w.Outcome(t.Context(), t, s, env.Import, 2)
	require.True(t, ok)
	require.IsType(t, &contracts.PeopleImported{}, second)
	require.Zero(t, second.(*contracts.PeopleImported).Issues)
	var outcomes []string
	require.NoError(t, w.DB.NewRaw(`SELECT attempt || ' ' || outcome FROM people.stage_run ORDER BY attempt`).Scan(t.Context(), &outcomes))
	require.Equal(t, []string{"1 failed", "2 completed"}, outcomes)
	issues, err := w.DB.NewSelect().TableExpr("people.issues").Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, issues)
}

func TestProgressIsToldWithoutWaiting(t *testing.T) {
	t.Parallel()
	told := make(chan struct{})
	r := run(t, func(context.Context, *stage.Run) error {
		<-told
		return nil
	})
	r.send(t)
	names := r.Broker.Names()
	require.Eventually(t, func() bool {
		last, err := r.Broker.Last(t.Context(), names.StatusStream(), names.Status(r.env.Kind, r.env.Import))
		if err != nil {
			return false
		}
		_, payload, err := contracts.Decode(last.Data)
		return err == nil && payload.(*contracts.Progress).Stage == contracts.People
	}, time.Minute, 10*time.Millisecond)
	close(told)
	r.awaitOutcome(t)
}
