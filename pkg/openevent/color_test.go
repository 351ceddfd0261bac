package openevent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func TestColours(t *testing.T) {
	t.Parallel()
	read := func(value string) (string, []contracts.Issue) {
		records, issues := readAll(t, open(t, item{"tracks", fmt.Sprintf(`[{"id":1,"name":"Boats","color":%q}]`, value)}), openevent.Tracks)
		return records[0].Value.Color, issues
	}
	for _, value := range []string{
		"#fff", "#fffa", "#1485CC", "#1485cc80", "Teal", "RebeccaPurple", "transparent", "rgb(1, 2, 3)", "rgba(1,2,3,.5)", "RGB(10% 20% 30% / 40%)",
		"hsl(10deg 50% 20%)", "hsla(0.5turn, 50%, 20%, 0.3)", "hwb(194 0% 0%)", "lab(52.2345% 40.1645 59.9971)", "lch(52% 72 50)", "oklab(40% 0.1 -0.1)", "oklch(40% 0.2 200grad / .5)",
	} {
		color, issues := read(value)
		require.Empty(t, issues, value)
		require.Equal(t, value, color)
	}
	for _, value := range []string{"3DC8C3", "fff", "1485cc80"} {
		color, issues := read(value)
		require.Equal(t, []string{openevent.CodeColorCorrected}, codes(issues), value)
		require.Equal(t, "#"+value, color)
	}
	for _, value := range []string{
		"#ff", "#gggggg", "ffff0", "teal red", "colour", "inherit", "url(x)", "rgb(1,2)", "rgb(1,2,3,4,5)", "rgb(inf,nan,0)", "hsv(1,1,1)", "rgb(1,2,3);color:red",
		"expression(1)", "red;background:url(//x.example)", "red}", `red"`, "red/**/", "#fff\u00a0", "blac\u212a", "rgb(0x1,2,3)", strings.Repeat("f", 100_000),
	} {
		color, issues := read(value)
		require.Equal(t, []string{openevent.CodeInvalidColor}, codes(issues), value)
		require.Equal(t, contracts.Warning, issues[0].Severity)
		require.Empty(t, color)
	}
}
