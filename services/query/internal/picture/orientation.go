package picture

import (
	"bytes"
	"errors"
	"image"

	"github.com/bep/imagemeta"
)

// orientation is the value of the EXIF tag of that name, by which a camera says
// how it was held: 1, as zero does, for upright, 2 to 8 for the other ways.
type orientation int

// turned tells that width and height change places.
func (o orientation) turned() bool { return o >= 5 && o <= 8 }

// size is that of an upright picture whose stored one is given, and the other
// way round.
func (o orientation) size(stored image.Point) image.Point {
	if o.turned() {
		return image.Pt(stored.Y, stored.X)
	}
	return stored
}

// errEnough ends the reading of tags.
var errEnough = errors.New("enough")

// readOrientation finds the tag in the beginning of a JPEG. Metadata that cannot
// be read say nothing; the picture itself may be good.
func readOrientation(head []byte) orientation {
	found := orientation(1)
	_, _ = imagemeta.Decode(imagemeta.Options{ // the error is errEnough, or see above
		R:            bytes.NewReader(head),
		ImageFormat:  imagemeta.JPEG,
		Sources:      imagemeta.EXIF,
		LimitNumTags: 500,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Namespace == "IFD0" && tag.Tag == "Orientation"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if value, ok := tag.Value.(uint16); ok && value >= 1 && value <= 8 {
				found = orientation(value)
			}
			return errEnough
		},
	})
	return found
}

// upright turns a stored picture so that it stands as it was seen.
func (o orientation) upright(m *image.RGBA) *image.RGBA {
	if o <= 1 {
		return m
	}
	width, height := m.Rect.Dx(), m.Rect.Dy()
	to := image.NewRGBA(image.Rectangle{Max: o.size(m.Rect.Size())})
	for y := range height {
		for x := range width {
			at := image.Pt(x, y)
			switch o {
			case 2:
				at = image.Pt(width-1-x, y)
			case 3:
				at = image.Pt(width-1-x, height-1-y)
			case 4:
				at = image.Pt(x, height-1-y)
			case 5:
				at = image.Pt(y, x)
			case 6:
				at = image.Pt(height-1-y, x)
			case 7:
				at = image.Pt(height-1-y, width-1-x)
			case 8:
				at = image.Pt(y, width-1-x)
			}
			to.SetRGBA(at.X, at.Y, m.RGBAAt(m.Rect.Min.X+x, m.Rect.Min.Y+y))
		}
	}
	return to
}
