package stage

import (
	"iter"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
)

// progressEvery is how often a run tells how far it is, at most.
const progressEvery = 100 * time.Millisecond

// progress paces what a run tells. It is safe for concurrent use. The first telling is
// that the run has begun: a short one has no other.
type progress struct {
	mu   sync.Mutex
	last time.Time
}

func (p *progress) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.last) < progressEvery {
		return false
	}
	p.last = now
	return true
}

// told notes that something was told just now.
func (p *progress) told() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
}

// Progress tells that n of a type are done. It costs little: most calls tell
// nothing, because the last telling was just before.
func (r *Run) Progress(t contracts.EntityType, n int) {
	if r.progress.due() {
		r.tell(contracts.Progress{Type: t, Done: n, Total: r.Carried.Totals[t]})
	}
}

// tell sends progress on its way without waiting. Losing it costs nothing, so
// an error is not even worth a try.
func (r *Run) tell(p contracts.Progress) {
	r.progress.told()
	p.Stage = r.stage.Name
	b, err := contracts.Encode(r.envelope(), &p)
	if err != nil {
		return
	}
	_ = r.Broker.Tell(r.Broker.Names().Status(r.stage.Kind, r.ImportID), b)
}

// envelope begins a message of this run.
func (r *Run) envelope() contracts.Envelope { return r.stage.answer(r.Envelope) }

// answer begins a message of the stage about the import of another one.
func (s Stage) answer(env contracts.Envelope) contracts.Envelope {
	env.ID = uuid.Must(uuid.NewV7()).String()
	env.Time = time.Now().UTC()
	env.Source = string(s.Name)
	return env
}

// watched passes rows through and tells how many went by.
func (r *Run) watched(t contracts.EntityType, rows iter.Seq2[any, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		n := r.counts[t]
		for row, err := range rows {
			if !yield(row, err) {
				return
			}
			n++
			r.Progress(t, n)
		}
	}
}
