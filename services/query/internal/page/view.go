package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones of events, also where the system has none
	"unicode"

	"github.com/usher-events/usher/contracts"
)

// view is what the template shows.
type view struct {
	Name        string
	Draft       bool
	Logo        string
	Image       string
	Dates       string
	Hours       string
	Zone        string
	Place       string
	Description template.HTML
	Links       []link
	Days        []day
	Unscheduled []session
	Speakers    []speaker
	Levels      []level
	Organizer   string
	About       template.HTML
	Conduct     template.HTML
	Social      []link
	Holder      link
	Licence     link
	Year        int64
}

type link struct{ Name, URL string }

// day is one day of the schedule, with its sessions by the hour in which they begin.
type day struct {
	ID, Name, Short string
	Slots           []slot
}

type slot struct {
	Begin    string
	Sessions []session
}

type session struct {
	ID       int64
	Title    string
	Subtitle template.HTML
	Time     string
	Room     string
	Type     string
	Language string
	Level    template.HTML
	State    string
	Track    *track
	Abstract template.HTML
	Speakers []speaker
}

type track struct{ Name, Color string }

type speaker struct {
	ID        int64
	Name      string
	Initials  string
	Photo     string
	Role      string
	Biography template.HTML
	Links     []link
}

// level are the sponsors of one level.
type level struct {
	Name     string
	rank     int
	Sponsors []sponsor
}

type sponsor struct {
	Name, URL, Logo string
	Description     template.HTML
}

// view makes of rows what is shown.
func (r rows) view() view {
	e := r.event
	zone := zoneOf(e.Timezone)
	pictures := r.pictures()
	v := view{
		Name:        e.Name,
		Draft:       e.State != "published",
		Logo:        pictures.of(contracts.Events, 0, "logo", e.LogoURL, "thumbnail"),
		Image:       pictures.of(contracts.Events, 0, "background_image", e.OriginalImageURL, "large"),
		Dates:       dates(e.StartsAt.In(zone), e.EndsAt.In(zone)),
		Hours:       weekHours(e.StartsAt.In(zone), e.EndsAt.In(zone)),
		Zone:        zoneName(e.StartsAt.In(zone)),
		Place:       strings.Join(distinct(e.LocationName, e.SearchableLocationName), ", "),
		Description: markup(e.Description),
		Links:       links(link{"Website", e.ExternalEventURL}, link{"Tickets", e.TicketURL}),
		Organizer:   e.OrganizerName,
		About:       markup(e.OrganizerDescription),
		Conduct:     markup(e.CodeOfConduct),
		Holder:      link{e.CopyrightHolder, linkable(e.CopyrightHolderURL)},
		Licence:     link{e.CopyrightLicence, linkable(e.CopyrightLicenceURL)},
		Year:        e.CopyrightYear,
		Levels:      r.levels(pictures),
	}
	for _, l := range r.links {
		v.Social = append(v.Social, links(link{l.Name, l.Link})...)
	}
	byID := make(map[int64]speaker)
	for _, row := range r.speakers {
		s := shownSpeaker(row, pictures)
		byID[s.ID] = s
		v.Speakers = append(v.Speakers, s)
	}
	v.schedule(r, zone, byID)
	return v
}

// schedule puts the sessions, which come in the order of their beginning, into
// their days and slots.
func (v *view) schedule(r rows, zone *time.Location, speakers map[int64]speaker) {
	of := make(map[int64][]speaker)
	for _, t := range r.talks {
		if s, ok := speakers[t.SpeakerID]; ok {
			of[t.SessionID] = append(of[t.SessionID], s)
		}
	}
	rooms, types, tracks := namesOf(r.rooms), namesOf(r.types), namesOf(r.tracks)
	for _, row := range r.sessions {
		s := session{
			ID: row.ID, Title: row.Title, Subtitle: markup(row.Subtitle), Level: markup(row.Level), Language: row.Language,
			Room: rooms[row.MicrolocationID].Name, Type: types[row.SessionTypeID].Name,
			Abstract: markup(cmp.Or(row.LongAbstract, row.ShortAbstract)), Speakers: of[row.ID],
		}
		if !strings.EqualFold(row.State, "accepted") && !strings.EqualFold(row.State, "confirmed") {
			s.State = cmp.Or(row.State, "no state") // only who may see all gets here
		}
		if t, ok := tracks[row.TrackID]; ok {
			s.Track = &track{t.Name, t.Color}
		}
		if row.StartsAt.IsZero() {
			v.Unscheduled = append(v.Unscheduled, s)
			continue
		}
		begin, end := row.StartsAt.In(zone), row.EndsAt.In(zone)
		s.Time = hours(begin, end)
		v.add(begin, s)
	}
}

// add puts a session behind those that are there.
func (v *view) add(begin time.Time, s session) {
	id := begin.Format("2006-01-02")
	if n := len(v.Days); n == 0 || v.Days[n-1].ID != id {
		v.Days = append(v.Days, day{ID: id, Name: begin.Format("Monday 2 January"), Short: begin.Format("Mon 2 Jan")})
	}
	d := &v.Days[len(v.Days)-1]
	clock := begin.Format("15:00") // by the hour: starts at odd minutes would stand alone otherwise
	if n := len(d.Slots); n == 0 || d.Slots[n-1].Begin != clock {
		d.Slots = append(d.Slots, slot{Begin: clock})
	}
	last := &d.Slots[len(d.Slots)-1]
	last.Sessions = append(last.Sessions, s)
}

func shownSpeaker(row speakerRow, pictures pictures) speaker {
	return speaker{
		ID:        row.ID,
		Name:      row.Name,
		Initials:  initials(row.Name),
		Photo:     pictures.of(contracts.Speakers, row.ID, "photo", row.PhotoURL, "thumbnail"),
		Role:      strings.Join(distinct(row.Position, row.Organisation), ", "),
		Biography: markup(cmp.Or(row.LongBiography, row.ShortBiography)),
		Links: links(link{"Website", row.Website}, link{"Twitter", row.Twitter}, link{"Facebook", row.Facebook},
			link{"GitHub", row.GitHub}, link{"LinkedIn", row.LinkedIn}),
	}
}

// levels are the sponsors, those of the first level first.
func (r rows) levels(pictures pictures) []level {
	var all []level
	for _, row := range r.sponsors {
		name := cmp.Or(row.Type, "Sponsors")
		at := slices.IndexFunc(all, func(l level) bool { return l.Name == name })
		if at < 0 {
			rank, err := strconv.Atoi(row.Level)
			if err != nil {
				rank = 1000 // behind those that have one
			}
			at = len(all)
			all = append(all, level{Name: name, rank: rank})
		}
		all[at].Sponsors = append(all[at].Sponsors, sponsor{
			Name: row.Name, URL: linkable(row.URL), Description: markup(row.Description),
			Logo: pictures.of(contracts.Sponsors, row.ID, "logo", row.LogoURL, "thumbnail"),
		})
	}
	slices.SortStableFunc(all, func(a, b level) int { return cmp.Compare(a.rank, b.rank) })
	return all
}

func namesOf(all []namedRow) map[int64]namedRow {
	byID := make(map[int64]namedRow, len(all))
	for _, row := range all {
		byID[row.ID] = row
	}
	return byID
}

// links keeps those that lead somewhere. One without a name is called by its address.
func links(all ...link) []link {
	var kept []link
	for _, l := range all {
		if l.URL = linkable(l.URL); l.URL != "" {
			l.Name = cmp.Or(l.Name, l.URL)
			kept = append(kept, l)
		}
	}
	return kept
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

// zoneOf returns the zone of that name, UTC where there is none such.
func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "Local" {
		return zone
	}
	return time.UTC
}

// zoneName says which clock the times are of.
func zoneName(t time.Time) string {
	name := t.Location().String()
	_, offset := t.Zone()
	if offset == 0 {
		return name
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '−', -offset
	}
	return fmt.Sprintf("%s (UTC%c%d:%02d)", strings.ReplaceAll(name, "_", " "), sign, offset/3600, offset%3600/60)
}

// dates says from which day to which, and no part of it twice.
func dates(begin, end time.Time) string {
	const year = "2 January 2006"
	switch {
	case !end.After(begin), sameDay(begin, end):
		return begin.Format("Monday " + year)
	case begin.Year() != end.Year():
		return begin.Format(year) + " – " + end.Format(year)
	case begin.Month() != end.Month():
		return begin.Format("2 January") + " – " + end.Format(year)
	}
	return begin.Format("2") + " – " + end.Format(year)
}

// weekHours says at which hour of the first and of the last day.
func weekHours(begin, end time.Time) string {
	if !end.After(begin) || sameDay(begin, end) {
		return hours(begin, end)
	}
	return begin.Format("Mon 15:04") + " – " + end.Format("Mon 15:04")
}

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

// hours says when a session is; of one that ends on another day, on which.
func hours(begin, end time.Time) string {
	switch {
	case !end.After(begin):
		return begin.Format("15:04")
	case sameDay(begin, end):
		return begin.Format("15:04") + " – " + end.Format("15:04")
	}
	return begin.Format("15:04") + " – " + end.Format("2 Jan 15:04")
}
