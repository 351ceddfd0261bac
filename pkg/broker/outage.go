package broker

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// The waits between the probes of what is out.
const (
	firstProbe   = 100 * time.Millisecond
	longProbe    = 5 * time.Second
	probeTimeout = 5 * time.Second
)

// outage is what the subscriptions of a Subscriber know about the health of
// what their handlers depend on. While it lasts nobody pulls.
type outage struct {
	probe func(context.Context) error
	log   *slog.Logger
	// until ends the probing; an outage that lasts then has no end.
	until   context.Context
	probing sync.WaitGroup

	mu sync.Mutex
	// healthy ends when an outage begins; a new one begins when it is over.
	healthy context.Context
	end     context.CancelFunc
	// over is closed while there is no outage.
	over chan struct{}
}

func newOutage(until context.Context, log *slog.Logger, probe func(context.Context) error) *outage {
	o := &outage{probe: probe, log: log, until: until, over: make(chan struct{})}
	o.healthy, o.end = context.WithCancel(context.Background())
	close(o.over)
	return o
}

// check probes once and returns what is wrong.
func (o *outage) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return o.probe(ctx)
}

// begin starts an outage unless one lasts already.
func (o *outage) begin(reason error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.healthy.Err() != nil {
		return // an outage lasts
	}
	o.end()
	o.over = make(chan struct{})
	o.log.Warn("pulling stops until what the handlers need answers again", "error", reason)
	o.probing.Go(func() { o.wait(time.Now()) })
}

// wait probes until it succeeds and ends the outage then.
func (o *outage) wait(since time.Time) {
	for d := firstProbe; pause(o.until, jitter(d)); d = min(2*d, longProbe) {
		if o.check(o.until) != nil {
			continue
		}
		o.mu.Lock()
		o.healthy, o.end = context.WithCancel(context.Background())
		close(o.over)
		o.mu.Unlock()
		o.log.Info("pulling goes on", "after", time.Since(since).Round(time.Millisecond))
		return
	}
}

// ready waits until there is no outage and returns a context that ends with
// the next one; nil when ctx ended first.
func (o *outage) ready(ctx context.Context) context.Context {
	o.mu.Lock()
	over := o.over
	o.mu.Unlock()
	select {
	case <-over:
	case <-ctx.Done():
		return nil
	}
	if ctx.Err() != nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.healthy
}
