package projection

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestFoldTellsTheStoryOfAnImport(t *testing.T) {
	t.Parallel()
	s := newStory()
	var i Import
	expect := func(state contracts.State, stage, waiting contracts.Stage, message string) contracts.Task {
		t.Helper()
		for _, m := range s.told {
			next, news := Fold(i, m.env, m.payload, m.stored)
			require.True(t, news)
			require.Equal(t, i.Version+1, next.Version)
			i = next
		}
		s.told = nil
		task := i.Task()
		require.Equal(t, state, task.State)
		require.Equal(t, stage, task.Stage)
		require.Equal(t, waiting, task.WaitingFor)
		require.Equal(t, message, task.Message)
		return task
	}

	s.requested()
	task := expect(contracts.Pending, "", contracts.Event, "Waiting for event")
	require.Nil(t, task.StartedAt)
	require.NotNil(t, task.Progress)
	require.Equal(t, 1, task.Attempt)
	require.Equal(t, "lakeside.zip", i.FileName)

	s.progress(contracts.Progress{Stage: contracts.Event})
	task = expect(contracts.Started, contracts.Event, "", "Checking the archive")
	require.NotNil(t, task.StartedAt)
	began := *task.StartedAt

	s.completed(contracts.Event, 1, map[contracts.EntityType]int{contracts.Events: 1})
	task = expect(contracts.Started, contracts.Event, contracts.People, "Waiting for people")
	require.Equal(t, contracts.TaskProgress{Total: 493}, task.Progress[contracts.Sessions])
	require.Equal(t, contracts.TaskProgress{Done: 1, Total: 1}, task.Progress[contracts.Events])
	require.NotContains(t, task.Progress, contracts.SocialLinks, "there are none")

	s.progress(contracts.Progress{Stage: contracts.People})
	expect(contracts.Started, contracts.People, "", "Importing people")
	s.completed(contracts.People, 2, map[contracts.EntityType]int{contracts.Speakers: 187})
	task = expect(contracts.Started, contracts.People, contracts.Schedule, "Waiting for schedule")
	require.Equal(t, contracts.IssueCounts{Warning: 3}, task.Issues)

	s.progress(contracts.Progress{Stage: contracts.Schedule, Type: contracts.SessionTypes, Done: 3})
	expect(contracts.Started, contracts.Schedule, "", "Importing session types (3)")
	s.progress(contracts.Progress{Stage: contracts.Schedule, Type: contracts.Sessions, Done: 12, Total: 493})
	task = expect(contracts.Started, contracts.Schedule, "", "Importing sessions (12/493)")
	require.Equal(t, contracts.TaskProgress{Done: 12, Total: 493}, task.Progress[contracts.Sessions])
	s.progress(contracts.Progress{Stage: contracts.Schedule, Note: "Try 1 of 8 did not succeed; it will be tried again."})
	expect(contracts.Started, contracts.Schedule, "", "Try 1 of 8 did not succeed; it will be tried again.")
	s.completed(contracts.Schedule, 0, map[contracts.EntityType]int{contracts.Sessions: 490, contracts.SessionSpeakers: 299})
	task = expect(contracts.Started, contracts.Schedule, contracts.Media, "Waiting for media")
	require.Equal(t, contracts.TaskProgress{Done: 490, Total: 493}, task.Progress[contracts.Sessions])
	require.Equal(t, contracts.TaskProgress{Done: 299, Total: 299}, task.Progress[contracts.SessionSpeakers])

	s.progress(contracts.Progress{Stage: contracts.Media, Type: contracts.MediaFiles, Done: 3, Total: 188})
	expect(contracts.Started, contracts.Media, "", "Uploading media (3/188)")
	s.completed(contracts.Media, 5, map[contracts.EntityType]int{contracts.MediaFiles: 188})
	expect(contracts.Started, contracts.Media, contracts.Notify, "Waiting for notify")
	s.progress(contracts.Progress{Stage: contracts.Notify})
	expect(contracts.Started, contracts.Notify, "", "Finishing")
	s.succeeded()
	task = expect(contracts.Success, contracts.Notify, "", "Imported Lakeside Open Days")
	require.Equal(t, began, *task.StartedAt)
	require.True(t, task.FinishedAt.After(began))
	require.Equal(t, "24", task.Result.(*contracts.Result).ID)
	require.EqualValues(t, 24, *i.EventID)
	require.Nil(t, task.Error)
	require.Equal(t, contracts.IssueCounts{Warning: 8}, task.Issues)
}

func TestFoldFailsAtOnceWithTheStage(t *testing.T) {
	t.Parallel()
	s := unsuccessful()
	atOnce := folded(s.told[:len(s.told)-1])
	task := atOnce.Task()
	require.Equal(t, contracts.Failure, task.State)
	require.Equal(t, contracts.Schedule, task.Stage)
	require.Equal(t, "sessions line 12 (id 704): Required field 'title' is missing (and 2 more)", task.Result)
	require.Equal(t, task.Result, task.Message)
	require.Equal(t, "invalid_archive", task.Error.Code)
	require.Equal(t, contracts.Schedule, task.Error.Stage)
	require.Equal(t, []contracts.Issue{missingTitle}, task.Error.Issues)
	require.Equal(t, contracts.IssueCounts{Error: 3, Warning: 1}, task.Issues)
	require.NotNil(t, task.FinishedAt)
	require.Equal(t, contracts.TaskProgress{Total: 493}, task.Progress[contracts.Sessions], "what the stage made is rolled back")
	require.Equal(t, contracts.TaskProgress{Done: 187, Total: 187}, task.Progress[contracts.Speakers])

	require.Equal(t, document(t, atOnce), document(t, folded(s.told)), "the end only confirms it")
}

func TestFoldKeepsTheFirstFailureWhereTheLastStageFailsAsWell(t *testing.T) {
	t.Parallel()
	s := unsuccessful()
	s.told = s.told[:len(s.told)-1] // there is no end
	first := folded(s.told)
	s.failed(contracts.Notify, "tries_exhausted", "The notify stage did not succeed in 8 tries.", 3)
	both := folded(s.told)
	require.Equal(t, document(t, first), document(t, both), "a replay begins with the stage that failed first")

	last := len(s.told) - 1
	s.told[last-1], s.told[last] = s.told[last], s.told[last-1]
	turned := folded(s.told)
	require.Equal(t, contracts.Schedule, turned.Stage)
	require.Equal(t, both.Error, turned.Error)
	require.Equal(t, both.Failure, turned.Failure)
}

func TestFoldGivesTheReasonWhereNoIssueTellsIt(t *testing.T) {
	t.Parallel()
	s := newStory().requested().failed(contracts.Event, "archive_gone", "The uploaded file is not there any more; upload it again.", 0)
	task := folded(s.told).Task()
	require.Equal(t, "The uploaded file is not there any more; upload it again.", task.Result)
	require.Empty(t, task.Error.Issues)
}

func TestFoldOfAReplayKeepsWhatEarlierStagesMade(t *testing.T) {
	t.Parallel()
	task := folded(replayed().told).Task()
	require.Equal(t, contracts.Success, task.State)
	require.Equal(t, 2, task.Attempt)
	require.Nil(t, task.Error)
	require.Equal(t, contracts.TaskProgress{Done: 187, Total: 187}, task.Progress[contracts.Speakers])
	require.Equal(t, contracts.TaskProgress{Done: 493, Total: 493}, task.Progress[contracts.Sessions])
	require.Equal(t, contracts.IssueCounts{Warning: 1}, task.Issues)
}

func TestFoldOfAReplayWaitsForTheStageThatItNames(t *testing.T) {
	t.Parallel()
	s := unsuccessful().replayed(contracts.Schedule)
	task := folded(s.told).Task()
	require.Equal(t, contracts.Started, task.State)
	require.Equal(t, 2, task.Attempt)
	require.Equal(t, contracts.Schedule, task.WaitingFor)
	require.Equal(t, "Waiting for schedule", task.Message)
	require.Nil(t, task.Result)
	require.Nil(t, task.Error)
	require.Nil(t, task.FinishedAt)
	require.Equal(t, s.now.Truncate(time.Microsecond), *task.StartedAt)
	require.Equal(t, contracts.IssueCounts{Warning: 1}, task.Issues, "those of the failed stage are found anew, if at all")
	require.Equal(t, contracts.TaskProgress{Done: 187, Total: 187}, task.Progress[contracts.Speakers], "the earlier stages' stay")
	require.Equal(t, contracts.TaskProgress{Total: 493}, task.Progress[contracts.Sessions])
	require.Equal(t, contracts.TaskProgress{Total: 188}, task.Progress[contracts.MediaFiles])
}

func TestFoldOfAReplayFromTheFirstStageIsAsAfterAnUpload(t *testing.T) {
	t.Parallel()
	s := newStory().requested().failed(contracts.Event, "tries_exhausted", "The event stage did not succeed in 8 tries.", 0).
		replayed(contracts.Event)
	task := folded(s.told).Task()
	require.Equal(t, contracts.Pending, task.State)
	require.Equal(t, contracts.Event, task.WaitingFor)
	require.Equal(t, 2, task.Attempt)
	require.Nil(t, task.StartedAt)
}

func TestFoldOfAReplayMakesAnewFromTheStageThatItNames(t *testing.T) {
	t.Parallel()
	task := folded(replayedTwice().told).Task()
	require.Equal(t, 3, task.Attempt)
	require.Equal(t, "Importing people", task.Message)
	require.Equal(t, contracts.IssueCounts{Warning: 1}, task.Issues)
	require.Equal(t, contracts.TaskProgress{Done: 1, Total: 1}, task.Progress[contracts.Events])
	require.Equal(t, contracts.TaskProgress{Total: 187}, task.Progress[contracts.Speakers])
}

func TestFoldIsNotMovedByTheEndOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	s := unsuccessful()
	end := s.told[len(s.told)-1]
	s.told = s.told[:len(s.told)-1]
	i := folded(s.replayed(contracts.Schedule).told)
	_, news := Fold(i, end.env, end.payload, s.now.Add(time.Second))
	require.False(t, news)
}

func TestFoldTakesADiscardForTheLastWord(t *testing.T) {
	t.Parallel()
	s := replayed()
	s.tell(false, &contracts.DiscardRequested{By: contracts.Owner{Issuer: "usher", Subject: "olga"}})
	i := folded(s.told)
	task := i.Task()
	require.Equal(t, contracts.Discarded, task.State)
	require.Equal(t, "Discarded, cleaning up (0/5)", task.Message)
	require.Nil(t, task.Result)
	require.Nil(t, task.Error)
	require.Nil(t, i.EventID)
	require.NotNil(t, task.FinishedAt)
	for _, late := range s.told {
		_, news := Fold(i, late.env, late.payload, late.stored)
		require.False(t, news)
	}
}

func TestFoldCountsTheStagesThatHaveClearedAnImport(t *testing.T) {
	t.Parallel()
	for name, command := range map[contracts.State]contracts.Payload{
		contracts.Canceled:  &contracts.CancelRequested{By: contracts.Owner{Issuer: "usher", Subject: "olga"}},
		contracts.Discarded: &contracts.DiscardRequested{By: contracts.Owner{Issuer: "usher", Subject: "olga"}},
	} {
		s := unsuccessful()
		s.tell(false, &contracts.StageCleared{Stage: contracts.Media}) // of another stream, so it may come first
		require.Nil(t, folded(s.told).Task().Cleanup)
		s.tell(false, command)
		for range 2 { // it may be told twice
			s.tell(false, &contracts.StageCleared{Stage: contracts.Event})
		}
		task := folded(s.told).Task()
		require.Equal(t, name, task.State)
		require.Equal(t, &contracts.TaskProgress{Done: 2, Total: 5}, task.Cleanup)
		require.Contains(t, task.Message, ", cleaning up (2/5)")
		for _, stage := range []contracts.Stage{contracts.People, contracts.Schedule, contracts.Notify} {
			s.tell(false, &contracts.StageCleared{Stage: stage})
		}
		require.NotContains(t, folded(s.told).Task().Message, "cleaning")
	}
}

func TestFoldComesToTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func() *story{"success": successful, "failure": unsuccessful, "replay": replayed, "two replays": replayedTwice} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			messages := tell().told
			want := document(t, folded(messages))
			for seed := range uint64(400) {
				random := rand.New(rand.NewPCG(seed, 1))
				require.Equal(t, want, document(t, folded(interleaved(random, messages))), "streams side by side, seed %d", seed)
				require.Equal(t, want, document(t, folded(shuffled(random, messages))), "any order, seed %d", seed)
			}
		})
	}
}

// interleaved keeps the order within each stream, and now and then reads a
// stream again from some place before.
func interleaved(random *rand.Rand, messages []told) []told {
	var streams [2][]told
	for _, m := range messages {
		if m.status {
			streams[1] = append(streams[1], m)
		} else {
			streams[0] = append(streams[0], m)
		}
	}
	var read []told
	var at [2]int
	for at[0] < len(streams[0]) || at[1] < len(streams[1]) {
		s := random.IntN(2)
		if at[s] == len(streams[s]) {
			s = 1 - s
		}
		read = append(read, streams[s][at[s]])
		at[s]++
		if random.IntN(12) == 0 {
			at[s] = random.IntN(at[s] + 1)
		}
	}
	return read
}

// shuffled has every message at least once, in no order at all.
func shuffled(random *rand.Rand, messages []told) []told {
	var all []told
	for _, m := range messages {
		for range 1 + random.IntN(2) {
			all = append(all, m)
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestFoldTakesNoMessageForNewsTwice(t *testing.T) {
	t.Parallel()
	messages := replayed().told
	end := folded(messages)
	for _, m := range messages {
		again, news := Fold(end, m.env, m.payload, m.stored)
		require.False(t, news, "%T", m.payload)
		require.Equal(t, end, again)
	}
}

func TestFoldNeverGoesBack(t *testing.T) {
	t.Parallel()
	i := folded(newStory().requested().
		completed(contracts.Event, 0, nil).completed(contracts.People, 0, map[contracts.EntityType]int{contracts.Speakers: 187}).told)
	late := newStory().progress(contracts.Progress{Stage: contracts.People, Type: contracts.Speakers, Done: 12, Total: 187}).told[0]
	late.env.Import = i.ID
	next, _ := Fold(i, late.env, late.payload, late.stored.Add(time.Hour))
	require.Equal(t, "Waiting for schedule", next.Message())
	require.Equal(t, 187, next.Task().Progress[contracts.Speakers].Done)
}

func TestFoldLeavesAloneWhatIsOfAnotherImport(t *testing.T) {
	t.Parallel()
	i := folded(newStory().requested().told)
	other := newStory().requested().told[0]
	next, news := Fold(i, other.env, other.payload, other.stored)
	require.False(t, news)
	require.Equal(t, i, next)
}

func TestFoldDoesNotChangeWhatItWasGiven(t *testing.T) {
	t.Parallel()
	messages := successful().told
	var i Import
	for _, m := range messages {
		before := document(t, i)
		next, _ := Fold(i, m.env, m.payload, m.stored)
		require.Equal(t, before, document(t, i))
		i = next
	}
}
