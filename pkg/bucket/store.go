package bucket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
)

// How a remote store is written to. A driver takes 8 MiB parts and five at once unless it is
// told, and those of s3:// hold one more: 48 MiB for each write, and a process has many. Three of
// these are 15 MiB. S3 takes no smaller part but the last, and 10,000 of them: 48 GiB for a blob.
// (Beside them s3:// holds the first 16 MiB until they are sent, to tell a small blob by.)
const (
	partSize    = 5 << 20
	partsAtOnce = 2
)

// Stored tells what Store has stored.
type Stored struct {
	// Size is in bytes.
	Size int64
	// SHA256 is in lower-case hex.
	SHA256 string
}

// Store writes everything that r yields to a new blob, hashing it on the way,
// in memory that does not grow with the size. When it returns nil the blob is
// complete and survives a power failure. When it returns an error there is never
// a part of a blob under the key, and no blob either, unless a remote store
// failed in confirming what it had just completed.
//
// An error of r comes back as it is, so that the caller knows its own input
// from the store, whose errors are ErrUnavailable. A canceled ctx aborts.
// An empty contentType stands for application/octet-stream.
func (b *Bucket) Store(ctx context.Context, key string, r io.Reader, contentType string) (Stored, error) {
	batch := b.Batch()
	stored, err := batch.Store(ctx, key, r, contentType)
	if err != nil {
		return Stored{}, err
	}
	if err := batch.Flush(); err != nil {
		return Stored{}, errors.Join(err, b.Delete(context.WithoutCancel(ctx), key))
	}
	return stored, nil
}

// store writes a blob whose bytes survive a power failure, and returns the
// folder whose entry of it does not yet; "" where there is nothing more to do. A
// failure of the store is noted for Ping.
func (b *Bucket) store(ctx context.Context, key string, r io.Reader, contentType string) (Stored, string, error) {
	ctx, op := b.begin(ctx, "store")
	stored, folder, err := b.write(ctx, key, r, contentType)
	op.moved(written, stored.Size)
	op.end(err)
	if errors.Is(err, ErrUnavailable) {
		b.doubt.add(stored.Size)
	}
	return stored, folder, err
}

// write is store without the note. With an error Stored has the bytes that came
// before it.
func (b *Bucket) write(ctx context.Context, key string, r io.Reader, contentType string) (Stored, string, error) {
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	writing, abort := context.WithCancel(ctx)
	defer abort()

	var file *os.File // the temporary file of a file bucket, nil for any other
	w, err := b.NewWriter(writing, key, &blob.WriterOptions{
		ContentType:    contentType,
		BufferSize:     partSize,
		MaxConcurrency: partsAtOnce,
		BeforeWrite: func(as func(any) bool) error {
			as(&file)
			return nil
		},
	})
	if err != nil {
		return Stored{}, "", failure(ctx, "store", key, err)
	}

	sum := sha256.New()
	source := &source{r: io.TeeReader(r, sum)}
	// Only Write of w: its ReadFrom takes a mebibyte for each blob, however small.
	size, err := io.Copy(struct{ io.Writer }{w}, source)
	if err == nil && file != nil {
		// Before the rename that Close does, so that the final name never
		// stands for bytes that are not on the disk yet.
		err = file.Sync()
	}
	if err != nil {
		abort() // makes Close discard what was written
		_ = w.Close()
		if source.err != nil {
			return Stored{}, "", source.err
		}
		return Stored{Size: size}, "", failure(ctx, "store", key, err)
	}
	if err := w.Close(); err != nil {
		return Stored{Size: size}, "", failure(ctx, "store", key, err)
	}
	folder := ""
	if file != nil {
		folder = filepath.Dir(file.Name())
	}
	return Stored{Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, folder, nil
}

// measure reads a blob, and returns what store has returned for it.
func (b *Bucket) measure(ctx context.Context, key string) (stored Stored, folder string, err error) {
	ctx, op := b.begin(ctx, "read")
	defer func() {
		op.moved(read, stored.Size)
		op.end(err)
	}()
	r, err := b.NewReader(ctx, key, nil)
	if err != nil {
		return Stored{}, "", failure(ctx, "open", key, err)
	}
	defer func() { _ = r.Close() }() // it was only read
	var below io.Reader
	if r.As(&below) {
		if file, ok := below.(*os.File); ok {
			folder = filepath.Dir(file.Name())
		}
	}
	sum := sha256.New()
	size, err := io.Copy(sum, r)
	if err != nil {
		return Stored{}, "", failure(ctx, "read", key, err)
	}
	return Stored{Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, folder, nil
}

// source remembers the error of the reader: what comes out of io.Copy could be
// that of either side.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
