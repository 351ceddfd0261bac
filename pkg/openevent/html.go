package openevent

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// htmlPolicy says what markup a text of kind html may keep: the list that the
// old importers had. What is not in it loses its tags and keeps its text, but
// for script and style, whose content is no text.
var htmlPolicy = newHTMLPolicy()

func newHTMLPolicy() *bluemonday.Policy {
	elements := []string{"b", "strong", "span", "p", "em", "i", "u", "center", "sup", "sub", "ul", "ol", "li", "strike", "br", "a"}
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	// An element stays when it loses its attributes. Else its end would have to
	// go, too, and of tags that are not in pairs the wrong one went.
	p.AllowNoAttrs().OnElements(elements...)
	p.AllowAttrs("href").OnElements("a")
	// styleOf looks at the declarations: bluemonday's parser takes quadratic time.
	p.AllowAttrs("style").OnElements(elements...)
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	// Text in these is text. bluemonday would leave it out, and everything
	// behind it where an end tag is missing or one too many.
	p.AllowElementsContent("frame", "frameset", "iframe", "noembed", "noframes", "noscript", "nostyle", "object")
	return p
}

// HTML is a text with markup, as the archive has it. It is not cleaned in
// reading, because most who read a record do not want its texts: Clean takes
// more time than all the rest.
type HTML string

// Clean gives what may be kept and shown of the text, as CleanHTML does.
func (h HTML) Clean() string { return CleanHTML(string(h)) }

// CleanHTML takes from a text of HTML all markup that the format does not
// allow. A text without '<' has no markup and stays byte for byte. Cleaning
// twice is cleaning once, and it takes time in proportion to the text's length.
func CleanHTML(text string) string {
	if !strings.Contains(text, "<") || isClean(text) {
		return text
	}
	return scrubHTML(text)
}

// isClean tells of a text of nothing but words and the plainest markup that it
// is as scrubHTML would write it. That is most texts, and looking costs little
// beside parsing them three times.
func isClean(text string) bool {
	for i := 0; i < len(text); {
		length := 1
		switch text[i] {
		case '<':
			length = plainTag(text[i:])
		case '&':
			length = plainEscape(text[i:])
		case '>', '\r', 0:
			return false
		}
		if length == 0 {
			return false
		}
		i += length
	}
	return true
}

// plainLink matches a link to an address of which there is one spelling.
var plainLink = regexp.MustCompile(`^<a href="https?://[A-Za-z0-9][A-Za-z0-9./_-]*">`)

// plainTag returns the length of the tag that a text begins with, where it is
// an allowed element written as writeHTML does, without attributes but the
// address of a link; else 0.
func plainTag(text string) int {
	if strings.HasPrefix(text, "<a ") {
		return len(plainLink.FindString(text))
	}
	end := strings.IndexByte(text[:min(len(text), len("</strong>"))], '>')
	if end < 0 {
		return 0
	}
	name := text[1:end]
	if name == "br" || name == "br/" {
		return end + 1
	}
	switch strings.TrimPrefix(name, "/") {
	case "b", "strong", "span", "p", "em", "i", "u", "center", "sup", "sub", "ul", "ol", "li", "strike", "a":
		return end + 1
	}
	return 0
}

// plainEscape returns the length of the escape that a text begins with, where
// it is one that has to be; else 0.
func plainEscape(text string) int {
	for _, escape := range []string{"&amp;", "&lt;", "&gt;"} {
		if strings.HasPrefix(text, escape) {
			return len(escape)
		}
	}
	return 0
}

// scrubHTML cleans any text.
func scrubHTML(text string) string {
	return writeHTML(htmlPolicy.Sanitize(prepareHTML(text)))
}

// prepareHTML settles what the policy alone would get wrong: script and style
// go with their content, also where they end themselves, and a tag that never
// ends is text, which a tokenizer leaves out.
func prepareHTML(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	tokens := html.NewTokenizer(strings.NewReader(text))
	inside := false // right behind the start tag of script or style
	for {
		kind := tokens.Next()
		raw := tokens.Raw()
		switch kind {
		case html.ErrorToken:
			b.Write(bytes.ReplaceAll(raw, []byte("<"), []byte("&lt;")))
			return b.String()
		case html.TextToken:
			if inside {
				raw = nil
			}
		case html.CommentToken:
			if !ended(raw) {
				raw = bytes.ReplaceAll(raw, []byte("<"), []byte("&lt;"))
			}
		}
		inside = false
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			name, _ := tokens.TagName()
			inside = string(name) == "script" || string(name) == "style"
		}
		b.Write(raw)
	}
}

// ended tells a comment from what begins like one and goes on to the end.
func ended(comment []byte) bool {
	if bytes.HasPrefix(comment, []byte("<!--")) {
		return bytes.HasSuffix(comment, []byte("->")) || bytes.HasSuffix(comment, []byte("--!>"))
	}
	return bytes.HasSuffix(comment, []byte(">"))
}

// writeHTML writes clean markup again: it filters the styles and escapes only
// what must be, so that "it's" stays readable for whoever looks at the source.
func writeHTML(clean string) string {
	var b strings.Builder
	b.Grow(len(clean))
	tokens := html.NewTokenizer(strings.NewReader(clean))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return b.String() // the end; a string cannot fail to be read
		case html.TextToken:
			_, _ = readable.WriteString(&b, string(tokens.Raw())) // a builder takes everything
		case html.EndTagToken:
			name, _ := tokens.TagName()
			b.WriteString("</" + string(name) + ">")
		case html.StartTagToken:
			writeTag(&b, tokens.Token(), ">")
		case html.SelfClosingTagToken:
			writeTag(&b, tokens.Token(), "/>")
		}
	}
}

// readable takes back what the policy escapes without need outside of tags. It
// writes an ampersand as &amp;, so that nothing else looks like these.
var readable = strings.NewReplacer("&#39;", "'", "&#34;", `"`)

// escapeAttribute escapes what would be read as something else between double
// quotes. A carriage return would become a line feed.
var escapeAttribute = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", `"`, "&#34;")

func writeTag(b *strings.Builder, t html.Token, end string) {
	b.WriteString("<" + t.Data)
	for _, a := range t.Attr {
		if a.Key == "style" {
			if a.Val = styleOf(a.Val); a.Val == "" {
				continue
			}
		}
		b.WriteString(" " + a.Key + `="`)
		_, _ = escapeAttribute.WriteString(b, a.Val)
		b.WriteByte('"')
	}
	b.WriteString(end)
}

// styleValue matches words, numbers and colours: nothing that loads, runs or
// hides anything has a place in it.
var styleValue = regexp.MustCompile(`^[A-Za-z0-9#%., !-]+$`)

// styleOf keeps the allowed declarations of a style attribute.
func styleOf(style string) string {
	var kept []string
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(declaration, ":")
		property, value = strings.ToLower(strings.TrimSpace(property)), strings.TrimSpace(value)
		switch property {
		case "text-align", "font-weight", "text-decoration":
			if styleValue.MatchString(value) {
				kept = append(kept, property+": "+value)
			}
		}
	}
	return strings.Join(kept, "; ")
}
