package desk

import (
	"fmt"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

// attemptView is an attempt of an import, told afterwards.
type attemptView struct {
	N int
	// From is the step with which it began, empty where that is the first one.
	From, By    string
	When, Date  string
	State, Mark string
	Stages      []outcomeView
	Took        string
}

// outcomeView is what a stage came to in an attempt.
type outcomeView struct {
	Name, Word, Mark, Took string
	// Made is what it has made, Reason why it has failed.
	Made, Reason string
}

// attemptsOf tells the attempts, the newest one first.
func attemptsOf(i projection.Import, attempts []tasks.Attempt) []attemptView {
	pipeline, _ := contracts.PipelineOf(i.Kind)
	var views []attemptView
	for _, a := range attempts {
		v := attemptView{
			N: a.Attempt, By: a.RequestedBy.Email, When: a.RequestedAt.Format("2 Jan 2006, 15:04:05 UTC"), Date: a.RequestedAt.Format(time.RFC3339),
			State: stateWordsOf(i.Kind)[a.State], Mark: stateMarks[a.State],
		}
		if pipeline.Position(a.From) > 1 {
			v.From = wordsOf(i.Kind, a.From).name
		}
		if a.FinishedAt != nil {
			v.Took = took(a.FinishedAt.Sub(a.RequestedAt))
		}
		for _, o := range a.Stages {
			if o.Stage == pipeline.Last() && a.State == contracts.Failure && o.Outcome == contracts.OutcomeCompleted {
				continue // it has only told of the failure
			}
			outcome := outcomeView{Name: wordsOf(i.Kind, o.Stage).name, Word: markDone, Mark: markDone, Made: countsWord(o.Counts), Reason: o.Reason}
			if o.Outcome == contracts.OutcomeFailed {
				outcome.Word, outcome.Mark = markFailed, markFailed
			}
			if o.StartedAt != nil {
				outcome.Took = took(o.EndedAt.Sub(*o.StartedAt))
			}
			v.Stages = append(v.Stages, outcome)
		}
		views = append([]attemptView{v}, views...)
	}
	return views
}

// countsWord says what a stage has made: "Rooms: 3, Sessions: 48".
func countsWord(counts map[contracts.EntityType]int) string {
	var parts []string
	for _, t := range contracts.EntityTypes() {
		if n := counts[t]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", typeWord(t), n))
		}
	}
	return strings.Join(parts, ", ")
}
