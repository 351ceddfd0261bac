package remote

import (
	"context"
	"io"
	"time"
)

// body is what a server sends, within the limits of a file.
type body struct {
	from io.ReadCloser // nil until there is an answer
	// asked is the caller's context, within the one that ends with the limits.
	asked, within context.Context
	end           context.CancelCauseFunc
	stop          context.CancelFunc

	silence time.Duration
	silent  *time.Timer
	limit   int64
	left    int64
}

func (f *Fetcher) newBody(ctx context.Context) *body {
	b := &body{asked: ctx, silence: f.limits.Silence, limit: f.limits.File, left: f.limits.File}
	b.within, b.stop = context.WithTimeoutCause(ctx, f.limits.Whole, errSlow)
	b.within, b.end = context.WithCancelCause(b.within)
	return b
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	// Only what the server takes counts, not what is done with the bytes meanwhile.
	if b.silent == nil {
		b.silent = time.AfterFunc(b.silence, func() { b.end(errSilent) })
	} else {
		b.silent.Reset(b.silence)
	}
	n, err := b.from.Read(p)
	b.silent.Stop()
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.limit)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // bare: the file is complete
		err = b.why(err)
	}
	return n, err
}

// Close implements io.Closer. It does not wait for what is left to come.
func (b *body) Close() error {
	b.end(context.Canceled)
	b.stop()
	if b.from == nil {
		return nil
	}
	_ = b.from.Close() // of what was read, all is known
	return nil
}

// why says what an error comes to: the caller's wish to end, a limit, or what was
// wrong with the server.
func (b *body) why(err error) error {
	if ended := b.asked.Err(); ended != nil {
		return ended
	}
	if b.within.Err() != nil {
		err = context.Cause(b.within)
	}
	return reasonOf(err)
}
