package projection

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// waits is a story that waits for a stage, and works one that is at work in media.
func waits(next contracts.Stage) *story {
	s := newStory().requested()
	if next == contracts.Event {
		return s
	}
	s.making(contracts.Event, contracts.Events, 1).completed(contracts.Event, 0, nil)
	s.completed(contracts.People, 0, nil)
	return s.completed(contracts.Schedule, 0, nil)
}

func works() *story {
	return waits(contracts.Media).progress(contracts.Progress{Stage: contracts.Media, Type: contracts.MediaFiles, Done: 3, Total: 188})
}

// row reads one row.
func (b *bench) row(t *testing.T, s *story) Import {
	t.Helper()
	var i Import
	require.NoError(t, b.db.NewSelect().Model(&i).Where("id = ?", s.id).Scan(context.Background()))
	return i
}

// requireMessage waits until an import says this.
func (b *bench) requireMessage(t *testing.T, s *story, message string) Import {
	t.Helper()
	var i Import
	require.Eventually(t, func() bool {
		i = b.row(t, s)
		return i.Message() == message
	}, soon, 10*time.Millisecond, "it says %q and not %q", lazy(func() string { return i.Message() }), message)
	return i
}

func TestImportIsToldWhileNobodyRunsItsStage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	live := make(chan contracts.Task, 1000)
	stop, err := b.broker.Listen(b.broker.Names().AllLive(), func(_ string, data []byte) {
		var task contracts.Task
		if json.Unmarshal(data, &task) == nil {
			live <- task
		}
	})
	require.NoError(t, err)
	t.Cleanup(stop)
	waiting, working, elsewhere, ended := waits(contracts.Media), works(), waits(contracts.Event), successful()
	b.run(t, b.projector())
	for _, s := range []*story{waiting, working, elsewhere, ended} {
		b.publish(t, s.told...)
		b.requireFolded(t, s)
	}
	before := b.row(t, waiting)
	require.NotNil(t, before.WaitingSince)
	untouched := []Import{b.row(t, elsewhere), b.row(t, ended)}

	b.announce(t, contracts.Event, contracts.People, contracts.Schedule, contracts.Notify)
	b.leave()
	since := before.WaitingSince.UTC().Format("2 Jan 15:04 UTC")
	down := b.requireMessage(t, waiting, "Waiting for media since "+since+"; no media service is running")
	require.Equal(t, before.Version+1, down.Version)
	require.NotNil(t, down.StageDownSince)
	require.WithinRange(t, *down.StageDownSince, *before.WaitingSince, time.Now())
	b.requireMessage(t, working, "Uploading media (3/188); no media service is running")
	require.Equal(t, []Import{b.row(t, elsewhere), b.row(t, ended)}, untouched)
	for task := range live { // whoever watches is told
		if task.ID == waiting.id && task.StageDownSince != nil {
			require.Equal(t, down.Task().Message, task.Message)
			require.Equal(t, down.Version, task.Version)
			break
		}
	}

	b.announce(t, contracts.Media)
	back := b.requireMessage(t, waiting, "Waiting for media")
	require.Equal(t, down.Version+1, back.Version)
	require.Nil(t, back.StageDownSince)
	require.Equal(t, before.WaitingSince, back.WaitingSince)
	b.requireMessage(t, working, "Uploading media (3/188)")
}

func TestImportIsToldThatItsStageIsPausedRatherThanDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.leave() // an operator may well have stopped them, too
	s := waits(contracts.Media)
	b.publish(t, s.told...)
	until := time.Now().Add(time.Hour)
	media := b.broker.Names().ConsumersOf(contracts.Media)[0]
	require.NoError(t, b.broker.Pause(t.Context(), media, until))
	b.run(t, b.projector())
	require.Eventually(t, func() bool { return len(b.imports(t)) == 1 && b.row(t, s).StagePausedUntil != nil }, soon, 10*time.Millisecond)
	i := b.row(t, s)
	require.Nil(t, i.StageDownSince)
	require.WithinDuration(t, until, *i.StagePausedUntil, time.Second)
	day := func(at time.Time) string { return at.UTC().Format("2 Jan 15:04 UTC") }
	require.Equal(t, "Waiting for media since "+day(*i.WaitingSince)+"; media is paused until "+day(until), i.Message())

	b.announce(t, contracts.Media)
	require.NoError(t, b.broker.Resume(t.Context(), media))
	b.requireMessage(t, s, "Waiting for media")
}

func TestStageIsDownWhenItWasMissedTwiceInARow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	looking := &stages{p: b.projector()}
	down := func() map[contracts.Stage]*time.Time {
		seen, err := looking.look(t.Context())
		require.NoError(t, err)
		all := make(map[contracts.Stage]*time.Time)
		for _, s := range seen {
			if s.DownSince != nil {
				all[s.Stage] = s.DownSince
			}
		}
		return all
	}
	require.Eventually(t, func() bool { // whoever is there may be late with the answer
		return len(down()) == 0 && len(looking.missed) == 0
	}, soon, time.Millisecond)
	b.leave()
	before := time.Now()
	require.Empty(t, down(), "it may have been busy")
	missed := time.Now()
	all := down()
	require.Len(t, all, len(contracts.Stages()))
	require.WithinRange(t, *all[contracts.Media], before, missed)
	require.Equal(t, all, down(), "it is the first moment that counts")

	leave := b.announce(t, contracts.Media)
	require.Eventually(t, func() bool { // as above
		_, missed := down()[contracts.Media]
		return !missed
	}, soon, time.Millisecond)
	leave()
	require.NotContains(t, down(), contracts.Media, "it is counted anew")
	require.Contains(t, down(), contracts.Media)
}

func TestFirstMomentStaysWhenAnotherProjectorTakesOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.leave()
	s := waits(contracts.Media)
	b.publish(t, s.told...)
	stop := b.run(t, b.projector())
	isDown := func() bool { return b.row(t, s).StageDownSince != nil }
	require.Eventually(t, func() bool { // and not at a stage that it was at before
		return len(b.imports(t)) == 1 && b.row(t, s).WaitingFor == contracts.Media && isDown()
	}, soon, 10*time.Millisecond)
	stop()
	before := b.row(t, s)

	p := b.projector()
	later := time.Now().Add(time.Hour)
	require.NoError(t, p.stand(t.Context(), nil, []standing{{Kind: contracts.EventArchive, Stage: contracts.Media, DownSince: &later}}))
	require.Equal(t, before, b.row(t, s))
	require.NoError(t, p.stand(t.Context(), nil, []standing{{Kind: contracts.EventArchive, Stage: contracts.Media}}))
	require.False(t, isDown())
}

func TestTwinWithoutTheLockDoesNotSayHowTheStagesStand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.projector()
	ours, err := p.open(t.Context(), b.broker.Names().ImportsStream())
	require.NoError(t, err)
	m := waits(contracts.Event).told[0]
	batch := []received{{source: ours, sequence: ours.position + 1, stored: m.stored, envelope: m.env, payload: m.payload}}
	theirs := *ours
	require.NoError(t, p.commit(t.Context(), batch))
	since := time.Now()
	seen := []standing{{Kind: contracts.EventArchive, Stage: contracts.Event, DownSince: &since}}
	require.ErrorIs(t, p.stand(t.Context(), []*source{&theirs}, seen), errOvertaken)
	require.EqualValues(t, 1, b.imports(t)[0].Version)
	require.NoError(t, p.stand(t.Context(), []*source{ours}, seen))
	require.EqualValues(t, 2, b.imports(t)[0].Version)
}

func TestFoldForgetsHowAStageStoodWhenTheImportGoesOn(t *testing.T) {
	t.Parallel()
	at := time.Now()
	stalled := func(s *story) Import {
		i := folded(s.told)
		i.StageDownSince, i.StagePausedUntil = &at, &at
		s.told = nil
		return i
	}
	next := func(i Import, s *story) Import {
		m := s.told[len(s.told)-1]
		i, _ = Fold(i, m.env, m.payload, m.stored)
		return i
	}
	for name, goesOn := range map[string]func(*story) *story{
		"a stage begins":  func(s *story) *story { return s.progress(contracts.Progress{Stage: contracts.Media}) },
		"a stage is done": func(s *story) *story { return s.completed(contracts.Media, 0, nil) },
		"it fails":        func(s *story) *story { return s.failed(contracts.Media, "tries_exhausted", "No.", 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waits(contracts.Media)
			i := next(stalled(s), goesOn(s))
			require.Nil(t, i.StageDownSince)
			require.Nil(t, i.StagePausedUntil)
		})
	}
	s := works()
	i := next(stalled(s), s.progress(contracts.Progress{Stage: contracts.Media, Type: contracts.MediaFiles, Done: 4, Total: 188}))
	require.NotNil(t, i.StageDownSince, "what comes late may be of a process that is gone; the next look knows")
}

func TestWaitingSinceIsWhenTheTurnCame(t *testing.T) {
	t.Parallel()
	s := waits(contracts.Media)
	i := folded(s.told)
	require.Equal(t, s.told[len(s.told)-1].stored.Truncate(time.Microsecond), *i.WaitingSince)
	require.Equal(t, i.WaitingSince, i.Task().WaitingSince)
	require.Nil(t, folded(works().told).WaitingSince)
	require.Nil(t, folded(successful().told).WaitingSince)
}
