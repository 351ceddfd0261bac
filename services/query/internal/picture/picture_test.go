package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/query/internal/picture"
)

// corners are the colours of a test picture: top left, top right, bottom left
// and bottom right.
var corners = [4]color.NRGBA{{220, 30, 30, 255}, {30, 200, 30, 255}, {30, 30, 220, 255}, {230, 220, 40, 255}}

// quarters draws a picture of four colours.
func quarters(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, corners[2*(2*y/height)+2*x/width])
		}
	}
	return m
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

func asGIF(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gif.Encode(&b, m, nil))
	return b.Bytes()
}

// held puts an EXIF segment with an orientation into a JPEG.
func held(file []byte, orientation uint16) []byte {
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" + // big endian, the directory at 8
		"\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01") // one entry: the tag, a short, one of it
	exif = binary.BigEndian.AppendUint16(exif, orientation)
	exif = append(exif, 0, 0, 0, 0, 0, 0)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(append(bytes.Clone(file[:2]), segment...), exif...), file[2:]...)
}

func shrink(t *testing.T, file []byte, width int) (picture.Copy, error) {
	t.Helper()
	p, err := picture.Open(t.Context(), bytes.NewReader(file))
	if err != nil {
		return picture.Copy{}, err
	}
	return p.Shrink(t.Context(), width)
}

func decoded(t *testing.T, c picture.Copy) image.Image {
	t.Helper()
	m, format, err := image.Decode(bytes.NewReader(c.Data))
	require.NoError(t, err)
	require.Equal(t, "image/"+format, c.ContentType)
	return m
}

// requireCorners tells whether the four quarters of a picture have the colours.
func requireCorners(t *testing.T, m image.Image, want [4]color.NRGBA) {
	t.Helper()
	size := m.Bounds().Size()
	for i, c := range want {
		at := m.Bounds().Min.Add(image.Pt(size.X/4+(i%2)*size.X/2, size.Y/4+(i/2)*size.Y/2))
		r, g, b, _ := m.At(at.X, at.Y).RGBA()
		require.InDelta(t, c.R, r>>8, 12, "red of quarter %d", i)
		require.InDelta(t, c.G, g>>8, 12, "green of quarter %d", i)
		require.InDelta(t, c.B, b>>8, 12, "blue of quarter %d", i)
	}
}

func TestShrinkKeepsProportionsAndColours(t *testing.T) {
	t.Parallel()
	m := quarters(600, 400)
	for name, file := range map[string][]byte{"png": asPNG(t, m), "jpeg": asJPEG(t, m), "gif": asGIF(t, m)} {
		c, err := shrink(t, file, 150)
		require.NoError(t, err, name)
		require.Equal(t, "image/jpeg", c.ContentType, "%s: nothing of it is transparent", name)
		small := decoded(t, c)
		require.Equal(t, image.Pt(150, 100), small.Bounds().Size(), name)
		requireCorners(t, small, corners)
	}
}

func TestShrinkKeepsTransparency(t *testing.T) {
	t.Parallel()
	m := quarters(300, 300)
	for y := range 150 {
		for x := range 150 {
			m.SetNRGBA(x, y, color.NRGBA{})
		}
	}
	c, err := shrink(t, asPNG(t, m), 75)
	require.NoError(t, err)
	require.Equal(t, "image/png", c.ContentType)
	small := decoded(t, c)
	_, _, _, alpha := small.At(10, 10).RGBA()
	require.Zero(t, alpha)
	_, _, _, alpha = small.At(60, 60).RGBA()
	require.EqualValues(t, 0xffff, alpha)
}

func TestShrinkPutsTheFirstFrameOfAGIFInItsPlace(t *testing.T) {
	t.Parallel()
	frame := image.NewPaletted(image.Rect(100, 0, 200, 100), color.Palette{corners[0]})
	var b bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 200, Height: 200}}))
	c, err := shrink(t, b.Bytes(), 50)
	require.NoError(t, err)
	small := decoded(t, c)
	require.Equal(t, image.Pt(50, 50), small.Bounds().Size())
	r, _, _, alpha := small.At(37, 12).RGBA()
	require.InDelta(t, corners[0].R, r>>8, 12)
	require.EqualValues(t, 0xffff, alpha)
	_, _, _, alpha = small.At(12, 12).RGBA()
	require.Zero(t, alpha)
}

func TestShrinkNeverEnlarges(t *testing.T) {
	t.Parallel()
	m := quarters(60, 40)
	for name, file := range map[string][]byte{"png": asPNG(t, m), "jpeg": held(asJPEG(t, m), 3), "gif": asGIF(t, m)} {
		for _, width := range []int{60, 500} {
			c, err := shrink(t, file, width)
			require.NoError(t, err, name)
			require.Equal(t, "image/"+name, c.ContentType)
			require.Equal(t, file, c.Data, "byte for byte")
		}
	}
}

func TestShrinkWritesAnewWhatHasNeedlesslyManyBytes(t *testing.T) {
	t.Parallel()
	file := append(asPNG(t, quarters(60, 40)), make([]byte, 5<<20)...)
	c, err := shrink(t, file, 500)
	require.NoError(t, err)
	require.Less(t, len(c.Data), 10_000)
	require.Equal(t, image.Pt(60, 40), decoded(t, c).Bounds().Size())
}

func TestShrinkTurnsPicturesUpright(t *testing.T) {
	t.Parallel()
	file := asJPEG(t, quarters(320, 160))
	a, b, c, d := corners[0], corners[1], corners[2], corners[3]
	for orientation, want := range map[uint16][4]color.NRGBA{
		1: {a, b, c, d}, 2: {b, a, d, c}, 3: {d, c, b, a}, 4: {c, d, a, b},
		5: {a, c, b, d}, 6: {c, a, d, b}, 7: {d, b, c, a}, 8: {b, d, a, c},
		0: {a, b, c, d}, 9: {a, b, c, d}, // which mean nothing
	} {
		made, err := shrink(t, held(file, orientation), 80)
		require.NoError(t, err)
		m := decoded(t, made)
		size := image.Pt(80, 40)
		if orientation >= 5 && orientation <= 8 {
			size = image.Pt(80, 160) // the width is that of what is seen
		}
		require.Equal(t, size, m.Bounds().Size(), "orientation %d", orientation)
		requireCorners(t, m, want)
	}
}

// Scaling goes in bands; a picture that is far more than one must have no seams.
func TestShrinkOfALongPictureHasNoSeams(t *testing.T) {
	t.Parallel()
	m := image.NewGray(image.Rect(0, 0, 700, 6000))
	for y := range 6000 {
		for x := range 700 {
			m.SetGray(x, y, color.Gray{uint8(y * 255 / 6000)})
		}
	}
	c, err := shrink(t, asPNG(t, m), 500)
	require.NoError(t, err)
	small := decoded(t, c)
	require.Equal(t, image.Pt(500, 4286), small.Bounds().Size())
	before := 0
	for y := range 4286 {
		r, _, _, _ := small.At(250, y).RGBA()
		require.InDelta(t, before, r>>8, 3, "row %d", y)
		before = int(r >> 8)
	}
}

func TestOpenRefusesWhatIsNoPicture(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"nothing": "", "text": "hello", "html": "<html><body>", "svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
		"pdf": "%PDF-1.7\n", "bmp": "BM\x00\x00\x00\x00", "avif": "\x00\x00\x00\x1cftypavif",
	} {
		_, err := shrink(t, []byte(file), 100)
		require.ErrorIs(t, err, picture.ErrNotPicture, name)
	}
}

// claiming is a PNG whose head tells of another size than its data have.
func claiming(t *testing.T, file []byte, width, height uint32) []byte {
	t.Helper()
	lying := bytes.Clone(file)
	head := lying[12:29] // the type of the chunk and its data
	require.Equal(t, "IHDR", string(head[:4]))
	binary.BigEndian.PutUint32(head[4:], width)
	binary.BigEndian.PutUint32(head[8:], height)
	binary.BigEndian.PutUint32(lying[29:], crc32.ChecksumIEEE(head))
	return lying
}

func TestOpenRefusesAPictureOfTooManyPixelsBeforeItIsDecoded(t *testing.T) {
	t.Parallel()
	small := asPNG(t, quarters(4, 4))
	for _, size := range [][2]uint32{{50_001, 1000}, {1 << 30, 1}, {65_535, 65_535}} {
		_, err := picture.Open(t.Context(), bytes.NewReader(claiming(t, small, size[0], size[1])))
		require.ErrorIs(t, err, picture.ErrTooLarge)
	}
	p, err := picture.Open(t.Context(), bytes.NewReader(claiming(t, small, 50_000, 1000)))
	require.NoError(t, err)
	require.EqualValues(t, picture.MaxPixels, p.Pixels())

	// One that stays large although it becomes narrow.
	p, err = picture.Open(t.Context(), bytes.NewReader(claiming(t, small, 1400, 35_000)))
	require.NoError(t, err)
	_, err = p.Shrink(t.Context(), 1300)
	require.ErrorIs(t, err, picture.ErrTooLarge)
}

func TestShrinkTellsDamagedPictures(t *testing.T) {
	t.Parallel()
	good := asJPEG(t, quarters(300, 200))
	huge := asPNG(t, quarters(4, 4))
	webp := []byte("RIFF\x2a\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x03\x00\x00" + // says 4 × 4
		"VP8L\x0c\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00\x00\x00") // and is 16384 × 16384
	for name, file := range map[string][]byte{
		"cut in its data":              good[:len(good)*2/3],
		"cut in its head":              good[:20],
		"with too few data for a PNG":  claiming(t, huge, 3000, 3000),
		"with too much data for a PNG": claiming(t, asPNG(t, quarters(300, 200)), 3, 2),
		"a WebP that is another size":  webp,
		"only a signature":             []byte("\x89PNG\x0d\x0a\x1a\x0a"),
	} {
		_, err := shrink(t, file, 100)
		require.ErrorIs(t, err, picture.ErrDamaged, name)
	}
}

func TestShrinkStopsWithItsContextAndReadsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	p, err := picture.Open(t.Context(), bytes.NewReader(asPNG(t, quarters(300, 200))))
	require.NoError(t, err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.Shrink(ended, 100)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, picture.ErrDamaged)

	// A JPEG whose comments have no end.
	comments := append([]byte{0xff, 0xd8}, bytes.Repeat(append([]byte{0xff, 0xfe, 0xff, 0xff}, make([]byte, 0xfffd)...), 1100)...)
	_, err = picture.Open(t.Context(), bytes.NewReader(comments))
	require.ErrorIs(t, err, picture.ErrTooLarge)
}

// failing is a source that breaks behind the head.
type failing struct{ io.ReadSeeker }

var errSource = errors.New("the store is away")

func (f failing) Read(p []byte) (int, error) {
	if at, _ := f.Seek(0, io.SeekCurrent); at > 200<<10 {
		return 0, errSource
	}
	return f.ReadSeeker.Read(p)
}

func TestShrinkDoesNotBlameThePictureForItsSource(t *testing.T) {
	t.Parallel()
	file := append(asJPEG(t, quarters(100, 100))[:200], bytes.Repeat([]byte{0x55}, 1<<20)...)
	p, err := picture.Open(t.Context(), failing{bytes.NewReader(append(asPNG(t, quarters(400, 400)), file...))})
	require.NoError(t, err)
	_, err = p.Shrink(t.Context(), 500) // good so far, but the file goes on
	require.ErrorIs(t, err, errSource)
	require.NotErrorIs(t, err, picture.ErrDamaged)
}
