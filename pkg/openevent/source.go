package openevent

import (
	"errors"
	"io"
	"sync/atomic"
)

// source reads the archive's bytes ahead in blocks: archive/zip asks for four
// kilobytes at a time, and each question to a remote bucket is a round trip.
// Blocks grow while the reading goes straight on, so that many small entries
// cost little and one large entry few questions. Errors come out marked.
type source struct {
	r    io.ReaderAt
	size int64
	last atomic.Pointer[block]
}

// block is a stretch of the archive. It never changes once it is made.
type block struct {
	off int64
	b   []byte
}

const (
	minBlock = 32 << 10
	maxBlock = 1 << 20
)

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= s.size {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && off < s.size {
		blk, err := s.block(off, len(p)-n)
		if err != nil {
			return n, err
		}
		m := copy(p[n:], blk.b[off-blk.off:])
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// block returns one that holds the byte at off, reading it if need be.
func (s *source) block(off int64, want int) (*block, error) {
	length := minBlock
	if last := s.last.Load(); last != nil {
		end := last.off + int64(len(last.b))
		if last.off <= off && off < end {
			return last, nil
		}
		if off == end {
			length = min(2*len(last.b), maxBlock)
		}
	}
	length = int(min(int64(max(length, min(want, maxBlock))), s.size-off))
	blk := &block{off: off, b: make([]byte, length)}
	if n, err := s.r.ReadAt(blk.b, off); n < length {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // the source is shorter than it said
		}
		return nil, &sourceError{err}
	}
	s.last.Store(blk)
	return blk, nil
}
