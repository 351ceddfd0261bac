package stage

// Step is a place in a run where a process may die. What it leaves there is what
// the next try has to go on from.
type Step string

// The steps, in their order. A stage with effects passes the fence and the commit
// twice: for its rows, and for what its effects came to.
const (
	BeforeRead    Step = "before read"
	AfterRead     Step = "after read"
	BeforeFence   Step = "before fence"
	AfterFence    Step = "after fence"
	BeforeCommit  Step = "before commit"
	AfterCommit   Step = "after commit"
	BeforeEffects Step = "before effects"
	AfterEffects  Step = "after effects"
	BeforeRemaps  Step = "before remaps"
	AfterRemaps   Step = "after remaps"
	BeforeOutcome Step = "before outcome"
	AfterOutcome  Step = "after outcome"
	BeforeAck     Step = "before ack"
)

// Steps lists all of them.
func Steps() []Step {
	return []Step{
		BeforeRead, AfterRead, BeforeFence, AfterFence, BeforeCommit, AfterCommit, BeforeEffects, AfterEffects,
		BeforeRemaps, AfterRemaps, BeforeOutcome, AfterOutcome, BeforeAck,
	}
}

func (r Resources) reach(s Step) {
	if r.Reached != nil {
		r.Reached(s)
	}
}
