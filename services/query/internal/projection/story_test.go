package projection

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// told is one message of a story and when the broker stored it.
type told struct {
	status  bool // on the stream STATUS
	env     contracts.Envelope
	payload contracts.Payload
	stored  time.Time
}

// story is what the streams tell of one import.
type story struct {
	id      string
	attempt int
	now     time.Time
	carried contracts.Carried
	told    []told
}

func newStory() *story {
	return &story{
		id: uuid.NewString(), attempt: 1, now: time.Date(2031, 5, 2, 8, 0, 0, 123456789, time.UTC),
		carried: contracts.Carried{Blob: "archives/a", FileName: "lakeside.zip"},
	}
}

var olga = contracts.Owner{Issuer: "usher", Subject: "olga", Email: "olga@organizers.example"}

func (s *story) tell(status bool, payload contracts.Payload) *story {
	s.now = s.now.Add(17 * time.Millisecond)
	s.told = append(s.told, told{
		status: status,
		env: contracts.Envelope{
			Type: payload.MessageType(), ID: uuid.NewString(), Time: s.now.Add(-time.Millisecond), Source: "story",
			Import: s.id, Kind: contracts.EventArchive, Attempt: s.attempt, Owner: olga,
		},
		payload: payload,
		stored:  s.now,
	})
	return s
}

func (s *story) requested() *story {
	return s.tell(false, &contracts.ImportRequested{Blob: s.carried.Blob, FileName: s.carried.FileName, Size: 4711, SHA256: "ab12"})
}

func (s *story) progress(p contracts.Progress) *story { return s.tell(true, &p) }

// making tells the beginning of a stage and some of what it makes.
func (s *story) making(stage contracts.Stage, t contracts.EntityType, total int) *story {
	s.progress(contracts.Progress{Stage: stage})
	for done := 1; done <= total; done += 1 + total/3 {
		s.progress(contracts.Progress{Stage: stage, Type: t, Done: done, Total: total})
	}
	return s
}

func (s *story) completed(stage contracts.Stage, warnings int, counts map[contracts.EntityType]int) *story {
	if stage == contracts.Event {
		s.carried.Totals = map[contracts.EntityType]int{
			contracts.Events: 1, contracts.Speakers: 187, contracts.Sessions: 493, contracts.MediaFiles: 188,
		}
		s.carried.Event = &contracts.EventFacts{ID: "24", Identifier: "c4f1a9e2", Name: "Lakeside Open Days", Timezone: "Europe/Zurich"}
	}
	s.carried.Issues.Warning += warnings
	return s.tell(false, contracts.CompletionOf(stage, contracts.Completed{
		Carried: s.carried, Counts: maps.Clone(counts), StartedAt: s.now,
		Found: contracts.IssueCounts{Warning: warnings},
	}))
}

func (s *story) failed(stage contracts.Stage, code, reason string, errors int, first ...contracts.Issue) *story {
	carried := s.carried
	carried.Issues.Error += errors
	return s.tell(false, &contracts.StageFailed{
		Carried: carried, Stage: stage, Code: code, Reason: reason, Tries: 1, StartedAt: s.now,
		Found: contracts.IssueCounts{Error: errors}, FirstIssues: first,
	})
}

func (s *story) succeeded() *story {
	return s.tell(false, &contracts.ImportFinished{
		State: contracts.Success, Issues: s.carried.Issues,
		Result: &contracts.Result{ID: "24", Identifier: "c4f1a9e2", EventName: "Lakeside Open Days", URL: "https://usher.example/e/c4f1a9e2"},
	})
}

// replayed begins the next attempt with what the story carries.
func (s *story) replayed(from contracts.Stage) *story {
	s.attempt++
	return s.tell(false, &contracts.ReplayRequested{Carried: s.carried, From: from, By: olga})
}

// successful is an import from its request to its end.
func successful() *story {
	return newStory().requested().
		making(contracts.Event, contracts.SocialLinks, 3).
		completed(contracts.Event, 1, map[contracts.EntityType]int{contracts.Events: 1, contracts.SocialLinks: 3}).
		making(contracts.People, contracts.Speakers, 187).
		completed(contracts.People, 2, map[contracts.EntityType]int{contracts.Speakers: 187}).
		making(contracts.Schedule, contracts.Sessions, 493).
		progress(contracts.Progress{Stage: contracts.Schedule, Note: "Try 1 of 8 did not succeed; it will be tried again."}).
		making(contracts.Schedule, contracts.Sessions, 493).
		completed(contracts.Schedule, 0, map[contracts.EntityType]int{contracts.Sessions: 490, contracts.SessionSpeakers: 299}).
		making(contracts.Media, contracts.MediaFiles, 188).
		completed(contracts.Media, 5, map[contracts.EntityType]int{contracts.MediaFiles: 188}).
		progress(contracts.Progress{Stage: contracts.Notify}).
		succeeded()
}

var missingTitle = contracts.Issue{
	Severity: contracts.Error, Code: "required_field_missing", File: "sessions", Line: 12, SourceID: "704",
	Message: "Required field 'title' is missing",
}

// unsuccessful is an import whose schedule cannot be made.
func unsuccessful() *story {
	s := newStory().requested().
		making(contracts.Event, contracts.SocialLinks, 3).
		completed(contracts.Event, 1, map[contracts.EntityType]int{contracts.Events: 1}).
		making(contracts.People, contracts.Speakers, 187).
		completed(contracts.People, 0, map[contracts.EntityType]int{contracts.Speakers: 187}).
		making(contracts.Schedule, contracts.Sessions, 493).
		failed(contracts.Schedule, "invalid_archive", "The archive is not valid.", 3, missingTitle)
	return s.tell(false, &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The archive is not valid.", FailedStage: contracts.Schedule, Code: "invalid_archive",
		Issues: contracts.IssueCounts{Error: 3, Warning: 1}, FirstIssues: []contracts.Issue{missingTitle},
	})
}

// replayed is one that fails and then succeeds from the failed stage on.
func replayed() *story {
	return unsuccessful().replayed(contracts.Schedule).making(contracts.Schedule, contracts.Sessions, 493).
		completed(contracts.Schedule, 0, map[contracts.EntityType]int{contracts.Sessions: 493, contracts.SessionSpeakers: 299}).
		making(contracts.Media, contracts.MediaFiles, 188).
		completed(contracts.Media, 0, map[contracts.EntityType]int{contracts.MediaFiles: 188}).
		succeeded()
}

// replayedTwice fails in two attempts, the second of which began at an earlier
// stage than the one that had failed, and is begun anew a third time.
func replayedTwice() *story {
	s := unsuccessful()
	requested := contracts.Carried{Blob: s.carried.Blob, FileName: s.carried.FileName}
	checked := s.carried
	s.carried = requested
	s.replayed(contracts.Event)
	s.carried = checked
	s.making(contracts.Event, contracts.SocialLinks, 3).
		completed(contracts.Event, 0, map[contracts.EntityType]int{contracts.Events: 1}).
		making(contracts.People, contracts.Speakers, 187).
		failed(contracts.People, "tries_exhausted", "The people stage did not succeed in 8 tries.", 0).
		tell(false, &contracts.ImportFinished{
			State: contracts.Failure, Failure: "The people stage did not succeed in 8 tries.", FailedStage: contracts.People, Code: "tries_exhausted",
			Issues: contracts.IssueCounts{Warning: 1},
		})
	return s.replayed(contracts.People).
		progress(contracts.Progress{Stage: contracts.People})
}

// folded is what messages come to, from nothing.
func folded(messages []told) Import {
	var i Import
	for _, m := range messages {
		i, _ = Fold(i, m.env, m.payload, m.stored)
	}
	return i
}

// document is what is known of an import as text, without what depends on the
// order in which it became known.
func document(t *testing.T, i Import) string {
	t.Helper()
	i.Version, i.UpdatedAt = 0, time.Time{}
	i.CreatedAt = i.CreatedAt.UTC()
	b, err := json.MarshalIndent(map[string]any{"task": i.Task(), "import": i, "started": utc(i.StartedAt), "finished": utc(i.FinishedAt)}, "", " ")
	require.NoError(t, err)
	return string(b)
}
