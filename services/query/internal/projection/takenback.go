package projection

import (
	"slices"
	"time"

	"github.com/usher-events/usher/contracts"
)

// concernsTakenBack tells whether a message matters for an import that was taken
// back: a command that does so as well, and that a stage has cleared it.
func concernsTakenBack(payload contracts.Payload) bool {
	if _, cleared := payload.(*contracts.StageCleared); cleared {
		return true
	}
	_, taken := contracts.TakenBack(payload)
	return taken
}

// takeBack is the end of the import and of all that was made of it. A discard may
// follow a cancel, and not the other way round.
func (i *Import) takeBack(state contracts.State, stored time.Time) {
	if i.State == contracts.Discarded {
		return
	}
	i.end(state, i.Stage, stored)
	i.EventID, i.Result, i.Error, i.Failure = nil, nil, nil, ""
}

// clear notes that a stage has nothing of the import any more. It may be heard of
// before the command, which is of another stream.
func (i *Import) clear(p contracts.Pipeline, s contracts.Stage) {
	if p.Position(s) < 1 || slices.Contains(i.Cleared, s) {
		return
	}
	i.Cleared = append(slices.Clone(i.Cleared), s)
	slices.SortFunc(i.Cleared, func(a, b contracts.Stage) int { return p.Position(a) - p.Position(b) })
}

// clearedKnown is how long it can be known which stages have cleared an import: what
// they tell is kept for a day, and a projection that is made anew later lacks it.
const clearedKnown = 24 * time.Hour

// Cleanup is how many stages have removed what they made of an import that was
// taken back, of how many; nil of every other, and where nobody can know any more.
func (i Import) Cleanup() *contracts.TaskProgress {
	p, ok := contracts.PipelineOf(i.Kind)
	if !ok || !i.State.TakenBack() {
		return nil
	}
	if len(i.Cleared) < len(p.Stages)-1 && time.Since(i.UpdatedAt) > clearedKnown {
		return nil
	}
	return &contracts.TaskProgress{Done: len(i.Cleared), Total: len(p.Stages) - 1}
}
