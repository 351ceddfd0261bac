package page

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextCanBeReadOnEveryColour(t *testing.T) {
	t.Parallel()
	part := func(hex string) float64 {
		n, err := strconv.ParseUint(hex, 16, 8)
		require.NoError(t, err)
		return float64(n) / 255
	}
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				p, ok := paintOf("rgb(" + strconv.Itoa(r) + "," + strconv.Itoa(g) + "," + strconv.Itoa(b) + ")")
				require.True(t, ok)
				light := luminance(part(p.Ground[1:3]), part(p.Ground[3:5]), part(p.Ground[5:7]))
				contrast := 1.05 / (light + .05)
				if p.Ink == "#000" {
					contrast = (light + .05) / .05
				}
				require.GreaterOrEqual(t, contrast, 4.5, "%+v", p)
			}
		}
	}
}

func TestColoursAreWrittenAnew(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]paint{
		"#fff": {"#ffffff", "#000"}, "Navy": {"#000080", "#fff"}, "hsl(120deg 100% 25%)": {"#008000", "#fff"},
		"rgba(0,0,0,.5)": {"#808080", "#000"},
	} {
		got, ok := paintOf(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "transparent", "#fff}body{display:none", "</style>", "url(x)", "blueish"} {
		_, ok := paintOf(text)
		require.False(t, ok, text)
	}
}
