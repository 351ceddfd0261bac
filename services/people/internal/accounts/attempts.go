package accounts

import (
	"strconv"
	"sync"
	"time"
)

const (
	// A login may fail so many times in a row, and once more after each
	// recovery. It is the login as it was typed: whoever locks out a nick must not
	// learn by it which address belongs to it.
	loginAttempts = 10
	loginRecovery = time.Minute
	// A client may fail more often: a venue has many people behind one address.
	clientAttempts = 50
	clientRecovery = 5 * time.Second

	// attemptsKept bounds how many keys are remembered: some 10 MB, and 40 where
	// somebody sends the longest ones.
	attemptsKept = 50_000
)

// attempts count what has failed by a key, and forget one failure after each
// recovery. Each process counts for itself and begins with none, so several replicas
// allow as many times more: still far from what guessing takes.
type attempts struct {
	most     int
	recovery time.Duration

	mu sync.Mutex
	// spent is until when the failures of a key are remembered.
	spent map[string]time.Time
}

func newAttempts(most int, recovery time.Duration) *attempts {
	return &attempts{most: most, recovery: recovery, spent: make(map[string]time.Time)}
}

// take counts an attempt as failed, before it is known, so that many at once are
// not more than one after another. It returns how long to wait where there have been
// too many; nothing is counted then.
func (a *attempts) take(key string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	until, known := a.spent[key]
	if until.Before(now) {
		until = now
	}
	until = until.Add(a.recovery)
	if wait := until.Sub(now) - time.Duration(a.most)*a.recovery; wait > 0 {
		return wait
	}
	if !known && len(a.spent) >= attemptsKept {
		a.forget(now)
	}
	a.spent[key] = until
	return 0
}

// giveBack uncounts an attempt that did not fail.
func (a *attempts) giveBack(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if until, ok := a.spent[key]; ok {
		a.spent[key] = until.Add(-a.recovery)
	}
}

// forget makes room. Whoever has so many keys that all of them count could begin
// anew for each of them anyway.
func (a *attempts) forget(now time.Time) {
	for key, until := range a.spent {
		if until.Before(now) {
			delete(a.spent, key)
		}
	}
	if len(a.spent) >= attemptsKept {
		clear(a.spent)
	}
}

// seconds is a duration as Retry-After has it, at least one second.
func seconds(d time.Duration) string {
	return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second)))
}
