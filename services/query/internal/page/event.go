package page

import (
	"html/template"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// eventView is the page of an event.
type eventView struct {
	frame
	Identifier   string
	Logo, Banner string
	Dates        string
	Hours        times
	ZoneName     string
	Place        string
	About        template.HTML
	Links        []link
	Schedule     schedule
	Calendar     string
	Speakers     []speaker
	// AllSpeakers is how many there are, SpeakersPath where: the page has some of them.
	AllSpeakers  int
	SpeakersPath string
	Levels       []level
	Organizer    string
	Organizers   template.HTML
	Conduct      template.HTML
	Social       []link
	Holder       link
	Licence      link
	Year         int64
}

func newEventView(r eventRows, f frame, asked wish) *eventView {
	e := r.event
	zone := zoneOf(e.Timezone)
	begin, end := e.StartsAt.In(zone), e.EndsAt.In(zone)
	v := &eventView{
		frame:        f,
		Identifier:   e.Identifier,
		Logo:         f.pictures.of(contracts.Events, 0, "logo", e.LogoURL, "thumbnail"),
		Banner:       f.pictures.of(contracts.Events, 0, "background_image", e.OriginalImageURL, "large"),
		Dates:        dates(begin, end),
		Hours:        span(begin, end),
		ZoneName:     zoneName(begin),
		Place:        strings.Join(distinct(e.LocationName, e.SearchableLocationName), ", "),
		About:        markup(e.Description),
		Links:        links(link{"Website", e.ExternalEventURL}, link{"Tickets", e.TicketURL}),
		Calendar:     f.Home + "/schedule.ics",
		AllSpeakers:  len(r.speakers),
		SpeakersPath: f.Home + "/speakers",
		Speakers:     f.speakers(r.speakers[:min(len(r.speakers), speakersOfEvent)]),
		Levels:       levelsOf(r.sponsors, f.pictures),
		Organizer:    e.OrganizerName,
		Organizers:   markup(e.OrganizerDescription),
		Conduct:      markup(e.CodeOfConduct),
		Holder:       link{e.CopyrightHolder, linkable(e.CopyrightHolderURL)},
		Licence:      link{e.CopyrightLicence, linkable(e.CopyrightLicenceURL)},
		Year:         e.CopyrightYear,
	}
	for _, l := range r.links {
		v.Social = append(v.Social, links(link{l.Name, l.Link})...)
	}
	p := newProgramme(&v.frame, r.about, r.plan)
	v.Schedule = p.schedule(r.sessions, asked)
	v.Sheet = p.sheet()
	return v
}
