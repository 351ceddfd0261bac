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

// maxOpen is how deeply elements may lie in each other. Below that tags are left out.
const maxOpen = 64

// markup makes a text of HTML a part of the page. It was cleaned when it was
// imported; here it is read and written once more, so that an element which it
// leaves open does not swallow the rest of the page, and so that no text needs
// another service to be harmless.
//
// It goes from tag to tag and makes no tree: a parser as browsers have it opens
// elements again where they were nested wrongly, and makes megabytes of a text
// of some kilobytes that was written for that.
func markup(text string) template.HTML {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if !strings.Contains(text, "<") {
		text = strings.ReplaceAll(text, "\n", "<br>") // people wrote lines, not HTML
	}
	w := writer{}
	tokens := html.NewTokenizer(strings.NewReader(text))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end; a string cannot fail to be read
			w.closeFrom(0)
			return template.HTML(w.out.String()) //nolint:gosec // of all markup there is just what writer writes
		case html.TextToken:
			if !w.hidden {
				w.out.WriteString(html.EscapeString(string(tokens.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(tokens.Token())
		case html.EndTagToken:
			w.end(tokens.Token())
		}
	}
}

// writer writes markup that is whole: every element that begins ends.
type writer struct {
	out  strings.Builder
	open []atom.Atom
	// hidden tells of text that is not for people, behind a script or a style.
	hidden bool
}

func (w *writer) start(t html.Token) {
	w.hidden = t.DataAtom == atom.Script || t.DataAtom == atom.Style
	switch {
	case !slices.Contains(elements, t.DataAtom):
		return
	case t.DataAtom == atom.Br:
		w.out.WriteString("<br>")
		return
	}
	// As in HTML a paragraph ends where the next one begins, and an item, too.
	if n := len(w.open); n > 0 && w.open[n-1] == t.DataAtom && (t.DataAtom == atom.P || t.DataAtom == atom.Li) {
		w.closeFrom(n - 1)
	}
	if len(w.open) == maxOpen {
		return
	}
	w.out.WriteString("<" + t.Data)
	for _, a := range t.Attr {
		if t.DataAtom == atom.A && a.Key == "href" && linkable(a.Val) != "" {
			w.out.WriteString(` href="` + html.EscapeString(a.Val) + `" rel="nofollow ugc"`)
			break
		}
	}
	w.out.WriteString(">")
	w.open = append(w.open, t.DataAtom)
}

// end closes an element, and those that were begun inside of it. An end without
// a beginning is left out.
func (w *writer) end(t html.Token) {
	w.hidden = false
	for i, name := range slices.Backward(w.open) {
		if name == t.DataAtom {
			w.closeFrom(i)
			return
		}
	}
}

func (w *writer) closeFrom(i int) {
	for _, name := range slices.Backward(w.open[i:]) {
		w.out.WriteString("</" + name.String() + ">")
	}
	w.open = w.open[:i]
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
