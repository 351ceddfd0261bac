package projection

import "github.com/usher-events/usher/contracts"

// Count is how many of one entity type are made, of how many. Counts are
// joined, not replaced: whatever the order in which they come and however
// often, the same ones come to the same.
type Count struct {
	Done  int `json:"done"`
	Total int `json:"total"`
	// Attempt is the one that it is about; a later one makes anew.
	Attempt int `json:"attempt"`
	// Settled tells that the stage has ended: Done is what it has left, and no
	// progress that comes late can be more.
	Settled bool `json:"settled,omitempty"`
}

func (c Count) join(d Count) Count {
	if c.Attempt != d.Attempt {
		if c.Attempt > d.Attempt {
			return c
		}
		return d
	}
	joined := Count{Attempt: c.Attempt, Total: max(c.Total, d.Total), Settled: c.Settled || d.Settled}
	switch {
	case c.Settled == d.Settled:
		joined.Done = max(c.Done, d.Done)
	case c.Settled:
		joined.Done = c.Done
	default:
		joined.Done = d.Done
	}
	return joined
}

// shown never says that more is done than there is; what nobody has counted
// beforehand is known once it is made.
func (c Count) shown() contracts.TaskProgress {
	p := contracts.TaskProgress{Done: c.Done, Total: c.Total}
	if c.Settled || c.Total > 0 {
		p.Total = max(c.Total, c.Done)
	}
	return p
}

// count notes a count, but of a check, which makes nothing: what there would be to
// make is in its result.
func (i *Import) count(t contracts.EntityType, c Count) {
	if !i.Kind.Check() {
		i.Progress[t] = i.Progress[t].join(c)
	}
}

// settle notes what a stage has left of each type that it makes: nothing where
// made has none, as after a failure, whose rows are rolled back.
func (i *Import) settle(s contracts.Stage, attempt int, made map[contracts.EntityType]int) {
	for _, t := range contracts.EntityTypes() {
		if i.Kind.Maker(t) == s {
			i.count(t, Count{Done: made[t], Attempt: attempt, Settled: true})
		}
	}
}

// expect notes how many there are to make from stage s on. What stages before
// it have made is not touched: a replay does not make it again.
func (i *Import) expect(p contracts.Pipeline, s contracts.Stage, attempt int, totals map[contracts.EntityType]int) {
	for t, total := range totals {
		if p.Position(i.Kind.Maker(t)) >= p.Position(s) {
			i.count(t, Count{Total: total, Attempt: attempt})
		}
	}
}
