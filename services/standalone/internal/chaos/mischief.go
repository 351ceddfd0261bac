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
	// The mean times between two strikes, and between two commands.
	betweenStrikes, betweenOrders = 1200 * time.Millisecond, 550 * time.Millisecond
	// exportTakes is about how long an export is worked on.
	exportTakes = 200 * time.Millisecond
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
	// beside is, of an export, the command that comes so much later, while it may be worked
	// on: a cancel is its own, any other is about its event. Empty where none comes.
	beside string
	later  time.Duration
}

// The commands.
const (
	replay = "replay"
	// force is the replay of one that has succeeded.
	force  = "forced replay"
	cancel = "cancel"
	remove = "discard"
	// removeEvent is the same by way of the event that was made.
	removeEvent = "delete event"
	// start imports what was checked.
	start = "start"
	// export asks for the archive of an event.
	export = "export"
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
	for at := wait(random, betweenStrikes); at < length; at += wait(random, betweenStrikes) {
		s := strike{at: at, victim: victims[random.IntN(len(victims))]}
		if random.IntN(12) == 0 { // what all the others stand on
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
		if service, _, _ := strings.Cut(s.victim, "-"); slices.Contains([]string{string(contracts.QueryService), "nats", "postgres"}, service) {
			for range 3 { // exports take a moment, and are to be in their hands just then
				p.orders = append(p.orders, order{at: max(0, at-wait(random, exportTakes)), what: export, which: random.Uint64()})
			}
		}
	}
	for at := wait(random, betweenOrders); at < length; at += wait(random, betweenOrders) {
		what := []string{replay, replay, force, cancel, cancel, remove, remove, removeEvent, start, export, export, export}[random.IntN(12)]
		o := order{at: at, what: what, which: random.Uint64()}
		if what == export {
			o.beside = []string{"", "", "", "", cancel, force, remove, removeEvent}[random.IntN(8)]
			o.later = wait(random, exportTakes)
		}
		p.orders = append(p.orders, o)
	}
	return p
}

func wait(random *rand.Rand, mean time.Duration) time.Duration {
	return time.Duration(random.ExpFloat64() * float64(mean))
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

// command sends a command about an import.
func (m *mischief) command(ctx context.Context, o order) {
	s := m.about(o)
	if o.what == export {
		s = m.exportable(ctx, o)
	}
	switch {
	case s == nil:
	case o.what == start:
		m.start(ctx, s)
	case o.what == export:
		m.exportAmid(ctx, s, o)
	default:
		m.send(ctx, o.what, s)
	}
}

// start imports what was checked. It asks until it is answered: an import of which
// nobody has heard would belong to nobody.
func (m *mischief) start(ctx context.Context, s *shipment) {
	token, err := m.w.token(s.owner)
	if err != nil {
		return
	}
	for {
		status, answer, err := m.w.to(ctx, contracts.IngestService, request{method: http.MethodPost, path: "/v1/imports/" + s.id + "/start", token: token})
		if err == nil && !notNow(status) {
			if accepted := m.answered(start, s, status, answer); status == http.StatusAccepted {
				m.load.started(s, accepted.ID)
			}
			return
		}
		if !pause(ctx, uploadAgain) {
			return
		}
	}
}

// send sends any other command. Any answer is right that the import's course does
// not contradict; the verdict looks at that.
func (m *mischief) send(ctx context.Context, what string, s *shipment) {
	service, r := contracts.IngestService, request{header: map[string]string{"Content-Type": "application/json"}}
	switch what {
	case replay:
		r.method, r.path = http.MethodPost, "/v1/imports/"+s.id+"/replay"
	case force:
		r.method, r.path, r.body = http.MethodPost, "/v1/imports/"+s.id+"/replay", `{"force": true}`
	case cancel:
		r.method, r.path = http.MethodPost, "/v1/imports/"+s.id+"/cancel"
	case remove:
		r.method, r.path = http.MethodDelete, "/v1/imports/"+s.id
	case removeEvent:
		service = contracts.EventService
		event, err := m.w.eventOf(ctx, s.id)
		if err != nil {
			return // there is none, or not yet
		}
		r.method, r.path = http.MethodDelete, fmt.Sprintf("/v1/events/%d", event)
	}
	var err error
	if r.token, err = m.w.token(s.owner); err != nil {
		return
	}
	status, answer, err := m.w.to(ctx, service, r)
	if err != nil { // the one may be away, and the other not
		status, answer, err = m.w.to(ctx, service, r)
	}
	if err != nil {
		m.count(what, s, "no answer")
		return
	}
	document := m.answered(what, s, status, answer)
	if status == http.StatusAccepted || status == http.StatusNoContent {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.obeyed = append(m.obeyed, obeyed{what, s.id, document.Attempt})
	}
}

// document is what an answer says.
type document struct {
	Code    string // of a problem
	Attempt int    // of a replay
	ID      string // of an import
}

// answered takes down what a command was answered.
func (m *mischief) answered(what string, s *shipment, status int, answer []byte) document {
	var d document
	_ = json.Unmarshal(answer, &d) // some answers have no body
	m.count(what, s, strings.TrimSpace(fmt.Sprintf("%d %s", status, d.Code)))
	return d
}

func (m *mischief) count(what string, s *shipment, said string) {
	m.tell("%s %s (%s): %s", what, s.id, s.name, said)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[what+" "+said]++
}

// recent is how many of the newest imports most commands choose from: some process
// that was frozen may still have a part of those in its hands.
const recent = 100

// about chooses the import of a command, nil where there is none yet. Most are
// such that the command makes sense; any other is only refused.
func (m *mischief) about(o order) *shipment {
	all := those(m.load.soFar(), func(s *shipment) bool { return s.update == nil }) // what others build on stays
	if o.which%8 != 0 {
		switch o.what {
		case replay:
			all = those(all, func(s *shipment) bool {
				if o.which%3 == 0 {
					return s.kind == contracts.EventExport // some of which fail with their event
				}
				return s.want == contracts.Failure
			})
		case start:
			all = those(all, func(s *shipment) bool { return s.starts != nil && s.want == contracts.Success })
		case remove:
			if o.which%3 != 0 {
				all = those(all, func(s *shipment) bool {
					return (s.kind.List() || s.kind == contracts.EventExport) && s.want == contracts.Success
				})
			}
		case force:
			all = those(all, func(s *shipment) bool { return (s.exports != nil || s.of != "") && s.want == contracts.Success })
		case removeEvent:
			all = those(all, func(s *shipment) bool { return s.exports != nil })
		}
		all = all[max(0, len(all)-recent):]
		if o.what == cancel { // those that may still run
			all = all[max(0, len(all)-wave):]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[o.which/8%uint64(len(all))]
}

func those(all []*shipment, wanted func(*shipment) bool) []*shipment {
	return slices.DeleteFunc(slices.Clone(all), func(s *shipment) bool { return !wanted(s) })
}

// summary tells how often something was done: "12 killed, 3 restarted".
func summary(counts map[string]int) string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%d %s", counts[what], what))
	}
	return strings.Join(all, ", ")
}
