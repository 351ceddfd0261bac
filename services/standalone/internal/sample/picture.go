package sample

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// canvas draws pictures out of random numbers: the same numbers, the same picture.
type canvas struct{ *rand.Rand }

// palette holds colours that go with each other and with white letters.
var palette = []color.RGBA{
	{0x26, 0x46, 0x53, 0xff}, {0x2a, 0x9d, 0x8f, 0xff}, {0xb5, 0x83, 0x1a, 0xff},
	{0xd0, 0x6a, 0x3c, 0xff}, {0x9b, 0x2f, 0x4f, 0xff}, {0x4a, 0x4e, 0x8c, 0xff},
	{0x3a, 0x7c, 0xa5, 0xff}, {0x5c, 0x6b, 0x3a, 0xff}, {0x7a, 0x4e, 0x6d, 0xff},
}

// portrait is a JPEG of a head and shoulders before a coloured wall, with
// initials, and with grain of the given strength, 0 for none.
func (c canvas) portrait(size, grain int, initials string) []byte {
	m := c.gradient(size, size)
	tone := 110 + c.IntN(130)
	skin := color.RGBA{uint8(tone), uint8(tone * 75 / 100), uint8(tone * 58 / 100), 0xff}
	disc(m, size/2, size*11/10, size*45/100, pick(c.Rand, palette))
	disc(m, size/2, size*43/100, size*24/100, skin)
	label(m, image.Rect(size*5/100, size*80/100, size*35/100, size*95/100), initials)
	c.grain(m, grain)
	return asJPEG(m)
}

// grain makes each pixel a little darker, by chance.
func (c canvas) grain(m *image.RGBA, strength int) {
	if strength == 0 {
		return
	}
	for i := range m.Pix {
		if i%4 != 3 { // all but the opacity
			m.Pix[i] = uint8(max(0, int(m.Pix[i])-c.IntN(strength)))
		}
	}
}

// background is a wide JPEG of overlapping discs.
func (c canvas) background(width, height int) []byte {
	m := c.gradient(width, height)
	for range 12 {
		disc(m, c.IntN(width), c.IntN(height), height/12+c.IntN(height/4), pick(c.Rand, palette))
	}
	return asJPEG(m)
}

// logo is a PNG of a disc and a name in ASCII.
func (c canvas) logo(width, height int, name string) []byte {
	m := filled(width, height, pick(c.Rand, palette))
	disc(m, height/2, height/2, height*35/100, color.RGBA{0xff, 0xff, 0xff, 0xff})
	disc(m, height/2, height/2, height*20/100, pick(c.Rand, palette))
	label(m, image.Rect(height, height/4, width-height/8, height*3/4), name)
	return asPNG(m)
}

// tile is a square PNG of one colour with a letter.
func (c canvas) tile(size int, fill color.RGBA, letter string) []byte {
	m := filled(size, size, fill)
	label(m, image.Rect(size/4, size/4, size*3/4, size*3/4), letter)
	return asPNG(m)
}

// gradient goes from one colour of the palette at the top to another at the bottom.
func (c canvas) gradient(width, height int) *image.RGBA {
	from, to := pick(c.Rand, palette), pick(c.Rand, palette)
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	mix := func(a, b uint8, y int) uint8 { return uint8((int(a)*(height-y) + int(b)*y) / height) }
	for y := range height {
		row := image.Rect(0, y, width, y+1)
		shade := color.RGBA{mix(from.R, to.R, y), mix(from.G, to.G, y), mix(from.B, to.B, y), 0xff}
		draw.Draw(m, row, image.NewUniform(shade), image.Point{}, draw.Src)
	}
	return m
}

func filled(width, height int, fill color.RGBA) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(m, m.Bounds(), image.NewUniform(fill), image.Point{}, draw.Src)
	return m
}

func disc(m *image.RGBA, x, y, radius int, fill color.RGBA) {
	area := image.Rect(x-radius, y-radius, x+radius+1, y+radius+1).Intersect(m.Bounds())
	for py := area.Min.Y; py < area.Max.Y; py++ {
		for px := area.Min.X; px < area.Max.X; px++ {
			if (px-x)*(px-x)+(py-y)*(py-y) <= radius*radius {
				m.SetRGBA(px, py, fill)
			}
		}
	}
}

// label writes white text as large as fits into the box. The font knows ASCII only.
func label(m *image.RGBA, box image.Rectangle, text string) {
	face := basicfont.Face7x13
	small := image.NewRGBA(image.Rect(0, 0, face.Advance*len(text), face.Height))
	d := font.Drawer{Dst: small, Src: image.White, Face: face, Dot: fixed.P(0, face.Ascent)}
	d.DrawString(text)
	width, height := box.Dx(), box.Dx()*small.Rect.Dy()/small.Rect.Dx()
	if height > box.Dy() {
		width, height = box.Dy()*small.Rect.Dx()/small.Rect.Dy(), box.Dy()
	}
	at := image.Rect(0, 0, width, height).Add(box.Min).Add(image.Pt(0, (box.Dy()-height)/2))
	draw.NearestNeighbor.Scale(m, at, small, small.Bounds(), draw.Over, nil)
}

// asJPEG encodes into memory, where nothing but the picture's size can be wrong.
func asJPEG(m *image.RGBA) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// asPNG is asJPEG for pictures of few colours.
func asPNG(m *image.RGBA) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
