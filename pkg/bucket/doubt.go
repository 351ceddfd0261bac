package bucket

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"
)

// probeKey is where Ping stores its probe. All processes share it, so that one
// that dies in between leaves no more than one behind.
const probeKey = "probe"

const (
	// maxProbe bounds a probe. It is held in memory, and may have to be stored every
	// few seconds for as long as a disk is full, by a store that may be slow.
	maxProbe = 1 << 20
	// probeTimeout is how long a probe may take.
	probeTimeout = 15 * time.Second
)

// doubt is what failed stores leave: how many bytes they had stored in vain. A
// full disk has room again once they are gone, and a smaller probe would fit.
type doubt struct {
	// mu is never held while the store is asked: it may hang.
	mu sync.Mutex
	// failures counts the stores that have failed since there was no doubt.
	failures int
	bytes    int64
	// probe is the one that runs, nil while none does.
	probe *probe
}

// probe is one attempt to end the doubt.
type probe struct {
	// done is closed when err is known.
	done chan struct{}
	err  error
}

// add notes that a store has failed after so many bytes.
func (d *doubt) add(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failures++
	d.bytes = min(d.bytes+bytes, maxProbe)
}

// dispel waits for a probe where there is doubt, and returns what came of it. The
// probe does not end with ctx: a store that is slower than its callers are patient
// would never be trusted again.
func (b *Bucket) dispel(ctx context.Context) error {
	p := b.probing(ctx)
	if p == nil {
		return nil
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("whether anything can be stored is not known yet: %w", ctx.Err())
	}
}

// probing returns the probe that runs and begins one where none does. It is nil
// where there is no doubt.
func (b *Bucket) probing(ctx context.Context) *probe {
	d := &b.doubt
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failures == 0 || d.probe != nil {
		return d.probe
	}
	p := &probe{done: make(chan struct{})}
	d.probe = p
	failures, size := d.failures, d.bytes+1
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
		defer cancel()
		p.err = b.storeProbe(ctx, size)
		d.mu.Lock()
		defer d.mu.Unlock()
		defer close(p.done)
		d.probe = nil
		// What has failed meanwhile leaves a doubt of its own.
		if p.err == nil && d.failures == failures {
			d.failures, d.bytes = 0, 0
		}
	}()
	return p
}

func (b *Bucket) storeProbe(ctx context.Context, size int64) error {
	if _, _, err := b.write(ctx, probeKey, bytes.NewReader(make([]byte, size)), ""); err != nil {
		return fmt.Errorf("nothing can be stored: %w", err)
	}
	return b.deleteOnce(ctx, probeKey)
}
