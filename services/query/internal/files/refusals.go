package files

import (
	"sync"
	"time"

	"github.com/usher-events/usher/pkg/problem"
)

const (
	// refusedFor is how long a refusal is remembered: one for the time it took
	// may have been the fault of a busy machine.
	refusedFor = 10 * time.Minute
	// refusalsKept bounds how many are.
	refusalsKept = 10_000
)

// refusals remember of which files no copy could be made, so that asking again
// and again costs nothing: finding out may have taken half a minute.
type refusals struct {
	mu   sync.Mutex
	kept map[string]refused
}

type refused struct {
	problem *problem.Problem
	until   time.Time
}

func newRefusals() *refusals { return &refusals{kept: make(map[string]refused)} }

// of returns why a key was refused, nil where it was not.
func (r *refusals) of(key string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, ok := r.kept[key]; ok && time.Now().Before(found.until) {
		return found.problem
	}
	return nil
}

func (r *refusals) add(key string, p *problem.Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= refusalsKept {
		clear(r.kept) // the worst of it is that some are found out again
	}
	r.kept[key] = refused{p, time.Now().Add(refusedFor)}
}
