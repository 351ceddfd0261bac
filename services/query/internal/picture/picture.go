// Package picture makes smaller copies of pictures, within limits that hold for
// files that lie, too.
package picture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/webp"
)

// The limits of what is decoded.
const (
	// MaxPixels bounds the memory: decoding takes up to 16 bytes for a pixel.
	MaxPixels = 50_000_000
	// maxBytes bounds how much of a file is read.
	maxBytes = 64 << 20
	// headBytes are looked through for what a camera says of the picture.
	headBytes = 128 << 10
)

// The ways in which a file is no use as a picture.
var (
	// ErrNotPicture is returned for what is no JPEG, PNG, GIF or WebP.
	ErrNotPicture = errors.New("not a picture that can be decoded")
	// ErrTooLarge is returned for a picture that is beyond a limit.
	ErrTooLarge = errors.New("the picture is too large")
	// ErrDamaged is returned for a picture that begins well and goes on badly.
	ErrDamaged = errors.New("the picture is damaged")
)

// format is one way to write a picture.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formats are those that are decoded, by their media types. A GIF gives its
// first frame.
var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/gif":  {gif.DecodeConfig, gif.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// Picture is a picture of which no more than the head has been read.
type Picture struct {
	contentType string
	format      format
	source      io.ReadSeeker
	size        image.Point // as it is stored
	orientation orientation
}

// Open reads the head of a picture. The error is one of this package's, or the
// source's own.
func Open(ctx context.Context, source io.ReadSeeker) (*Picture, error) {
	p := &Picture{source: source}
	var head []byte
	err := p.read(ctx, func(r io.Reader) (err error) {
		head, err = io.ReadAll(io.LimitReader(r, headBytes))
		return err
	})
	if err != nil {
		return nil, err
	}
	p.contentType = http.DetectContentType(head)
	var known bool
	if p.format, known = formats[p.contentType]; !known {
		return nil, ErrNotPicture
	}
	err = p.read(ctx, func(r io.Reader) error {
		config, err := p.format.config(r)
		p.size = image.Pt(config.Width, config.Height)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case p.size.X <= 0 || p.size.Y <= 0:
		return nil, ErrDamaged
	case p.Pixels() > MaxPixels:
		return nil, fmt.Errorf("%w: %d × %d pixels", ErrTooLarge, p.size.X, p.size.Y)
	}
	if p.contentType == "image/jpeg" {
		p.orientation = readOrientation(head)
	}
	return p, nil
}

// Pixels is how many pixels decoding will make.
func (p *Picture) Pixels() int64 { return int64(p.size.X) * int64(p.size.Y) }

// decode reads the whole picture.
func (p *Picture) decode(ctx context.Context) (image.Image, error) {
	var m image.Image
	err := p.read(ctx, func(r io.Reader) error {
		var err error
		m, err = p.format.decode(r)
		return err
	})
	if err != nil || m.Bounds() == (image.Rectangle{Max: p.size}) {
		return m, err
	}
	// The first frame of a GIF may be a part of the picture.
	whole := image.NewRGBA(image.Rectangle{Max: p.size})
	draw.Draw(whole, m.Bounds(), m, m.Bounds().Min, draw.Src)
	return whole, nil
}

// read gives the picture's bytes from the beginning to f. What goes wrong is
// blamed on the file, unless the source or the time is the reason.
func (p *Picture) read(ctx context.Context, f func(io.Reader) error) (err error) {
	if _, err := p.source.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := &reader{ctx: ctx, r: bufio.NewReaderSize(p.source, 64<<10), left: maxBytes}
	defer func() {
		if thrown := recover(); thrown != nil {
			// A decoder that some file takes by surprise costs that file only.
			err = fmt.Errorf("%w: %v", ErrDamaged, thrown)
		}
		if r.err != nil {
			err = r.err
		}
	}()
	if err := f(r); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// reader bounds what a decoder reads, and remembers why it stopped where that
// is not the decoder's business.
type reader struct {
	ctx  context.Context //nolint:containedctx // as long as one decoding
	r    io.Reader
	left int64
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		r.err = err
		return 0, err
	}
	if r.left <= 0 {
		r.err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, int64(maxBytes))
		return 0, r.err
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
