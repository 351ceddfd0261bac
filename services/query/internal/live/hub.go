// Package live hands task documents on to those who watch an import, at the
// moment when they change: a Hub hears what the projector tells, and streams it.
// The routes of package tasks are its callers; the service runs the Hub beside
// them.
package live

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/usher-events/usher/pkg/broker"
)

// Hub is what all watchers of a process share: one subscription, whatever their
// number. It has one run.
type Hub struct {
	heartbeat time.Duration
	// ended is over when Run is, and with it all streams are.
	ended context.Context
	end   context.CancelFunc

	mu sync.Mutex
	// watchers are those of each import, by its id.
	watchers map[string]map[*watcher]struct{}
}

// watcher is one who wants to know of an import. Its slot holds the newest
// document that was not taken yet and nothing else: who is slow skips some, and
// neither holds up the others nor takes more memory.
type watcher struct{ slot chan Document }

// NewHub returns a hub that hears nothing yet.
func NewHub() *Hub {
	ended, end := context.WithCancel(context.Background())
	return &Hub{heartbeat: heartbeat, ended: ended, end: end, watchers: make(map[string]map[*watcher]struct{})}
}

// Run hears what the projector tells, until ctx is cancelled; then it returns nil,
// and every stream ends. What is told while there is no connection is lost: the
// streams look for themselves from time to time.
func (h *Hub) Run(ctx context.Context, b *broker.Broker, log *slog.Logger) error {
	defer h.end()
	stop, err := b.Listen(b.Names().AllLive(), func(subject string, data []byte) {
		if err := h.hear(subject, data); err != nil {
			log.WarnContext(ctx, "what was told of an import cannot be read", "subject", subject, "error", err)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	<-ctx.Done()
	return nil
}

// hear offers a document to those who watch its import, whose id is the last part
// of the subject.
func (h *Hub) hear(subject string, data []byte) error {
	id := subject[strings.LastIndexByte(subject, '.')+1:]
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.watchers[id]) == 0 {
		return nil
	}
	d, err := read(data)
	if err != nil {
		return err
	}
	for w := range h.watchers[id] {
		w.offer(d)
	}
	return nil
}

// offer puts a document in the slot unless a newer one is there. Nobody else puts
// anything in, for the hub is locked, so it does not go on for long.
func (w *watcher) offer(d Document) {
	for {
		select {
		case w.slot <- d:
			return
		case other := <-w.slot:
			if other.Version > d.Version {
				d = other
			}
		}
	}
}

// watch returns where the newest document of an import comes until leave is called.
func (h *Hub) watch(id string) (news <-chan Document, leave func()) {
	w := &watcher{slot: make(chan Document, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers[id] == nil {
		h.watchers[id] = make(map[*watcher]struct{})
	}
	h.watchers[id][w] = struct{}{}
	return w.slot, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers[id], w)
		if len(h.watchers[id]) == 0 {
			delete(h.watchers, id)
		}
	}
}
