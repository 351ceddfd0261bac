package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// A zip reader asks for many small pieces close to each other: read one by one
// they cost about 13 requests per file of the archive, through blocks of a
// mebibyte a dozen in all. Eight blocks are enough for several files being
// read at once; see also Keep.
const (
	blockSize  = 1 << 20
	blocksKept = 8
)

// ReaderAt gives random access to one blob by range requests, through a small
// cache. It is safe for concurrent use and holds nothing that must be closed.
//
// Errors of the store come back as ErrUnavailable or ErrNotFound and are never
// dressed up as an end of file, so that a broken archive can be told from a
// bucket that is away. A failed request is not remembered.
type ReaderAt struct {
	size  int64
	fetch func(offset, length int64) ([]byte, error)

	mu     sync.Mutex
	kept   int      // how many blocks there may be
	blocks []*block // the most recently used first
}

// block is one piece of the blob; whoever holds mu fetches it.
type block struct {
	index int64
	mu    sync.Mutex
	data  []byte // nil until fetched
}

// ReaderAt opens a blob for random access; ErrNotFound where there is none.
// Reading is bound to ctx.
func (b *Bucket) ReaderAt(ctx context.Context, key string) (*ReaderAt, error) {
	var size int64
	err := Insist(ctx, func() error {
		ctx, op := b.begin(ctx, "open")
		attributes, err := b.Attributes(ctx, key)
		if err == nil {
			size = attributes.Size
		}
		err = failure(ctx, "open", key, err)
		op.end(err)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newReaderAt(size, func(offset, length int64) ([]byte, error) {
		data := make([]byte, length)
		return data, b.insistOn(ctx, key, offset, data)
	}), nil
}

// insistOn reads as many bytes of a blob as there is room for in data, all of which must
// be there, and insists on them.
func (b *Bucket) insistOn(ctx context.Context, key string, offset int64, data []byte) error {
	return Insist(ctx, func() error {
		ctx, op := b.begin(ctx, "read")
		n, err := b.piece(ctx, key, offset, data)
		err = failure(ctx, "read", key, err)
		op.moved(read, int64(n))
		op.end(err)
		return err
	})
}

// piece is insistOn without insisting. It tells how many bytes came.
func (b *Bucket) piece(ctx context.Context, key string, offset int64, data []byte) (int, error) {
	r, err := b.NewRangeReader(ctx, key, offset, int64(len(data)), nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }()
	n, err := io.ReadFull(r, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		// Not wrapped: to a zip reader an end of file is a broken archive.
		err = fmt.Errorf("ended after %d of %d bytes at offset %d", n, len(data), offset)
	}
	return n, err
}

func newReaderAt(size int64, fetch func(offset, length int64) ([]byte, error)) *ReaderAt {
	return &ReaderAt{size: size, fetch: fetch, kept: blocksKept}
}

// Keep says how many mebibytes of the blob are kept, at least one. Whoever reads a blob from
// its beginning to its end has no use for the usual eight. It is for before the first read.
func (r *ReaderAt) Keep(blocks int) { r.kept = max(blocks, 1) }

// Size is the length of the blob in bytes.
func (r *ReaderAt) Size() int64 { return r.size }

// ReadAt implements io.ReaderAt.
func (r *ReaderAt) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, fmt.Errorf("read at the negative offset %d", offset)
	}
	n := 0
	for n < len(p) && offset < r.size {
		data, err := r.block(offset / blockSize)
		if err != nil {
			return n, err
		}
		copied := copy(p[n:], data[offset%blockSize:])
		n += copied
		offset += int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// block returns the bytes of a block, from the cache where it has them. Readers
// of one block wait for one request; readers of others do not wait for it.
func (r *ReaderAt) block(index int64) ([]byte, error) {
	b := r.cached(index)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.data == nil {
		start := index * blockSize
		data, err := r.fetch(start, min(blockSize, r.size-start))
		if err != nil {
			return nil, err
		}
		b.data = data
	}
	return b.data, nil
}

// cached returns the cache's entry for a block, a new one where it has none,
// and moves it to the front. The last of too many is let go.
func (r *ReaderAt) cached(index int64) *block {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.blocks, func(b *block) bool { return b.index == index })
	if at < 0 {
		at = min(len(r.blocks), r.kept-1)
		fresh := &block{index: index}
		if at == len(r.blocks) {
			r.blocks = append(r.blocks, fresh)
		} else {
			r.blocks[at] = fresh
		}
	}
	found := r.blocks[at]
	copy(r.blocks[1:at+1], r.blocks[:at])
	r.blocks[0] = found
	return found
}
