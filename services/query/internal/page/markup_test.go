package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMarkupKeepsWhatTextsMayHaveAndNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "",
		"  plain & simple ":           "plain &amp; simple",
		"one\ntwo":                    "one<br>two",
		"<p>a <strong>b</strong></p>": "<p>a <strong>b</strong></p>",
		"<ul><li>a<li>b</ul>":         "<ul><li>a</li><li>b</li></ul>",
		"<b>open":                     "<b>open</b>",
		"closed</div></section>":      "closed",
		`<a href="https://a.example/?b=1&c=2">a</a>`:      `<a href="https://a.example/?b=1&amp;c=2" rel="nofollow ugc">a</a>`,
		`<a href="javascript:alert(1)" onclick="x">a</a>`: "<a>a</a>",
		`<a href="data:text/html,x">a</a>`:                "<a>a</a>",
		`<script>alert(1)</script><style>a{}</style>b`:    "b",
		`<svg><script>alert(1)</script></svg>b`:           "b",
		`<img src=x onerror=alert(1)>b<!-- c -->`:         "b",
		`<p style="color:red" class="draft" id="x">b</p>`: "<p>b</p>",
		`<h1>title</h1><table><tr><td>cell</table>`:       "titlecell",
		"&lt;script&gt; <br>":                             "&lt;script&gt; <br>",
		"<template><p>a</p></template>b":                  "<p>a</p>b",
		"<b>a<p>b</b>c</p>d":                              "<b>a<p>b</p></b>cd",
		"<p>a<p>b</p></p>":                                "<p>a</p><p>b</p>",
	} {
		require.Equal(t, want, string(markup(text)), "%q", text)
	}
	deep := string(markup(strings.Repeat("<b><i>", 5000) + "deep"))
	require.Contains(t, deep, "deep")
}

func TestMarkupOfAHostileTextIsNoLongerThanTheText(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("<p>")
	for i := range 490 {
		fmt.Fprintf(&text, `<b style="text-align: a%d">`, i)
	}
	text.WriteString(strings.Repeat("<p>x", 4000))
	require.Less(t, len(markup(text.String())), 2*text.Len())
}

func TestLinksLeadToTheWebOnly(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://a.example/x": "https://a.example/x", "http://a.example": "http://a.example", " mailto:a@b.example": "mailto:a@b.example",
		"javascript:alert(1)": "", "JavaScript:alert(1)": "", "data:text/html,x": "", "/relative": "", "//a.example": "", "": "", "ht!tp://": "",
	} {
		require.Equal(t, want, linkable(address), "%q", address)
	}
	require.Equal(t, "https://a.example/x.png", loadable("https://a.example/x.png"))
	for _, address := range []string{"http://a.example/x.png", "/images/x.png", "data:image/png;base64,", "https:x"} {
		require.Empty(t, loadable(address), "%q", address)
	}
}
