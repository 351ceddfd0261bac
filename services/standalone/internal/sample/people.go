package sample

import (
	"fmt"
	"strings"
	"unicode"
)

// person is the part of a speaker that other records repeat.
type person struct {
	name string
	// handle is the name in ASCII, lower case, without blanks.
	handle       string
	initials     string
	country      string
	organisation string
}

func (p *plan) person(i int) person {
	r := p.random(forSpeaker, i)
	from := peoples[0]
	if r.IntN(5) < 2 {
		from = pick(r, peoples)
	}
	given, family := pick(r, from.given), pick(r, from.family)
	name := given.text + " " + family.text
	if from.familyFirst {
		name = family.text + given.text
	}
	return person{
		name:         name,
		handle:       slug(given.latin) + "-" + slug(family.latin),
		initials:     strings.ToUpper(given.latin[:1] + family.latin[:1]),
		country:      pick(r, from.countries),
		organisation: pick(r, organisations),
	}
}

func (p *plan) speaker(i int) speaker {
	who := p.person(i)
	r := p.random(forSpeaker, MaxSpeakers+i)
	// The number sets apart those who share a name, which a large event has.
	handle := fmt.Sprintf("%s-%d", who.handle, i+1)
	trade, topic := pick(r, trades), pick(r, english.topics)
	s := speaker{
		ID:                 i + 1,
		Name:               who.name,
		Email:              handle + "@speakers.example",
		Mobile:             sometimes(r, 3, fmt.Sprintf("+1 555 01%02d", r.IntN(100))),
		Organisation:       who.organisation,
		Position:           sometimes(r, 2, trade),
		Country:            who.country,
		City:               sometimes(r, 3, pick(r, venues).city),
		ShortBiography:     fmt.Sprintf("%s at %s.", trade, who.organisation),
		LongBiography:      fmt.Sprintf("<p>%s works as <em>%s</em> and has cared for %s since %d.</p>", who.name, strings.ToLower(trade), topic, 1995+r.IntN(30)),
		SpeakingExperience: sometimes(r, 4, fmt.Sprintf("Spoke at %d meetings.", 2+r.IntN(30))),
		Website:            sometimes(r, 2, "https://"+handle+".example/"),
		Twitter:            sometimes(r, 2, "https://birds.example/"+handle),
		Facebook:           sometimes(r, 5, "https://faces.example/"+handle),
		Github:             sometimes(r, 2, "https://code.example/"+handle),
		Linkedin:           sometimes(r, 4, "https://work.example/in/"+handle),
		Featured:           i%9 == 0,
		Sessions:           p.sessionsOf(i),
	}
	s.SponsorshipRequired = sometimes(r, 8, "Train ticket and two nights")
	if p.hasPhoto(i) {
		s.Photo = new(photoFile(i, who.name))
	}
	return s
}

// slug keeps the ASCII letters and digits of a text, in lower case, and joins
// its words by hyphens: a label of a host name.
func slug(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}
