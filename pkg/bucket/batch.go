package bucket

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// Batch stores blobs that are made durable together. A file bucket has to sync
// the folders above a blob as well; for the hundreds of files of an import,
// which lie in one folder, once is enough. Batch is safe for concurrent use.
type Batch struct {
	bucket *Bucket

	mu sync.Mutex
	// folders are those whose entries are not durable yet.
	folders map[string]bool
}

// Batch begins a batch.
func (b *Bucket) Batch() *Batch { return &Batch{bucket: b, folders: make(map[string]bool)} }

// Store is Bucket.Store, but that the blob survives a power failure only when
// Flush has returned nil. Until then it is complete or not there.
func (b *Batch) Store(ctx context.Context, key string, r io.Reader, contentType string) (Stored, error) {
	stored, folder, err := b.bucket.store(ctx, key, r, contentType)
	if err == nil {
		b.note(folder)
	}
	return stored, err
}

// Again tells of a blob what its Store has told, for whoever has lost that: an
// earlier batch stored it, and may have ended without its Flush. It is durable when
// Flush of this one has returned nil. The blob is read, and not written again;
// ErrNotFound where there is none.
func (b *Batch) Again(ctx context.Context, key string) (Stored, error) {
	var stored Stored
	var folder string
	err := Insist(ctx, func() (err error) {
		stored, folder, err = b.bucket.measure(ctx, key)
		return err
	})
	if err == nil {
		b.note(folder)
	}
	return stored, err
}

// note keeps a folder for Flush, unless it is "".
func (b *Batch) note(folder string) {
	if folder == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.folders[folder] = true
}

// Flush makes everything durable that Store and Again have returned for before. After an
// error it may be called again.
func (b *Batch) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := syncFolders(b.bucket.root, slices.Collect(maps.Keys(b.folders))); err != nil {
		return fmt.Errorf("make blobs durable: %w: %w", ErrUnavailable, err)
	}
	clear(b.folders)
	return nil
}
