package page

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

// A page has the schedule of all days where it has up to wholeSchedule sessions,
// and else one day, or a part of one that has more than longestPart.
const (
	wholeSchedule = 300
	longestPart   = 1000
)

// The ways to look at a schedule. They are chosen by a parameter of the address
// and not within the page: so a way can be linked to, and none is sent that nobody
// looks at.
const (
	viewRooms  = "rooms"
	viewList   = "list"
	viewTracks = "tracks"
)

var ways = []struct{ name, view string }{{"By room", viewRooms}, {"By time", viewList}, {"By track", viewTracks}}

// shortDay is how a day is called where there is little room.
const shortDay = "Mon 2 Jan"

// wish is what an address asks for.
type wish struct{ view, part string }

// schedule is what the page of an event has of it.
type schedule struct {
	View  string
	Views []choice
	// Parts lead to the days, which are on this page or on others.
	Parts  []choice
	Days   []day
	Tracks []group
	// Unscheduled are the sessions without a time.
	Unscheduled []session
}

// choice is a link among several, one of which is where one is.
type choice struct {
	Name, URL string
	Current   bool
}

// day is one day of the schedule, with its sessions by the time at which they begin.
type day struct {
	ID, Name, Short string
	Slots           []slot
	// Grid is the class of its grid, whose columns are those of the rooms.
	Grid  string
	Rooms []room
}

type slot struct {
	Begin    moment
	Sessions []session
	Place    string
}

// part is what one page has of a schedule.
type part struct {
	key, name string
	rows      []sessionRow
}

// schedule shows the sessions, which come in the order of their beginning, those
// without one at the end.
func (p *programme) schedule(rows []sessionRow, asked wish) schedule {
	s := schedule{View: viewRooms}
	for _, w := range ways {
		if w.view == asked.view {
			s.View = w.view
		}
	}
	shown, whole := rows, len(rows) <= wholeSchedule
	var here string // the part that is shown, if not all are
	if !whole {
		parts := p.parts(rows)
		at := max(slices.IndexFunc(parts, func(one part) bool { return one.key == asked.part }), 0)
		shown, here = parts[at].rows, parts[at].key
		for _, one := range parts {
			s.Parts = append(s.Parts, choice{one.name, address(s.View, one.key), one.key == here})
		}
	}
	for _, w := range ways {
		if w.view != viewTracks || len(p.all) > 0 {
			s.Views = append(s.Views, choice{w.name, address(w.view, here), w.view == s.View})
		}
	}
	timed, untimed := apart(shown)
	for _, row := range untimed {
		s.Unscheduled = append(s.Unscheduled, p.session(row))
	}
	if s.View == viewTracks {
		s.Tracks = p.byTrack(timed, p.dated)
		return s
	}
	for _, rows := range p.days(timed) {
		d := p.day(rows)
		if whole {
			s.Parts = append(s.Parts, choice{Name: d.Short, URL: "#" + d.ID})
		}
		if s.View == viewRooms {
			p.place(&d, rows)
		}
		s.Days = append(s.Days, d)
	}
	return s
}

// apart parts the sessions that have a time from those that have none.
func apart(rows []sessionRow) (timed, untimed []sessionRow) {
	at := slices.IndexFunc(rows, func(row sessionRow) bool { return row.StartsAt.IsZero() })
	if at < 0 {
		return rows, nil
	}
	return rows[:at], rows[at:]
}

// parts cuts a schedule where its pages end.
func (p *programme) parts(rows []sessionRow) []part {
	var all []part
	add := func(key, name string, rows []sessionRow) {
		n := 1
		for rows := range slices.Chunk(rows, longestPart) {
			if n == 1 {
				all = append(all, part{key, name, rows})
			} else {
				all = append(all, part{fmt.Sprintf("%s.%d", key, n), fmt.Sprintf("%s (%d)", name, n), rows})
			}
			n++
		}
	}
	timed, untimed := apart(rows)
	for _, rows := range p.days(timed) {
		begin := rows[0].StartsAt.In(p.zone)
		add(begin.Format(time.DateOnly), begin.Format(shortDay), rows)
	}
	add("unscheduled", "Not scheduled yet", untimed)
	return all
}

// days parts sessions by the day on which they begin.
func (p *programme) days(rows []sessionRow) [][]sessionRow {
	var all [][]sessionRow
	for i, row := range rows {
		if i == 0 || !sameDay(rows[i-1].StartsAt.In(p.zone), row.StartsAt.In(p.zone)) {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], row)
	}
	return all
}

// day puts the sessions of a day into their slots.
func (p *programme) day(rows []sessionRow) day {
	begin := rows[0].StartsAt.In(p.zone)
	d := day{ID: "day-" + begin.Format(time.DateOnly), Name: begin.Format("Monday 2 January"), Short: begin.Format(shortDay)}
	for i, row := range rows {
		if i == 0 || !rows[i-1].StartsAt.Equal(row.StartsAt) {
			d.Slots = append(d.Slots, slot{Begin: momentOf(row.StartsAt.In(p.zone), "15:04")})
		}
		last := &d.Slots[len(d.Slots)-1]
		last.Sessions = append(last.Sessions, p.session(row))
	}
	return d
}

// address is where one looks at a part of the schedule in a way.
func address(view, part string) string {
	query := url.Values{"view": {view}}
	if part != "" {
		query.Set("day", part)
	}
	return "?" + query.Encode() + "#schedule"
}
