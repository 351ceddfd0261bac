package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode"

	"github.com/usher-events/usher/contracts"
)

// speakersPerPage is how many speakers one page has, and speakersOfEvent how many
// the page of the event: the others are behind a link.
const (
	speakersPerPage = 500
	speakersOfEvent = 24
)

// speaker is one in a list of them.
type speaker struct {
	Path, Name, Initials, Photo, Role string
}

func (f *frame) speaker(row speakerRow) speaker {
	return speaker{
		Path:     f.SpeakerPath(row.ID),
		Name:     row.Name,
		Initials: initials(row.Name),
		Photo:    f.pictures.of(contracts.Speakers, row.ID, "photo", row.PhotoURL, "thumbnail"),
		Role:     strings.Join(distinct(row.Position, row.Organisation), ", "),
	}
}

func (f *frame) speakers(rows []speakerRow) []speaker {
	all := make([]speaker, 0, len(rows))
	for _, row := range rows {
		all = append(all, f.speaker(row))
	}
	return all
}

// speakersView is one page of all speakers.
type speakersView struct {
	frame
	Speakers       []speaker
	Page, Pages    int
	Previous, Next string
}

func newSpeakersView(r speakersRows, f frame) *speakersView {
	path := f.Home + "/speakers"
	v := &speakersView{frame: f, Speakers: f.speakers(r.speakers), Page: r.page, Pages: r.pages}
	v.below(path, "Speakers", "The speakers of "+f.Event)
	if r.page > 1 {
		v.Previous = fmt.Sprintf("%s?page=%d", path, r.page-1)
	}
	if r.page < r.pages {
		v.Next = fmt.Sprintf("%s?page=%d", path, r.page+1)
	}
	return v
}

// speakerView is the page of one speaker.
type speakerView struct {
	frame
	speaker
	Biography template.HTML
	Links     []link
	Sessions  []session
	ZoneName  string
}

func newSpeakerView(r speakerRows, f frame) *speakerView {
	row := r.speakers[0]
	biography := cmp.Or(row.LongBiography, row.ShortBiography)
	v := &speakerView{
		frame: f, speaker: f.speaker(row), Biography: markup(biography),
		Links: links(link{"Website", row.Website}, link{"Twitter", row.Twitter}, link{"Facebook", row.Facebook},
			link{"GitHub", row.GitHub}, link{"LinkedIn", row.LinkedIn}),
	}
	v.ZoneName = zoneName(r.event.StartsAt.In(zoneOf(r.event.Timezone)))
	v.below(v.Path, row.Name, cmp.Or(plain(biography, summary), v.Role))
	v.picture(f.pictures.of(contracts.Speakers, row.ID, "photo", row.PhotoURL, "large"), f.Image)
	r.speakers = nil // theirs is the page
	p := newProgramme(&v.frame, r.about, r.plan)
	for _, row := range r.sessions {
		v.Sessions = append(v.Sessions, p.dated(row))
	}
	v.Sheet = p.sheet()
	return v
}

// initials stand where there is no photo.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) > 2 {
		words = []string{words[0], words[len(words)-1]}
	}
	var b strings.Builder
	for _, word := range words {
		for _, r := range word {
			b.WriteRune(unicode.ToUpper(r))
			break
		}
	}
	return b.String()
}

// distinct drops the empty texts, and those that are part of an earlier one.
func distinct(texts ...string) []string {
	var kept []string
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text != "" && !slices.ContainsFunc(kept, func(k string) bool { return strings.Contains(k, text) }) {
			kept = append(kept, text)
		}
	}
	return kept
}
