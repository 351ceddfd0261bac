package chaos

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usher-events/usher/contracts"
)

// The lengths of what is done to a victim.
const (
	longestAway = 6 * time.Second
	// Half of those that are frozen wake up soon; the others only after the broker
	// has given what they held to somebody else, who has had time to work on it.
	shortFreeze, longFreeze = 4 * time.Second, 24 * time.Second
	beyondAckWait           = 17 * time.Second
	// between is the mean time between two strikes, and between two commands.
	between = 2500 * time.Millisecond
)

// strike is harm done to a victim at a moment.
type strike struct {
	at     time.Duration
	victim string
	how    string
	length time.Duration
}

// The ways to harm a victim.
const (
	killed    = "killed"
	frozen    = "frozen"
	restarted = "restarted"
)

// order is a command about some import at a moment. Which one it is about depends
// on which there are by then; which decides among them.
type order struct {
	at    time.Duration
	what  string
	which uint64
}

// The commands.
const (
	replay = "replay"
	cancel = "cancel"
	remove = "discard"
)

// plan is the mischief of a run.
type plan struct {
	strikes []strike
	orders  []order
}

// newPlan chooses what is done in a length of time. No victim is harmed while it
// still is.
func newPlan(random *rand.Rand, victims []string, length time.Duration) plan {
	var p plan
	busy := make(map[string]time.Duration)
	for at := wait(random); at < length; at += wait(random) {
		s := strike{at: at, victim: victims[random.IntN(len(victims))]}
		if random.IntN(6) == 0 { // what all the others stand on
			s.victim = []string{"nats", "postgres"}[random.IntN(2)]
		}
		switch n := random.IntN(10); {
		case n < 5:
			s.how, s.length = killed, time.Duration(random.Int64N(int64(longestAway)))
		case n < 7:
			s.how, s.length = frozen, time.Duration(random.Int64N(int64(shortFreeze)))
		case n < 9:
			s.how, s.length = frozen, beyondAckWait+time.Duration(random.Int64N(int64(longFreeze-beyondAckWait)))
		default:
			s.how = restarted
		}
		if busy[s.victim] > at {
			continue
		}
		busy[s.victim] = at + s.length + time.Second
		p.strikes = append(p.strikes, s)
	}
	for at := wait(random); at < length; at += wait(random) {
		what := []string{replay, replay, cancel, remove}[random.IntN(4)]
		p.orders = append(p.orders, order{at: at, what: what, which: random.Uint64()})
	}
	return p
}

func wait(random *rand.Rand) time.Duration {
	return time.Duration(random.ExpFloat64() * float64(between))
}

// obeyed is a command that was accepted: from then on it is a promise.
type obeyed struct {
	what    string
	id      string
	attempt int
}

// mischief carries a plan out.
type mischief struct {
	w    *world
	load *load
	tell func(format string, args ...any)

	mu      sync.Mutex
	done    map[string]int
	obeyed  []obeyed
	answers map[string]int
	err     error
}

// run returns when all is done and every victim runs again.
func (m *mischief) run(ctx context.Context, p plan) error {
	var group sync.WaitGroup
	victims := m.w.victims()
	for _, s := range p.strikes {
		group.Go(func() {
			if pause(ctx, s.at) {
				m.strike(ctx, victims[s.victim], s)
			}
		})
	}
	for _, o := range p.orders {
		group.Go(func() {
			if pause(ctx, o.at) {
				m.command(ctx, o)
			}
		})
	}
	group.Wait()
	return m.err
}

func (m *mischief) strike(ctx context.Context, v victim, s strike) {
	m.tell("%s is %s for %s", s.victim, s.how, s.length.Round(10*time.Millisecond))
	var err error
	switch s.how {
	case killed:
		err = v.kill(ctx, s.length)
	case frozen:
		err = v.freeze(ctx, s.length)
	case restarted:
		err = v.restart(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[s.how]++
	if err != nil {
		m.err = cmp.Or(m.err, fmt.Errorf("%s is %s: %w", s.victim, s.how, err))
	}
}

// command sends a command once. Any answer is right that the import's course does
// not contradict; the verdict looks at that.
func (m *mischief) command(ctx context.Context, o order) {
	s := m.about(o)
	if s == nil {
		return
	}
	r := request{header: map[string]string{"Content-Type": "application/json"}}
	switch o.what {
	case replay:
		r.method, r.path = http.MethodPost, "/v1/imports/"+s.id+"/replay"
	case cancel:
		r.method, r.path = http.MethodPost, "/v1/imports/"+s.id+"/cancel"
	case remove:
		r.method, r.path = http.MethodDelete, "/v1/imports/"+s.id
	}
	var err error
	if r.token, err = m.w.token(s.owner); err != nil {
		return
	}
	status, answer, err := m.w.to(ctx, contracts.IngestService, r)
	said := fmt.Sprint(status)
	if err != nil {
		said = "no answer"
	}
	m.tell("%s %s: %s", o.what, s.id, said)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[o.what+" "+said]++
	if status != http.StatusAccepted && status != http.StatusNoContent {
		return
	}
	var accepted struct{ Attempt int }
	_ = json.Unmarshal(answer, &accepted) // only replays tell an attempt
	m.obeyed = append(m.obeyed, obeyed{o.what, s.id, accepted.Attempt})
}

// about chooses the import of a command, nil where there is none yet. Most replays
// are of imports that will fail, and most cancels of those that may still run:
// any other is only refused.
func (m *mischief) about(o order) *shipment {
	all := m.load.soFar()
	if o.which%8 != 0 {
		switch o.what {
		case replay:
			all = slices.DeleteFunc(slices.Clone(all), func(s *shipment) bool { return s.want != contracts.Failure })
		case cancel:
			all = all[max(0, len(all)-5):]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[o.which/8%uint64(len(all))]
}

// summary tells how often something was done: "12 killed, 3 restarted".
func summary(counts map[string]int) string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%d %s", counts[what], what))
	}
	return strings.Join(all, ", ")
}
