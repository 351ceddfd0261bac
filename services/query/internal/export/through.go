package export

import (
	"context"
	"io"

	"github.com/usher-events/usher/pkg/stage"
)

// through has one function read what another writes meanwhile, and returns when both have
// ended. The error is that of read, which gets what write has failed with, a panic
// included. Where read ends first, whatever the reason, a panic too, ctx of write ends and
// nothing more is taken from it: what it holds, such as a transaction, is not held for ever.
func through(ctx context.Context, write func(ctx context.Context, to io.Writer) error, read func(from io.Reader) error) error {
	ctx, end := context.WithCancel(ctx)
	pr, pw := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = pw.CloseWithError(recovered(func() error { return write(ctx, pw) })) // nil is the end of the file
	}()
	defer func() {
		end()
		_ = pr.CloseWithError(io.ErrClosedPipe)
		<-written
	}()
	return read(pr)
}

// recovered calls f. A panic is an error like any other of the run.
func recovered(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = stage.Panicked(p)
		}
	}()
	return f()
}
