package broker

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// The waits between attempts to find a consumer.
const (
	firstReopen = 100 * time.Millisecond
	longReopen  = 5 * time.Second
)

// worker is one goroutine of a subscription: it pulls a message, brings it to its
// settlement, and pulls the next. Each has a pull of its own, because one after the other
// they would wait for each other's answers.
type worker struct {
	*subscription
	puller  *puller
	ackWait time.Duration
}

func (w *worker) run() {
	for m := w.next(); m != nil; m = w.next() {
		w.handle(m, w.ackWait)
	}
	if w.puller != nil {
		w.puller.close()
	}
}

// next pulls one message; nil when the subscription stops. Neither errors nor
// outages end it.
func (w *worker) next() *nats.Msg {
	for {
		healthy := w.s.outage.ready(w.stopping)
		if healthy == nil {
			return nil
		}
		if w.puller == nil && !w.open() {
			return nil
		}
		m, err := w.pull(healthy)
		if w.puller.closed {
			w.puller = nil
		}
		if err == nil {
			return m
		}
		switch {
		case w.b.nc.IsClosed():
			w.log.Error("the connection was closed under a subscription")
			return nil
		case !errors.Is(err, errPullEnded):
			w.log.Info("the pull is begun anew", "reason", err)
			pause(w.stopping, jitter(firstReopen)) // a refusal must not become a hot loop
		}
	}
}

// pull waits for one message until it becomes unhealthy or the subscription stops.
func (w *worker) pull(healthy context.Context) (*nats.Msg, error) {
	until, cancel := context.WithCancel(healthy)
	defer cancel()
	defer context.AfterFunc(w.stopping, cancel)()
	return w.puller.next(until)
}

// open begins to pull from the consumer, trying until it is there; false when
// the subscription stops before.
func (w *worker) open() bool {
	for d := firstReopen; ; d = min(2*d, longReopen) {
		if err := w.look(); err == nil {
			return true
		}
		if !pause(w.stopping, jitter(d)) {
			return false
		}
	}
}

// look asks for the consumer and makes a puller. It logs when the answer of the
// consumer changes, not at each attempt of each worker.
func (w *worker) look() error {
	c, err := w.b.js.Consumer(w.stopping, w.stream, w.consumer)
	if err == nil {
		w.ackWait = c.CachedInfo().Config.AckWait
		w.puller, err = newPuller(w.b.nc, w.stream, w.consumer)
	}
	switch {
	case err != nil && w.stopping.Err() == nil && !w.troubled.Swap(true):
		w.log.Warn("the consumer cannot be reached", "error", err)
	case err == nil && w.troubled.Swap(false):
		w.log.Info("the consumer is back")
	}
	return err
}
