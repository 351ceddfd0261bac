package openevent_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

// cleaned returns what a text becomes as the value of a field of HTML.
func cleaned(t testing.TB, text string) string {
	t.Helper()
	var value strings.Builder
	encoder := json.NewEncoder(&value)
	encoder.SetEscapeHTML(false) // as exporters write it, and shorter
	require.NoError(t, encoder.Encode(text))
	a, err := openBytes(stored(t, "sponsors", fmt.Sprintf(`[{"id":1,"name":"Lantern Works","description":%s}]`, value.String())), openevent.Limits{})
	require.NoError(t, err)
	records, issues := readAll(t, a, openevent.Sponsors)
	require.Empty(t, issues)
	require.Len(t, records, 1)
	return records[0].Value.Description.Clean()
}

func TestHTMLKeepsWhatTheFormatAllowsAndNothingElse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		// No markup: byte for byte.
		"":                            "",
		"It's R&D, \"5 > 4\" &amp;c.": "It's R&D, \"5 > 4\" &amp;c.",
		"  第一 会場\r\n\r\n二階 \t。":       "  第一 会場\r\n\r\n二階 \t。",
		"Добро  пожаловать\n":         "Добро  пожаловать\n",
		"&lt;b&gt; &#39; &nbsp;":      "&lt;b&gt; &#39; &nbsp;",

		// Every allowed element.
		"<b>a</b><strong>a</strong><span>a</span><p>a</p><em>a</em><i>a</i><u>a</u><center>a</center><sup>a</sup><sub>a</sub><ul><li>a</li></ul><ol><li>a</li></ol><strike>a</strike><br>a<br/>": "<b>a</b><strong>a</strong><span>a</span><p>a</p><em>a</em><i>a</i><u>a</u><center>a</center><sup>a</sup><sub>a</sub><ul><li>a</li></ul><ol><li>a</li></ol><strike>a</strike><br>a<br/>",
		"<P>a</P>":             "<p>a</p>",
		"<p>  a \n\n b </p>\n": "<p>  a \n\n b </p>\n",
		"<p>第一 会場</p> 二 階":     "<p>第一 会場</p> 二 階",

		// Quotes stay readable, what would be markup does not become it.
		`<p>It's "fine" &amp; R&D 5 > 4</p>`: `<p>It's "fine" &amp; R&amp;D 5 &gt; 4</p>`,
		"<p>&#39;a&quot; &lt;b&gt;</p>":      `<p>'a" &lt;b&gt;</p>`,
		"1 < 2 & 3":                          "1 &lt; 2 &amp; 3",
		"a<b":                                "a&lt;b",
		"I </3 you, and <b>all</b> of that":  "I all</b> of that",
		"I </3 you":                          "I &lt;/3 you",
		"less <than and so on":               "less &lt;than and so on",
		`<p>x</p> <a href="x and so on`:      `<p>x</p> &lt;a href="x and so on`,
		"a <!-- b":                           "a &lt;!-- b",
		"a <!-- b > c":                       "a &lt;!-- b &gt; c",

		// Text of other elements stays.
		"<h1>a</h1><div>b</div><table><tr><td>c</td></tr></table>":           "abc",
		"<blink>a <b>b</b></blink>":                                          "a <b>b</b>",
		`a<img src="https://a.example/x.png" onerror="alert(1)">b`:           "ab",
		`<object data="x">a`:                                                 "a",
		`<frame src="x">a`:                                                   "a",
		`a</iframe>b<iframe src="https://a.example"></iframe>c`:              "abc",
		"a<!-- b -->c<!DOCTYPE html>d<?php e ?>f":                            "acdf",
		"<svg><a xlink:href='javascript:alert(1)'>a</a></svg>":               "<a>a</a>",
		"<form action='https://a.example'><input name=a>b<button>c</button>": "bc",

		// Scripts and styles go with their content.
		"a<script>alert('<b>x</b>')</script>b":           "ab",
		"a<SCRIPT type=x>alert(1)</ScRiPt>b":             "ab",
		"a<style>p{color:red}</style>b":                  "ab",
		"a<script>alert(1)":                              "a",
		"a<script/>alert(1)</script>b":                   "ab",
		`a<script src="x"/>alert(1)</script>b`:           "ab",
		"a<<script></script>b>c":                         "a&lt;b&gt;c",
		"<<!-- -->script>alert(1)</script>":              "&lt;script&gt;alert(1)",
		"<scr<script>ipt>alert(1)</script>":              "ipt&gt;alert(1)",
		"<p>a</p><script></script><p>b</p>":              "<p>a</p><p>b</p>",
		"<textarea><script>alert(1)</script></textarea>": "&lt;script&gt;alert(1)&lt;/script&gt;",
		"<noscript><p title='</noscript><b>x</b>":        "&lt;p title='<b>x</b>",

		// Links.
		`<a href="https://a.example/x?y=1&amp;z=2#q">a</a>`:                             `<a href="https://a.example/x?y=1&amp;z=2#q">a</a>`,
		`<a href='http://a.example'>a</a>`:                                              `<a href="http://a.example">a</a>`,
		`<a href="mailto:ada@quill.example">a</a>`:                                      `<a href="mailto:ada@quill.example">a</a>`,
		`<a href="www.a.example/x">a</a>`:                                               `<a href="www.a.example/x">a</a>`,
		`<a href="javascript:alert(1)">a</a>`:                                           "<a>a</a>",
		"<a href=\"java\nscript:alert(1)\">a</a>":                                       "<a>a</a>",
		`<a href="&#106;avascript:alert(1)">a</a>`:                                      "<a>a</a>",
		`<a href="data:text/html,x">a</a>`:                                              "<a>a</a>",
		`<a href="ftp://a.example">a</a>`:                                               "<a>a</a>",
		`<a name="x">a</a> <a href="https://a.example">b</a>`:                           `<a>a</a> <a href="https://a.example">b</a>`,
		`<a href="https://a.example" target=_blank rel=me id=x onclick=y class=z>a</a>`: `<a href="https://a.example">a</a>`,

		// Styles.
		`<p style="text-align: center; color: red">a</p>`:                                 `<p style="text-align: center">a</p>`,
		`<p style="TEXT-ALIGN:right;;font-weight:bold !important;font-weight:700;">a</p>`: `<p style="text-align: right; font-weight: bold !important; font-weight: 700">a</p>`,
		`<span style="text-decoration: underline #ff0000">a</span>`:                       `<span style="text-decoration: underline #ff0000">a</span>`,
		`<span style="">a</span>`:                                                         "<span>a</span>",
		`<span style="background: url(https://a.example)">a</span>`:                       "<span>a</span>",
		`<span style="text-decoration: url('javascript:alert(1)')">a</span>`:              "<span>a</span>",
		`<span style="font-weight: expression(alert(1))">a</span>`:                        "<span>a</span>",
		`<span style="text-align: \65 xpression">a</span>`:                                "<span>a</span>",
	} {
		got := cleaned(t, in)
		require.Equal(t, want, got, in)
		require.Equal(t, got, cleaned(t, got), "%s again", in)
	}
}

// What cleaning comes to is a fixed point, whatever pieces of markup stand
// beside each other.
func TestCleaningHTMLTwiceIsCleaningItOnce(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"<", ">", "/", "!", "--", "-->", "&", "&amp;", "&lt;", "&#13;", "&#0;", "&notit;", "\r\n", "\r", "\n", " ", "'", "\"", "=", "a", "é", "第", "\u00a0",
		"<p>", "</p>", "<b", "<a href=", "<a href='//a.example/%zz'>", "<a href=\"https://a.example/ä?b=ü&c\">", "</a>", "<br/>", "<script>", "<script/>", "</script>",
		"<style", "<!--", "<!", "<?", "</", "<textarea>", "</textarea>", "<iframe>", "</iframe>", "<noscript>", "<xmp>", "<plaintext>", "<svg>", "<object>", "<frame>",
		"<span style='text-align:center;", "font-weight: bold", "'>", "javascript:", "mailto:a@b.example", "<P STYLE=\"text-decoration: underline\">",
	}
	stable := func(chosen []uint8) bool {
		var b strings.Builder
		for _, n := range chosen {
			b.WriteString(pieces[int(n)%len(pieces)])
		}
		once := cleaned(t, b.String())
		return once == cleaned(t, once)
	}
	require.NoError(t, quick.Check(stable, &quick.Config{MaxCount: 2000}))
}

// Each of these takes hours where the time grows faster than the text.
func TestHostileHTMLIsBounded(t *testing.T) {
	t.Parallel()
	fill := func(piece string) string { return strings.Repeat(piece, 1<<20/len(piece)) }
	for name, text := range map[string]string{
		"nothing but <":     strings.Repeat("<", 4<<20),
		"deep nesting":      fill("<b><p>"),
		"end tags":          fill("</p>"),
		"tags without end":  fill("<a "),
		"one tag":           "<p" + fill(" a=b") + ">",
		"a long style":      `<p style="` + fill("text-align:center a b;") + `">`,
		"an endless style":  `<p style="text-align:` + fill("a ") + `">`,
		"escapes in styles": `<p style="text-align:` + fill(`\41 `) + `">`,
		"open addresses":    `<p style="text-align:` + fill("url(") + `">`,
		"comments":          fill("<!--"),
		"ampersands":        "<p>" + fill("&amp"),
		"scripts":           fill("<script/>"),
		"frames":            fill("<iframe><iframe>"),
		"quotes":            fill(`<a href="`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cleaned(t, text)
		})
	}
}
