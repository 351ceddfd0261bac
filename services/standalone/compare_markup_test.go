package standalone_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// allowedElements are those that a text of HTML may keep.
var allowedElements = strings.Fields("b strong span p em i u center sup sub ul ol li strike br a")

var (
	invisible   = regexp.MustCompile(`(?is)<(script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->`)
	anyTag      = regexp.MustCompile(`(?s)<(/?)([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>`)
	anyProperty = regexp.MustCompile(`(?s)([^\s=/"']+)\s*=\s*("[^"]*"|'[^']*'|[^\s"']+)`)
)

// markup compares a text of HTML by a reading of its own. One without '<' stays
// byte for byte. Else the text must be the same once the tags are taken out and
// the entities are read, and of the tags those must be left that are allowed,
// in their order, with their links and styles.
func markup(_ *comparison, at spot) string {
	source := textOf(at.source)
	if !strings.Contains(source, "<") {
		return same(at, none(source))
	}
	shown, _ := at.shown.(string)
	if want, got := plainText(source), plainText(shown); want != got {
		return fmt.Sprintf("the text %q became %q", want, got)
	}
	want, _ := tagsOf(source)
	got, others := tagsOf(shown)
	if len(others) > 0 {
		return fmt.Sprintf("there are still %q", others)
	}
	if !slices.Equal(want, got) {
		return fmt.Sprintf("the tags %q became %q", want, got)
	}
	return ""
}

func plainText(markup string) string {
	markup = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(markup)
	return html.UnescapeString(anyTag.ReplaceAllString(invisible.ReplaceAllString(markup, ""), ""))
}

// tagsOf lists the allowed tags of a text, each with its allowed attributes,
// and everything else that its tags have.
func tagsOf(markup string) (allowed, others []string) {
	for _, tag := range anyTag.FindAllStringSubmatch(invisible.ReplaceAllString(markup, ""), -1) {
		name := strings.ToLower(tag[2])
		if !slices.Contains(allowedElements, name) {
			others = append(others, tag[0])
			continue
		}
		text := tag[1] + name
		for _, property := range anyProperty.FindAllStringSubmatch(tag[3], -1) {
			key, value := strings.ToLower(property[1]), html.UnescapeString(strings.Trim(property[2], `"'`))
			switch {
			case key == "href" && name == "a":
				if link, err := url.Parse(strings.TrimSpace(value)); err == nil && slices.Contains([]string{"", "http", "https", "mailto"}, link.Scheme) {
					text += " href=" + link.String()
				} else {
					others = append(others, property[0])
				}
			case key == "style":
				kept, left := stylesOf(value)
				text += kept
				others = append(others, left...)
			default:
				others = append(others, property[0])
			}
		}
		allowed = append(allowed, text)
	}
	return allowed, others
}

func stylesOf(style string) (kept string, others []string) {
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(declaration, ":")
		property, value = strings.ToLower(strings.TrimSpace(property)), strings.TrimSpace(value)
		switch property {
		case "":
		case "text-align", "font-weight", "text-decoration":
			kept += " " + property + ":" + value
		default:
			others = append(others, declaration)
		}
	}
	return kept, others
}
