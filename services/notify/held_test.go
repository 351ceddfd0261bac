package notify

import (
	"runtime"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

// finishing is the last stage of archives, with mails that have a server to go to.
type finishing struct {
	stagetest.World
	stage stage.Stage
	env   contracts.Envelope
	// begin is what has failed before, so that there is an end to tell of.
	begin *message.Message
}

func newFinishing(t *testing.T) finishing {
	t.Helper()
	f := finishing{World: stagetest.NewWorld(t, tables()...), env: stagetest.NewEnvelope(contracts.EventArchive)}
	cfg := service.Config{SMTPURL: "smtp://mail.example:25", MailFrom: "usher@conf.example", PublicURL: "https://usher.example"}
	f.stage = stages(&service.Resources{Config: cfg})[0]
	require.Equal(t, contracts.EventArchive, f.stage.Kind)
	f.begin = f.message(t, &contracts.StageFailed{
		Carried: contracts.Carried{Blob: "archives/a"}, Stage: contracts.Media, Code: "tries_exhausted", Reason: "It did not succeed.", Tries: 8,
	})
	return f
}

func (f finishing) message(t *testing.T, payload contracts.Payload) *message.Message {
	t.Helper()
	data, err := contracts.Encode(f.env, payload)
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	return msg
}

// command stores a command behind the last one.
func (f finishing) command(t *testing.T, attempt int, payload contracts.Payload) {
	t.Helper()
	f.env.Attempt = attempt
	require.NoError(t, f.Broker.Publisher().Publish(f.Broker.Names().Control(f.env.Kind, f.env.Import), f.message(t, payload)))
}

// handle runs the stage; a run that is to die ends behind its outcome.
func (f finishing) handle(t *testing.T, dies bool) {
	t.Helper()
	f.handleWith(t, func(s stage.Step) {
		if dies && s == stage.AfterOutcome {
			runtime.Goexit()
		}
	})
}

// handleWith runs the stage, with what happens at each of its steps.
func (f finishing) handleWith(t *testing.T, reached func(stage.Step)) {
	t.Helper()
	res := f.Resources
	res.Reached = reached
	msg := f.begin.Copy()
	msg.SetContext(t.Context())
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- stage.NewRunner(f.stage, res).Handle(msg)
	}()
	require.NoError(t, <-ended)
}

func (f finishing) mails(t *testing.T) []string {
	t.Helper()
	states := []string{}
	require.NoError(t, f.DB.NewRaw("SELECT state FROM notify.mails WHERE import_id = ? ORDER BY attempt", f.env.Import).Scan(t.Context(), &states))
	return states
}

func TestMailIsHeldUntilItsEndStands(t *testing.T) {
	t.Parallel()
	f := newFinishing(t)
	f.handle(t, true)
	require.Equal(t, []string{"held"}, f.mails(t))
	f.handle(t, false)
	require.Equal(t, []string{"pending"}, f.mails(t))
}

func TestMailOfAnEndThatStandsLeavesAlsoWhereAReplayIsQuickerThanItsRelease(t *testing.T) {
	t.Parallel()
	f := newFinishing(t)
	f.handle(t, true)
	f.command(t, 2, &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "archives/a"}, From: contracts.Media, By: f.env.Owner})
	f.handle(t, false)
	require.Equal(t, []string{"pending"}, f.mails(t))
}

func TestMailOfAnEndThatStandsLeavesAlsoWhereTheDatabaseIsSlowerThanTheLookForCommands(t *testing.T) {
	t.Parallel()
	f := newFinishing(t)
	f.handle(t, true)
	f.command(t, 2, &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "archives/a"}, From: contracts.Media, By: f.env.Owner})

	slow, err := f.DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = slow.ExecContext(t.Context(), "LOCK TABLE notify.stage_run IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	done := make(chan error, 1)
	msg := f.begin.Copy()
	msg.SetContext(t.Context())
	go func() { done <- stage.NewRunner(f.stage, f.Resources).Handle(msg) }()
	require.Never(t, func() bool { return len(done) > 0 }, 2*time.Second, 50*time.Millisecond, "it waits, however often it could look for commands")
	require.NoError(t, slow.Rollback())
	require.NoError(t, <-done)
	require.Equal(t, []string{"pending"}, f.mails(t))
}

func TestNobodyIsWrittenToOfAnEndThatACancelCameBefore(t *testing.T) {
	t.Parallel()
	f := newFinishing(t)
	// It comes when the run has committed: one that sees it before commits no mail at all.
	f.handleWith(t, func(s stage.Step) {
		if s == stage.BeforeOutcome {
			f.command(t, 1, &contracts.CancelRequested{By: f.env.Owner})
		}
	})
	require.Equal(t, []string{"held"}, f.mails(t), "the command, when it is heard, removes it")
	names := f.Broker.Names()
	_, err := f.Broker.Next(t.Context(), names.ImportsStream(), names.Control(f.env.Kind, f.env.Import), 1)
	require.ErrorIs(t, err, broker.ErrNotFound)
	require.NoError(t, stage.NewRunner(f.stage, f.Resources).Clear(t.Context(), f.env.Import, contracts.Canceled))
	require.Empty(t, f.mails(t))
}
