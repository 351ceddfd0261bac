package bucket

import (
	"bytes"
	"context"
	"fmt"
	"sync"
)

// probeKey is where Ping stores its probe. All processes share it, so that one
// that dies in between leaves no more than one behind.
const probeKey = "probe"

// maxProbe bounds a probe. It is held in memory, and may have to be stored every
// few seconds for as long as a disk is full.
const maxProbe = 16 << 20

// doubt is what failed stores leave: how many bytes they had stored in vain. A
// full disk has room again once they are gone, and a smaller probe would fit.
type doubt struct {
	mu    sync.Mutex
	there bool
	bytes int64
}

// add notes that a store has failed after so many bytes.
func (d *doubt) add(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.there = true
	d.bytes = min(d.bytes+bytes, maxProbe)
}

// dispel stores a probe where there is doubt, and ends the doubt when that succeeds.
func (b *Bucket) dispel(ctx context.Context) error {
	b.doubt.mu.Lock()
	defer b.doubt.mu.Unlock()
	if !b.doubt.there {
		return nil
	}
	probe := bytes.NewReader(make([]byte, b.doubt.bytes+1))
	if _, _, err := b.write(ctx, probeKey, probe, ""); err != nil {
		return fmt.Errorf("nothing can be stored: %w", err)
	}
	if err := b.deleteOnce(ctx, probeKey); err != nil {
		return err
	}
	b.doubt.there, b.doubt.bytes = false, 0
	return nil
}
