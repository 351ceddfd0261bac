package openevent

import (
	"io"
	"io/fs"
	"sync"

	"github.com/klauspost/compress/flate"
)

// inflaters are readers that are not in use; each has 40 KiB of its own.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// inflate unpacks what is compressed by Deflate.
func inflate(r io.Reader) io.ReadCloser {
	in := inflaters.Get().(io.ReadCloser)
	// It keeps nothing of what it had before, so this cannot fail.
	_ = in.(flate.Resetter).Reset(r, nil)
	return &inflater{in: in}
}

// inflater gives its reader back when it is closed. It is used by one goroutine.
type inflater struct{ in io.ReadCloser }

// Read implements io.Reader.
func (i *inflater) Read(p []byte) (int, error) {
	if i.in == nil {
		return 0, fs.ErrClosed
	}
	return i.in.Read(p)
}

// Close implements io.Closer.
func (i *inflater) Close() error {
	if i.in == nil {
		return nil
	}
	err := i.in.Close()
	inflaters.Put(i.in)
	i.in = nil
	return err
}
