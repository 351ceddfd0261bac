package page

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestPlainIsOneLineWithoutMarkup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		" a \n\n b ":                          "a b",
		"<p>One</p><p>two<br>three</p>":       "One two three",
		"<b>b</b>old &amp; <i>i</i>":          "bold & i",
		"a<script>alert(1)</script>b":         "ab",
		"1 < 2 <ul><li>x<li>y</ul>z":          "1 < 2 x y z",
		"nothing\x00 of\u0085 control":        "nothing of control",
		"exactly twenty chars":                "exactly twenty chars",
		"exactly twenty-one ch":               "exactly twenty-one…",
		"aaaaaaaaaaaaaaaaaaaaaaaaa":           "aaaaaaaaaaaaaaaaaaa…",
		"<p>Water, boats, and more</p>" + "x": "Water, boats, and…",
	} {
		require.Equal(t, want, plain(text, 20), "%q", text)
	}
}

func TestPlainReadsNoMoreThanItKeeps(t *testing.T) {
	t.Parallel()
	long := plain(strings.Repeat("<p>wört &amp; </p>", 100_000), 200)
	require.LessOrEqual(t, utf8.RuneCountInString(long), 200)
	require.Greater(t, utf8.RuneCountInString(long), 180)
}
