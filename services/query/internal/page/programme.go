package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// programme makes of rows the sessions that a page shows, and the style that
// these need: colours and places cannot stand in attributes, because the policy
// allows no style but the page's own.
type programme struct {
	frame    *frame
	zone     *time.Location
	rooms    map[int64]string
	order    map[int64]int
	tracks   map[int64]*track
	all      []*track
	types    map[int64]string
	speakers map[int64]speakerRow
	of       map[int64][]speakerRow
	rules    rules
}

// session is one in a list or a grid.
type session struct {
	Path, Title string
	// Day says on which day it is where that does not follow from its place.
	Day   string
	Times *times
	Room  string
	// By are the names of its speakers.
	By string
	// State is what it is where that is not accepted; only who may see all gets it.
	State string
	Track *track
	// Place says which cell of the grid it has.
	Place string
}

// track is one that sessions are of. Class is the one of its colour, empty where
// it has none.
type track struct {
	Name, Class string
	paint       paint
}

func newProgramme(f *frame, a about, rows plan) *programme {
	p := &programme{
		frame: f, zone: zoneOf(a.event.Timezone),
		rooms: make(map[int64]string), order: make(map[int64]int), tracks: make(map[int64]*track),
		types: make(map[int64]string), speakers: make(map[int64]speakerRow), of: make(map[int64][]speakerRow),
	}
	for i, row := range rows.rooms {
		p.rooms[row.ID], p.order[row.ID] = row.Name, i
	}
	for _, row := range rows.types {
		p.types[row.ID] = row.Name
	}
	for i, row := range rows.tracks {
		t := &track{Name: row.Name}
		if paint, ok := paintOf(row.Color); ok {
			t.paint, t.Class = paint, fmt.Sprintf("t%d", i)
		}
		p.tracks[row.ID] = t
		p.all = append(p.all, t)
	}
	for _, row := range rows.speakers {
		p.speakers[row.ID] = row
	}
	for _, t := range rows.talks {
		if s, ok := p.speakers[t.SpeakerID]; ok {
			p.of[t.SessionID] = append(p.of[t.SessionID], s)
		}
	}
	return p
}

// session shows a row.
func (p *programme) session(row sessionRow) session {
	s := session{
		Path: p.frame.SessionPath(row.ID), Title: row.Title, Room: p.rooms[row.MicrolocationID], Track: p.tracks[row.TrackID],
	}
	names := make([]string, 0, len(p.of[row.ID]))
	for _, by := range p.of[row.ID] {
		names = append(names, by.Name)
	}
	s.By = strings.Join(names, ", ")
	if !strings.EqualFold(row.State, "accepted") && !strings.EqualFold(row.State, "confirmed") {
		s.State = cmp.Or(row.State, "no state")
	}
	if !row.StartsAt.IsZero() {
		t := timesOf(row.StartsAt.In(p.zone), row.EndsAt.In(p.zone))
		s.Times = &t
	}
	return s
}

// dated shows a row with its day.
func (p *programme) dated(row sessionRow) session {
	s := p.session(row)
	if s.Times != nil {
		s.Day = row.StartsAt.In(p.zone).Format(shortDay)
	}
	return s
}

// sheet is the style of this very page: the colours of the tracks, and the cells
// of its grids.
func (p *programme) sheet() template.CSS {
	var b strings.Builder
	for _, t := range p.all {
		if t.Class != "" {
			fmt.Fprintf(&b, ".%s{--ground:%s;--ink-on:%s}", t.Class, t.paint.Ground, t.paint.Ink)
		}
	}
	p.rules.write(&b)
	return template.CSS(b.String()) //nolint:gosec // numbers, and colours that paintOf has written
}

// byTrack are sessions in the order of their tracks, those of none at the end.
func (p *programme) byTrack(rows []sessionRow, show func(sessionRow) session) []group {
	groups := make(map[*track]*group)
	for _, row := range rows {
		t := p.tracks[row.TrackID]
		if groups[t] == nil {
			groups[t] = &group{Track: t}
		}
		groups[t].Sessions = append(groups[t].Sessions, show(row))
	}
	var all []group
	for _, t := range slices.Concat(p.all, []*track{nil}) {
		if g := groups[t]; g != nil {
			all = append(all, *g)
		}
	}
	return all
}

// group are the sessions of one track, which is nil for those of none.
type group struct {
	Track    *track
	Sessions []session
}
