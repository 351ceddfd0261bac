package openevent

import (
	"strings"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"
)

// What is taken for clean without parsing it is what parsing would make of it,
// whatever stands beside what.
func TestTextThatLooksCleanIsClean(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"<p>", "</p>", "<b>", "</b>", "<strong>", "</strong>", "<ul>", "<li>", "</li>", "</ul>", "<a>", `<a href="https://a.example/b-c/../d_1.html">`, "</a>", "<br>", "<br/>", "<span>",
		"a", "é", "第 二", " ", "\n", "\t", "'", "\"", "\u00a0", "\xff", "&amp;", "&lt;", "&gt;", "&amp;lt;", "/", "=", ";", "!", "--", "?", "#",
		"<", ">", "&", "</", "<!", "<P>", "<p >", "<p/>", "</br>", "<h1>", "<script>", "</script>", "<textarea>", "&#39;", "&nbsp;", "\r", "\x00",
	}
	clean := 0
	same := func(chosen []uint8) bool {
		var b strings.Builder
		for n, piece := range chosen {
			// Mostly of the first ones, else hardly any text would be clean.
			from := pieces[:len(pieces)-17]
			if n%19 == 18 {
				from = pieces
			}
			b.WriteString(from[int(piece)%len(from)])
		}
		text := b.String()
		if !isClean(text) {
			return true
		}
		clean++
		return scrubHTML(text) == text
	}
	require.NoError(t, quick.Check(same, &quick.Config{MaxCount: 20_000}))
	require.Greater(t, clean, 2000, "too few to tell")
}

func TestTextThatIsNotPlainIsParsed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"<", "a<b", "<h1>a</h1>", "<P>a</P>", "<p >a</p>", "<p/>", "</br>", `<a href="/a">a</a>`, `<a href="https://a.example/?b">a</a>`, `<a href="https://a.example" rel="b">a</a>`, `<a href="javascript:a">`,
		`<a href="https://a.example:80">`, `<a href="https://[a]">`, `<a href="https://a b">`, "<p>5 > 4</p>", "<p>R&D</p>",
		"<p>&#39;</p>", "<p>&nbsp;</p>", "<p>a\r\nb</p>", "<p>a\x00b</p>", "<script>", "<p>a</p><!-- b -->", "<strong", "<scriptscript>",
	} {
		require.False(t, isClean(text), text)
	}
}

func BenchmarkCleanHTML(b *testing.B) {
	text := strings.Repeat("<p>How ropes are made, and why <em>good</em> knots hold.</p>\n", 10)
	for name, clean := range map[string]func(string) string{"plain": CleanHTML, "parsed": scrubHTML} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				clean(text)
			}
		})
	}
}
