package desk

import (
	"cmp"
	"fmt"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

// stageView is a stage on the way of an import. Word is its mark for people, and Time
// how long it took, or since when it is at work or waited for.
type stageView struct {
	Stage            contracts.Stage
	Name, Mark, Word string
	Time             string
}

// stagesOf shows the stages in their order.
func stagesOf(p contracts.Pipeline, i projection.Import, attempts []tasks.Attempt) []stageView {
	newest := make(map[contracts.Stage]tasks.Outcome)
	var turn time.Time // of the stage that the import is at
	for _, a := range attempts {
		turn = a.RequestedAt
		for _, o := range a.Stages {
			newest[o.Stage], turn = o, o.EndedAt
		}
	}
	var views []stageView
	for _, s := range p.Stages {
		mark := markOf(p, i, s)
		if i.State.TakenBack() { // how far it had come: no stage has failed by that
			mark = markWaiting
			if _, ended := newest[s]; ended || s == contracts.Ingest {
				mark = markDone
			}
		}
		v := stageView{Stage: s, Name: wordsOf(i.Kind, s).name, Mark: mark, Word: mark}
		at := s == cmp.Or(i.WaitingFor, i.Stage)
		switch o, ended := newest[s]; {
		case at && i.State.TakenBack() && !ended:
			v.Word = "stopped"
		case i.State.Final() && mark == markWaiting:
			v.Word = "not begun" // nothing is waiting any more
		case at && i.StagePausedUntil != nil && !i.State.Final():
			v.Mark, v.Word, v.Time = markHeld, "paused", "until "+clock(*i.StagePausedUntil)
		case at && i.StageDownSince != nil && !i.State.Final():
			v.Mark, v.Word, v.Time = markHeld, "not running", "since "+clock(*i.StageDownSince)
		case at && !i.State.Final() && !turn.IsZero():
			v.Time = "since " + clock(turn)
		case (mark == markDone || mark == markFailed) && ended && o.StartedAt != nil:
			v.Time = took(o.EndedAt.Sub(*o.StartedAt))
		}
		views = append(views, v)
	}
	return views
}

// markOf says how far a stage is.
func markOf(p contracts.Pipeline, i projection.Import, s contracts.Stage) string {
	at := cmp.Or(i.WaitingFor, i.Stage)
	switch {
	case s == contracts.Ingest || i.State == contracts.Success || at != "" && p.Position(s) < p.Position(at):
		return markDone
	case s != at || i.State == contracts.Pending || i.WaitingFor != "":
		return markWaiting
	case i.State.Final():
		return markFailed
	}
	return markRunning
}

// stalled says why nothing goes on, where somebody else has to do something about it.
func stalled(i projection.Import) string {
	if i.State.Final() {
		return ""
	}
	name := wordsOf(i.Kind, cmp.Or(i.WaitingFor, i.Stage)).name
	switch {
	case i.StagePausedUntil != nil:
		return fmt.Sprintf("The step “%s” is paused until %s. The import waits, and goes on by itself then.", name, clock(*i.StagePausedUntil))
	case i.StageDownSince != nil:
		return fmt.Sprintf("The step “%s” is not running since %s. The import waits, and goes on by itself once it is.", name, clock(*i.StageDownSince))
	}
	return ""
}

// clock is a time for people, in UTC, for nobody knows where they are.
func clock(t time.Time) string { return t.UTC().Format("2 Jan 15:04 UTC") }

// took says how long something took.
func took(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", max(d, 100*time.Millisecond).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
