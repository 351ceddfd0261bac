package page

import (
	"fmt"
	"math"

	"github.com/mazznoer/csscolorparser"
)

// paint is a colour to write on, and the one of black and white that is read
// better on it. Whatever the colour is, that one has a contrast of 4.5 and more.
type paint struct{ Ground, Ink string }

// paintOf reads a colour of CSS; false is for what is none, or cannot be seen.
// The colour is written anew, so that nothing of the text gets into a style.
func paintOf(text string) (paint, bool) {
	c, err := csscolorparser.Parse(text)
	if err != nil || c.A <= 0 {
		return paint{}, false
	}
	// What lets the page through is mixed with white, as it was chosen on.
	mixed := func(v float64) float64 { return min(max(v, 0), 1)*c.A + 1 - c.A }
	r, g, b := mixed(c.R), mixed(c.G), mixed(c.B)
	ink := "#fff"
	if light := luminance(r, g, b); (light+.05)/.05 >= 1.05/(light+.05) {
		ink = "#000"
	}
	byteOf := func(v float64) int { return int(math.Round(v * 255)) }
	return paint{fmt.Sprintf("#%02x%02x%02x", byteOf(r), byteOf(g), byteOf(b)), ink}, true
}

// luminance is how light a colour is, as WCAG measures it.
func luminance(r, g, b float64) float64 {
	linear := func(v float64) float64 {
		if v <= .04045 {
			return v / 12.92
		}
		return math.Pow((v+.055)/1.055, 2.4)
	}
	return .2126*linear(r) + .7152*linear(g) + .0722*linear(b)
}
