// Package live hands task documents on to those who watch imports, at the moment
// when they change: a Hub hears what the projector tells, reads what has changed, and
// streams it. The routes of package tasks are its callers; the service runs the Hub
// beside them.
package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

const (
	// heartbeat is how often each stream says that it is there, and how often the hub
	// looks for what it was not told.
	heartbeat = 15 * time.Second
	// beats is over how many moments the heartbeats of all streams are spread.
	beats = 30
	// pause is between two changes of an import that are shown: ten a second are as many as
	// people see. What comes in it waits, and of that the newest alone.
	pause = 100 * time.Millisecond
	// rest is between two looks, so that many changes are few looks.
	rest = 20 * time.Millisecond
	// failureRest is the same after a look that failed.
	failureRest = time.Second
	// maxChanges is how many changes one look reads at most.
	maxChanges = 500
)

// errNothingToCome is why no stream begins: the client has all that there will be.
var errNothingToCome = errors.New("nothing is to come")

// Topic is what a stream is about: one import, all of an owner, or all that there are,
// which is the zero value.
type Topic struct{ Import, Issuer, Subject string }

// Hub is what all streams of a process share: one subscription, and one look at what
// has changed, whatever their number. It has one run.
type Hub struct {
	source                  Source
	heartbeat, pause, write time.Duration
	// news has something in it when there may be changes to read.
	news chan struct{}

	mu      sync.Mutex
	streams map[Topic]map[*stream]struct{}
	// beat has the same streams by their heartbeats.
	beat [beats]map[*stream]struct{}
	// count is how many they are, and entered how many have ever been.
	count, entered int
	// at is up to where the changes are read, as long as there are streams.
	at Position
	// waiting are changes that were read and are not shown yet.
	waiting waiting
	// ends are the imports whose end is looked into, and whether it has to be again.
	ends  map[string]bool
	ended bool
	// running counts the streams until each has left.
	running sync.WaitGroup
}

// NewHub returns a hub that hears nothing yet.
func NewHub(source Source) *Hub {
	return &Hub{
		source: source, heartbeat: heartbeat, pause: pause, write: writeLimit,
		news: make(chan struct{}, 1), streams: make(map[Topic]map[*stream]struct{}), ends: make(map[string]bool),
		waiting: newWaiting(),
	}
}

// Run hears what the projector tells, until ctx is cancelled; then every stream ends,
// and it returns nil. What is told while there is no connection is lost: the hub looks
// for itself from time to time.
func (h *Hub) Run(ctx context.Context, b *broker.Broker, log *slog.Logger) error {
	defer h.finish()
	stop, err := b.Listen(b.Names().AllLive(), func(subject string, data []byte) {
		if err := h.hear(ctx, subject, data); err != nil {
			log.WarnContext(ctx, "what was told of an import cannot be read", "subject", subject, "error", err)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	h.stir() // who came before was told of nothing
	var group errgroup.Group
	group.Go(func() error { h.keepBeating(ctx); return nil })
	group.Go(func() error { h.keepLooking(ctx, log); return nil })
	return group.Wait()
}

// hear takes note of what the projector tells of an import, whose id is the last part
// of the subject. What has changed is read together with what else has, a moment later
// if need be; only an end does not wait.
func (h *Hub) hear(ctx context.Context, subject string, data []byte) error {
	var told struct {
		State contracts.State `json:"state"`
	}
	if err := json.Unmarshal(data, &told); err != nil {
		return fmt.Errorf("live document: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count == 0 {
		return nil
	}
	h.stir()
	if id := subject[strings.LastIndexByte(subject, '.')+1:]; told.State.Final() && len(h.streams[Topic{Import: id}]) > 0 {
		h.lookIntoEnd(ctx, id)
	}
	return nil
}

// stir has the changes read soon.
func (h *Hub) stir() {
	select {
	case h.news <- struct{}{}:
	default:
	}
}

func (h *Hub) keepBeating(ctx context.Context) {
	beat := time.NewTicker(h.heartbeat / beats)
	defer beat.Stop()
	for n := 0; ; n = (n + 1) % beats {
		select {
		case <-ctx.Done():
			return
		case now := <-beat.C:
			h.mu.Lock()
			for s := range h.beat[n] {
				s.heartbeat(now)
			}
			h.mu.Unlock()
		}
	}
}

// keepLooking reads what has changed, when it is told so and at each heartbeat, and shows
// it when its time has come.
func (h *Hub) keepLooking(ctx context.Context, log *slog.Logger) {
	unasked := time.NewTicker(h.heartbeat)
	defer unasked.Stop()
	rested := time.NewTimer(0)
	defer rested.Stop()
	var news <-chan struct{} // nil while it rests
	for {
		select {
		case <-ctx.Done():
			return
		case <-unasked.C:
			h.verify(ctx, log)
			h.stir()
		case <-rested.C:
			news = h.news
			if h.show(ctx, log) {
				rested.Reset(rest)
			}
		case <-news:
			news = nil
			if err := h.look(ctx); err != nil {
				log.DebugContext(ctx, "changes of imports could not be read", "error", err)
				h.stir()
				rested.Reset(failureRest)
				continue
			}
			h.show(ctx, log)
			rested.Reset(rest)
		}
	}
}

// look reads what has changed since the look before.
func (h *Hub) look(ctx context.Context) error {
	for more := true; more; {
		h.mu.Lock()
		from, nobody := h.at, h.count == 0
		h.mu.Unlock()
		if nobody {
			return nil
		}
		bounded, cancel := context.WithTimeout(ctx, lookTimeout)
		changes, err := h.source.Since(bounded, from.Number, maxChanges)
		cancel()
		if err != nil {
			return err
		}
		h.mu.Lock()
		if more = h.at != from; !more { // else all streams were others meanwhile
			for _, c := range changes {
				h.at.Number = c.Number
				h.waiting.add(c)
			}
			more = len(changes) == maxChanges
		}
		h.mu.Unlock()
	}
	return nil
}

// show offers the changes whose time has come to the streams that they concern, and tells
// whether there are others.
func (h *Hub) show(ctx context.Context, log *slog.Logger) (more bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	each, all := h.waiting.take(time.Now(), h.pause)
	for _, c := range each {
		topic := Topic{Import: c.Task.ID}
		switch {
		case len(h.streams[topic]) == 0:
		case c.Task.State.Final():
			h.lookIntoEnd(ctx, c.Task.ID)
		default:
			e, err := ofTask(c.Task)
			h.offerOrLog(ctx, log, topic, e, err)
		}
	}
	for _, c := range all {
		owners, everybodys := Topic{Issuer: c.Owner.Issuer, Subject: c.Owner.Subject}, Topic{}
		if len(h.streams[owners])+len(h.streams[everybodys]) > 0 {
			e, err := ofChange(c, h.at.Epoch)
			h.offerOrLog(ctx, log, owners, e, err)
			h.offerOrLog(ctx, log, everybodys, e, err)
		}
	}
	return h.waiting.any()
}

func (h *Hub) offerOrLog(ctx context.Context, log *slog.Logger, topic Topic, e event, err error) {
	if err != nil {
		log.ErrorContext(ctx, "a change cannot be shown", "error", err)
		return
	}
	h.offer(topic, e)
}

func (h *Hub) offer(topic Topic, e event) {
	for s := range h.streams[topic] {
		s.offer(e)
	}
}

// lookIntoEnd reads an import whose end was told before that is shown: the replay of a
// failure may have been accepted before the projector came to the failure, which the
// source knows. The database may be away for a while; then it is read later. To end the
// streams would be worse: a browser that comes again and is refused gives up.
func (h *Hub) lookIntoEnd(ctx context.Context, id string) {
	if _, looking := h.ends[id]; looking {
		h.ends[id] = true
		return
	}
	h.ends[id] = false
	go func() {
		for again := true; again; {
			task, err := h.read(ctx, id)
			again = h.showEnd(id, task, err)
			if again && err != nil {
				select {
				case <-ctx.Done():
				case <-time.After(h.heartbeat):
				}
			}
		}
	}()
}

func (h *Hub) read(ctx context.Context, id string) (contracts.Task, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return h.source.Task(ctx, id)
}

// showEnd offers what was read of an import, and tells whether it is to be read again.
func (h *Hub) showEnd(id string, task contracts.Task, err error) (again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	topic := Topic{Import: id}
	var e event
	if err == nil {
		e, err = ofTask(task)
	}
	_, gone := errors.AsType[*problem.Problem](err)
	switch {
	case gone:
		for s := range h.streams[topic] {
			s.end()
		}
	case err == nil:
		h.offer(topic, e)
		again = h.ends[id] && !e.last
	default:
		again = !h.ended && len(h.streams[topic]) > 0
	}
	if h.ends[id] = false; !again {
		delete(h.ends, id)
	}
	return again
}

// verify ends all streams where the changes are not those any more that they follow:
// what their clients have is looked at when they come again.
func (h *Hub) verify(ctx context.Context, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	now, err := h.source.Position(ctx)
	if err != nil {
		log.DebugContext(ctx, "changes of imports could not be read", "error", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count == 0 || now.Epoch == h.at.Epoch && now.Number >= h.at.Number {
		return
	}
	h.at, h.waiting = now, newWaiting()
	for _, same := range h.streams {
		for s := range same {
			s.end()
		}
	}
}

// enter makes a stream known to the hub until leave is called, which is once. at is a
// position that is known already.
func (h *Hub) enter(topic Topic, s *stream, at Position) (leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.limit = h.write
	if h.ended {
		s.hurry()
		return func() {}
	}
	if h.count == 0 {
		h.at, h.waiting = at, newWaiting()
	}
	s.beat = h.entered % beats
	h.entered++
	h.count++
	h.running.Add(1)
	if h.streams[topic] == nil {
		h.streams[topic] = make(map[*stream]struct{})
	}
	h.streams[topic][s] = struct{}{}
	if h.beat[s.beat] == nil {
		h.beat[s.beat] = make(map[*stream]struct{})
	}
	h.beat[s.beat][s] = struct{}{}
	return func() { h.leave(topic, s) }
}

func (h *Hub) leave(topic Topic, s *stream) {
	defer h.running.Done()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count--
	delete(h.beat[s.beat], s)
	delete(h.streams[topic], s)
	if len(h.streams[topic]) == 0 {
		delete(h.streams, topic)
	}
}

// finish ends all streams, and waits until they have ended.
func (h *Hub) finish() {
	h.mu.Lock()
	h.ended = true
	for _, same := range h.streams {
		for s := range same {
			s.hurry()
		}
	}
	h.mu.Unlock()
	h.running.Wait()
}
