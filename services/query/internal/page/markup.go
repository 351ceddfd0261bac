package page

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// elements are the markup that a text may have.
var elements = []atom.Atom{
	atom.A, atom.B, atom.Br, atom.Center, atom.Em, atom.I, atom.Li, atom.Ol, atom.P, atom.Span, atom.Strike,
	atom.Strong, atom.Sub, atom.Sup, atom.U, atom.Ul,
}

// markup makes a text of HTML a part of the page. It was cleaned when it was
// imported; here it is read and written once more, so that an element which it
// leaves open does not swallow the rest of the page, and so that no text needs
// another service to be harmless.
func markup(text string) template.HTML {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if !strings.Contains(text, "<") {
		text = strings.ReplaceAll(text, "\n", "<br>") // people wrote lines, not HTML
	}
	nodes, err := html.ParseFragment(strings.NewReader(text), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil { // such as elements nested too deeply
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // it is escaped
	}
	var b strings.Builder
	for _, n := range nodes {
		writeNode(&b, n)
	}
	return template.HTML(b.String()) //nolint:gosec // of all markup there is just what writeNode writes
}

// writeNode writes a node and what is in it.
func writeNode(b *strings.Builder, n *html.Node) {
	known := n.Type == html.ElementNode && slices.Contains(elements, n.DataAtom)
	switch {
	case n.Type == html.TextNode:
		b.WriteString(html.EscapeString(n.Data))
		return
	case n.Type != html.ElementNode, slices.Contains([]atom.Atom{atom.Script, atom.Style, atom.Template}, n.DataAtom):
		return // a comment, and text that is not for people
	case n.DataAtom == atom.Br:
		b.WriteString("<br>")
		return
	case known:
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			if n.DataAtom == atom.A && a.Key == "href" && linkable(a.Val) != "" {
				b.WriteString(` href="` + html.EscapeString(a.Val) + `" rel="nofollow ugc"`)
			}
		}
		b.WriteString(">")
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		writeNode(b, child)
	}
	if known {
		b.WriteString("</" + n.Data + ">")
	}
}

// linkable is an address as it is, where a page may lead to it, and else empty.
func linkable(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) {
		return ""
	}
	return u.String()
}

// loadable is an address of a picture elsewhere that a page may show.
func loadable(address string) string {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return address
}
