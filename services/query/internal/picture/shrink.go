package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

const (
	// quality is that of a JPEG.
	quality = 85
	// maxAsIs is how many bytes a picture may have that is small enough and so
	// not written anew.
	maxAsIs = 4 << 20
	// maxCopyPixels bounds a copy: a picture can be as tall as it likes.
	maxCopyPixels = 10_000_000
	// bandPixels bounds the working memory of scaling, which is 32 bytes for each.
	bandPixels = 1 << 20
)

// Copy is a picture as it is sent.
type Copy struct {
	ContentType string
	Data        []byte
}

// Shrink makes a copy that is no wider than width, with the same proportions:
// a JPEG, or a PNG where something is transparent. A picture that is no wider is
// the copy itself once all of it was found good, with its animation and all; it
// is written anew where it has needlessly many bytes. The error is one of this
// package's, the context's, or the source's own.
func (p *Picture) Shrink(ctx context.Context, width int) (Copy, error) {
	full := p.orientation.size(p.size)
	size := image.Pt(min(width, full.X), 0)
	size.Y = max(1, (full.Y*size.X+full.X/2)/full.X)
	tooLarge := fmt.Errorf("%w: of %v pixels would still be left %v", ErrTooLarge, full, size)
	if full.X > width && size.X*size.Y > maxCopyPixels {
		return Copy{}, tooLarge
	}
	m, err := p.decode(ctx)
	if err != nil {
		return Copy{}, err
	}
	if full.X <= width {
		as, err := p.asIs(ctx)
		if err != nil || as.Data != nil {
			return as, err
		}
		if size.X*size.Y > maxCopyPixels {
			return Copy{}, tooLarge
		}
	}
	small := scale(m, p.orientation.size(size))
	return encode(p.orientation.upright(small))
}

// asIs returns the file itself, and no data where that is too long.
func (p *Picture) asIs(ctx context.Context) (Copy, error) {
	c := Copy{ContentType: p.contentType}
	err := p.read(ctx, func(r io.Reader) error {
		data, err := io.ReadAll(io.LimitReader(r, maxAsIs+1))
		if len(data) <= maxAsIs {
			c.Data = data
		}
		return err
	})
	return c, err
}

// scale resamples a picture, first its width and then its height. It goes in
// bands: done at once, a picture of MaxPixels would take more than a gigabyte
// besides itself.
func scale(m image.Image, size image.Point) *image.RGBA {
	from := m.Bounds()
	narrow := image.NewRGBA(image.Rect(0, 0, size.X, from.Dy()))
	rows := max(1, bandPixels/size.X)
	for y := 0; y < from.Dy(); y += rows {
		end := min(y+rows, from.Dy())
		draw.CatmullRom.Scale(narrow, image.Rect(0, y, size.X, end),
			m, image.Rect(from.Min.X, from.Min.Y+y, from.Max.X, from.Min.Y+end), draw.Src, nil)
	}
	if size.Y == from.Dy() {
		return narrow
	}
	small := image.NewRGBA(image.Rectangle{Max: size})
	columns := max(1, bandPixels/from.Dy())
	for x := 0; x < size.X; x += columns {
		end := min(x+columns, size.X)
		draw.CatmullRom.Scale(small, image.Rect(x, 0, end, size.Y), narrow, image.Rect(x, 0, end, from.Dy()), draw.Src, nil)
	}
	return small
}

func encode(m *image.RGBA) (Copy, error) {
	var b bytes.Buffer
	if m.Opaque() {
		err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
		return Copy{ContentType: "image/jpeg", Data: b.Bytes()}, err
	}
	err := png.Encode(&b, m)
	return Copy{ContentType: "image/png", Data: b.Bytes()}, err
}
