package openevent

import (
	"io"

	"github.com/klauspost/compress/flate"
)

// deflater packs the entries of a zip by Deflate, one after another. Media are not made
// smaller, since they are packed in their own way already; that they are called deflated
// all the same is for those who read the zip from its beginning on, as they can only find
// the end of what is.
type deflater struct {
	packing, storing *flate.Writer
	// current is the one of the two that has the entry now.
	current *flate.Writer
	// media tells that the entry is not to be made smaller.
	media bool
	in    int64
	out   countingWriter
}

func newDeflater() (*deflater, error) {
	packing, err := flate.NewWriter(nil, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	storing, err := flate.NewWriter(nil, flate.NoCompression)
	return &deflater{packing: packing, storing: storing}, err
}

// begin starts an entry.
func (d *deflater) begin(w io.Writer, media bool) {
	d.media, d.in, d.out = media, 0, countingWriter{w: w}
	d.current = d.packing
	if media {
		d.current = d.storing
	}
	d.current.Reset(&d.out)
}

// Write implements io.Writer.
func (d *deflater) Write(p []byte) (int, error) {
	const piece = 32 << 10 // what is decided on at a time
	written := 0
	for len(p) > 0 {
		if err := d.choose(); err != nil {
			return written, err
		}
		n, err := d.current.Write(p[:min(len(p), piece)])
		written, d.in = written+n, d.in+int64(n)
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// choose changes to storing, and back, where an entry becomes so small that a reader with
// the default limits would take it for a bomb: one made up of the same record again and again.
func (d *deflater) choose() error {
	if d.media {
		return nil
	}
	limits := DefaultLimits()
	want := d.packing
	if d.in > limits.RatioFrom/2 && d.in/(limits.Ratio/2) > d.out.n {
		want = d.storing
	}
	if want == d.current {
		return nil
	}
	if err := d.current.Flush(); err != nil {
		return err
	}
	d.current = want
	d.current.Reset(&d.out)
	return nil
}

// Close ends the entry.
func (d *deflater) Close() error { return d.current.Close() }

// countingWriter counts what goes through it.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
