package projection

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Fold returns what is known of an import after one more message, and whether
// that differs from before; then the version is one higher. stored is when the
// broker stored the message.
//
// The result does not depend on the order of the messages nor on how often one
// comes, but for version and time of the last change: attempts only rise,
// stages only go on, counts are joined, what is final stays. So the streams may
// be read side by side, and again from any place. Of an import that was taken back
// only how its clearing goes on matters: counts that come later are of what is gone.
//
// Whether processes run the stage that it is at is no part of that: no message
// tells it, so it cannot be folded again. It is noted beside (see standing) and
// only forgotten here, when the import goes on to another stage.
func Fold(state Import, env contracts.Envelope, payload contracts.Payload, stored time.Time) (Import, bool) {
	pipeline, ok := contracts.PipelineOf(env.Kind)
	if !ok || env.Attempt < 1 || state.ID != "" && (state.ID != env.Import || state.Kind != env.Kind) {
		return state, false
	}
	if _, edited := payload.(*contracts.EventEdited); edited {
		return state, false // it is for those who give commands
	}
	// The database keeps microseconds; with more a message would seem to be
	// news when it comes again.
	stored = stored.UTC().Truncate(time.Microsecond)
	if state.State.TakenBack() && !concernsTakenBack(payload) {
		return state, false // whatever comes late
	}
	next := state.clone()
	if next.ID == "" {
		next.begin(env, stored)
	}
	if env.Attempt > next.Attempt {
		next.restart(env.Attempt)
	}
	// Of an earlier attempt only what it has made may still matter.
	current := env.Attempt == next.Attempt

	switch m := payload.(type) {
	case *contracts.ImportRequested:
		next.FileName, next.Size, next.SHA256 = storable(m.FileName), m.Size, storable(m.SHA256)
		next.request(pipeline, stored)
	case *contracts.ExportRequested:
		next.FileName = storable(m.FileName)
		next.request(pipeline, stored)
	case *contracts.Progress:
		next.progress(pipeline, env, m, stored, current)
	case *contracts.StageFailed:
		next.fail(pipeline, env, m, stored, current)
	case *contracts.ReplayRequested:
		next.replay(pipeline, env, m, stored, current)
	case *contracts.CancelRequested:
		next.takeBack(contracts.Canceled, stored)
	case *contracts.DiscardRequested:
		next.takeBack(contracts.Discarded, stored)
	case *contracts.StageCleared:
		next.clear(pipeline, m.Stage)
	case *contracts.ImportFinished:
		if current {
			next.finish(pipeline, m, stored)
		}
	default:
		if c, ok := contracts.CompletedOf(payload); ok {
			next.complete(pipeline, env, stageOf(pipeline, payload), c, stored, current)
		}
	}
	if reflect.DeepEqual(next, state.clone()) {
		return state, false
	}
	next.Version++
	next.UpdatedAt = stored
	if stored.Before(state.UpdatedAt) {
		next.UpdatedAt = state.UpdatedAt
	}
	return next, true
}

// begin notes what every message says of its import.
func (i *Import) begin(env contracts.Envelope, stored time.Time) {
	i.ID = env.Import
	i.Kind = env.Kind
	i.OwnerIss, i.OwnerSub, i.OwnerEmail = storable(env.Owner.Issuer), storable(env.Owner.Subject), storable(env.Owner.Email)
	i.CreatedAt = stored // until the request itself is known
}

// restart forgets how the attempts before went. The file and what earlier
// stages have made stay.
func (i *Import) restart(attempt int) {
	i.Attempt = attempt
	i.State = contracts.Pending
	i.Stage, i.Making, i.Note, i.ToldAt = "", "", "", nil
	i.await("", nil)
	i.IssuesError, i.IssuesWarning, i.IssuesInfo = 0, 0, 0
	i.EventID, i.Result, i.Error, i.Failure = nil, nil, nil, ""
	i.StartedAt, i.FinishedAt = nil, nil
}

func (i *Import) request(p contracts.Pipeline, stored time.Time) {
	if !i.CreatedAt.Equal(stored) { // also where it was read back in another zone
		i.CreatedAt = stored
	}
	if i.Attempt == 1 {
		i.advance(p, contracts.Ingest, true, stored)
	}
}

// replay begins an attempt in the middle of the pipeline: what the stages before
// have made and found is as they have left it.
func (i *Import) replay(p contracts.Pipeline, env contracts.Envelope, m *contracts.ReplayRequested, stored time.Time, current bool) {
	before, ok := p.Before(m.From)
	if !ok {
		return
	}
	i.expect(p, m.From, env.Attempt, m.Totals)
	if !current {
		return
	}
	i.find(m.Issues)
	if before != contracts.Ingest { // else nothing of this attempt is done yet
		i.StartedAt = earlier(i.StartedAt, stored)
	}
	i.advance(p, before, true, stored)
}

func (i *Import) progress(p contracts.Pipeline, env contracts.Envelope, m *contracts.Progress, stored time.Time, current bool) {
	if p.Position(m.Stage) < 1 {
		return
	}
	if m.Type != "" && i.Kind.Maker(m.Type) == m.Stage {
		i.count(m.Type, Count{Done: m.Done, Total: m.Total, Attempt: env.Attempt})
	}
	if !current {
		return
	}
	i.StartedAt = earlier(i.StartedAt, stored)
	i.advance(p, m.Stage, false, stored)
	if i.State.Final() || i.Stage != m.Stage || i.WaitingFor != "" {
		return
	}
	// Of what one stage says the newest counts, by its own clock.
	told := env.Time.UTC().Truncate(time.Microsecond)
	if i.ToldAt == nil || cmp.Or(told.Compare(*i.ToldAt), cmp.Compare(m.Type, i.Making), cmp.Compare(m.Note, i.Note)) > 0 {
		i.Making, i.Note, i.ToldAt = m.Type, storable(m.Note), &told
	}
}

func (i *Import) complete(p contracts.Pipeline, env contracts.Envelope, s contracts.Stage, c contracts.Completed, stored time.Time, current bool) {
	i.settle(s, env.Attempt, c.Counts)
	i.expect(p, s, env.Attempt, c.Totals)
	if current {
		i.StartedAt = earlier(i.StartedAt, began(env, c.StartedAt, stored))
		i.find(c.Issues)
		i.advance(p, s, true, stored)
	}
}

func (i *Import) fail(p contracts.Pipeline, env contracts.Envelope, m *contracts.StageFailed, stored time.Time, current bool) {
	i.settle(m.Stage, env.Attempt, nil)
	i.expect(p, m.Stage, env.Attempt, m.Totals)
	if !current || i.State == contracts.Success {
		return
	}
	i.StartedAt = earlier(i.StartedAt, began(env, m.StartedAt, stored))
	i.find(m.Issues)
	// Notify, which hears of a failure, may fail as well. The reason is the first
	// one, and what a replay begins with.
	if i.State == contracts.Failure && p.Position(i.Stage) < p.Position(m.Stage) {
		return
	}
	// This is the fact; the end of the import, should it be known already, only repeats it.
	i.end(contracts.Failure, m.Stage, stored)
	i.Failure = storable(cmp.Or(contracts.Summary(m.FirstIssues, m.Found), m.Reason))
	i.Error = taskError(i.Kind, m.Code, m.Reason, m.Stage, m.FirstIssues)
}

func (i *Import) finish(p contracts.Pipeline, m *contracts.ImportFinished, stored time.Time) {
	i.find(m.Issues)
	switch {
	case m.State == contracts.Success:
		i.end(contracts.Success, p.Last(), stored)
		i.Failure, i.Error = "", nil
		i.Result = m.Result
		if m.Result != nil {
			if id, err := strconv.ParseInt(m.Result.ID, 10, 64); err == nil { // an id that is none names no event
				i.EventID = &id
			}
		}
	case i.State == contracts.Failure:
		i.end(contracts.Failure, i.Stage, stored)
	case i.State != contracts.Success:
		i.end(contracts.Failure, m.FailedStage, stored)
		i.Failure = storable(m.Failure)
		i.Error = taskError(i.Kind, m.Code, m.Failure, m.FailedStage, m.FirstIssues)
	}
}

// end makes the state final, at the time when that was first known.
func (i *Import) end(state contracts.State, s contracts.Stage, stored time.Time) {
	i.State, i.Stage = state, s
	i.Making, i.Note, i.ToldAt = "", "", nil
	i.await("", nil)
	i.FinishedAt = earlier(i.FinishedAt, stored)
}

// advance goes on to a stage, or past it where it is done, and never back.
func (i *Import) advance(p contracts.Pipeline, s contracts.Stage, done bool, stored time.Time) {
	if i.State.Final() || step(p, s, done) <= i.step(p) {
		return
	}
	i.State, i.Stage = contracts.Started, s
	if s == contracts.Ingest {
		i.State, i.Stage = contracts.Pending, ""
	}
	i.await("", nil)
	if next, ok := p.After(s); ok && done {
		i.await(next, &stored)
	}
	i.Making, i.Note, i.ToldAt = "", "", nil
}

// await notes which stage has to begin, and since when. What was known of the
// processes of the stage before, or of the attempt before, says nothing of it.
func (i *Import) await(s contracts.Stage, since *time.Time) {
	i.WaitingFor, i.WaitingSince = s, since
	i.StageDownSince, i.StagePausedUntil = nil, nil
}

// step numbers the way through a pipeline: each stage begins, then it is done.
func step(p contracts.Pipeline, s contracts.Stage, done bool) int {
	n := 2 * p.Position(s)
	if done {
		n++
	}
	return n
}

func (i *Import) step(p contracts.Pipeline) int {
	if before, ok := p.Before(i.WaitingFor); ok {
		return step(p, before, true)
	}
	return step(p, i.Stage, false) // below all where there is none
}

// find notes how many issues there are so far; along a pipeline they only grow.
func (i *Import) find(c contracts.IssueCounts) {
	i.IssuesError = max(i.IssuesError, c.Error)
	i.IssuesWarning = max(i.IssuesWarning, c.Warning)
	i.IssuesInfo = max(i.IssuesInfo, c.Info)
}

// stageOf returns the stage that a completion is of.
func stageOf(p contracts.Pipeline, payload contracts.Payload) contracts.Stage {
	for _, s := range p.Stages {
		if own := contracts.CompletionOf(s, contracts.Completed{}); own != nil && own.MessageType() == payload.MessageType() {
			return s
		}
	}
	return ""
}

func taskError(kind contracts.Kind, code, detail string, s contracts.Stage, issues []contracts.Issue) *contracts.TaskError {
	if len(issues) == 0 {
		issues = nil // as it is read back
	}
	title := "The import failed"
	if kind == contracts.EventExport {
		title = "The export failed"
	}
	return &contracts.TaskError{
		Type:   "about:blank",
		Title:  title,
		Detail: detail,
		Code:   code,
		Stage:  s,
		Issues: issues,
	}
}

// began is when a stage with an outcome began, by the clock of the broker: the
// stage's own clock only says how long ago that was.
func began(env contracts.Envelope, startedAt, stored time.Time) time.Time {
	if took := env.Time.Sub(startedAt); !startedAt.IsZero() && took > 0 {
		return stored.Add(-took).Truncate(time.Microsecond)
	}
	return stored
}

func earlier(t *time.Time, u time.Time) *time.Time {
	if t != nil && !u.Before(*t) {
		return t
	}
	return &u
}

// storable takes out what PostgreSQL cannot store in a text, so that no message
// can stop the projector.
func storable(s string) string { return strings.ReplaceAll(s, "\x00", "") }
