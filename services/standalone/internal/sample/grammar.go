package sample

import (
	"math/rand/v2"
	"strings"
)

// tongue is a language with enough of a grammar to speak about anything: an
// asterisk in a pattern stands for the topic.
type tongue struct {
	// language is the name as the format's list of languages has it.
	language                            string
	titles, subtitles, sentences, items []string
	topics                              []string
	close                               string
}

// fill puts the topic into a pattern, with a capital where it comes first.
func (t *tongue) fill(pattern, topic string) string {
	if strings.HasPrefix(pattern, "*") {
		first := []rune(topic)[:1]
		topic = strings.ToUpper(string(first)) + strings.TrimPrefix(topic, string(first))
	}
	return strings.ReplaceAll(pattern, "*", topic)
}

// abstract is two paragraphs, a list and a link, in HTML.
func (t *tongue) abstract(r *rand.Rand, topic string) string {
	var b strings.Builder
	for range 2 {
		b.WriteString("<p>")
		for i, s := range shuffled(r, t.sentences)[:3] {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(t.fill(s, topic))
		}
		b.WriteString("</p>")
	}
	b.WriteString("<ul>")
	for _, s := range shuffled(r, t.items)[:2+r.IntN(2)] {
		b.WriteString("<li>" + t.fill(s, topic) + "</li>")
	}
	b.WriteString("</ul><p><a href=\"https://notes.example/" + pick(r, notes) + "\">" + t.close + "</a></p>")
	return b.String()
}

func shuffled(r *rand.Rand, from []string) []string {
	to := make([]string, len(from))
	for i, j := range r.Perm(len(from)) {
		to[i] = from[j]
	}
	return to
}

// title gives a session's title, and the language and topic that its abstract
// goes on with. Most sessions are in English.
func (p *plan) title(i int) (t *tongue, title, topic string) {
	r := p.random(forTitle, i)
	t = english
	if r.IntN(5) == 0 {
		t = pick(r, tongues)
	}
	topic = pick(r, t.topics)
	return t, t.fill(pick(r, t.titles), topic), topic
}
