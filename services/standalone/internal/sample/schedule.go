package sample

import (
	"fmt"
	"slices"
	"time"
)

// maxBackReferences bounds the sessions that a speaker's or a track's record
// names. The session's own references are the ones that count, and one
// speaker's million would be a record that fits nowhere.
const maxBackReferences = 50

// format is a kind of session, and a record of the file session_types.
type format struct {
	name     string
	minutes  int
	speakers int
}

// The formats, by their index in the list formats.
const (
	keynote = iota
	talk
	shortTalk
	panel
	workshop
	lightning
)

var formats = []format{
	keynote:   {"Keynote", 45, 1},
	talk:      {"Talk", 30, 1},
	shortTalk: {"Short talk", 20, 1},
	panel:     {"Panel", 60, 3},
	workshop:  {"Workshop", 90, 2},
	lightning: {"Lightning talks", 45, 0},
}

// A wing is a hall, two seminar rooms and a workshop; the venue has as many
// wings as the sessions need.
const roomsPerWing = 4

// timetable is one day of one wing, in the order of time. A day with fewer
// sessions takes the first of them and ends earlier.
var timetable = []struct {
	room         int
	hour, minute int
	format       int
}{
	{0, 9, 0, keynote},
	{0, 10, 0, talk}, {1, 10, 0, talk}, {2, 10, 0, shortTalk}, {3, 10, 0, workshop},
	{2, 10, 25, shortTalk},
	{0, 10, 30, talk}, {1, 10, 30, talk},
	{0, 11, 15, panel}, {1, 11, 15, talk}, {2, 11, 15, shortTalk},
	{2, 11, 40, shortTalk}, {1, 11, 45, talk},
	{0, 13, 30, keynote}, {1, 13, 30, talk}, {2, 13, 30, shortTalk}, {3, 13, 30, workshop},
	{2, 13, 55, shortTalk}, {1, 14, 0, talk},
	{0, 14, 30, talk}, {1, 14, 45, talk}, {2, 14, 45, shortTalk},
	{0, 15, 0, talk}, {2, 15, 10, shortTalk}, {1, 15, 15, talk},
	{3, 15, 30, workshop}, {0, 15, 45, panel},
	{1, 16, 0, talk}, {2, 16, 0, shortTalk},
	{0, 17, 0, lightning},
}

// slot is where and when a session takes place.
type slot struct {
	day, room, format int
	start, end        time.Time
}

// slot spreads the sessions evenly over the days and wings.
func (p *plan) slot(i int) slot {
	wings := p.rooms / roomsPerWing
	each, more := p.Sessions/(p.days*wings), p.Sessions%(p.days*wings)
	// The first so many wing-days hold one session more than the others.
	var block, at int
	if long := more * (each + 1); i < long {
		block, at = i/(each+1), i%(each+1)
	} else {
		block, at = more+(i-long)/each, (i-long)%each
	}
	t := timetable[at]
	day, wing := block/wings, block%wings
	start := p.start.AddDate(0, 0, day).Add(time.Duration(t.hour)*time.Hour + time.Duration(t.minute)*time.Minute)
	return slot{
		day:    day,
		room:   wing*roomsPerWing + t.room,
		format: t.format,
		start:  start,
		end:    start.Add(time.Duration(formats[t.format].minutes) * time.Minute),
	}
}

// trackOf gives each room one track a day.
func (p *plan) trackOf(s slot) int { return (s.room + s.day) % p.tracks }

func (p *plan) room(i int) microlocation {
	wing, kind := i/roomsPerWing, i%roomsPerWing
	m := microlocation{
		ID:        i + 1,
		Name:      p.roomName(i),
		Floor:     kind,
		Latitude:  p.venue.latitude,
		Longitude: p.venue.longitude,
	}
	if kind > 0 {
		m.Room = new(fmt.Sprintf("%d.%02d", kind, wing+1))
	}
	return m
}

func (p *plan) roomName(i int) string {
	wing, kind := i/roomsPerWing, i%roomsPerWing
	name := wingNames[wing%len(wingNames)]
	if round := wing / len(wingNames); round > 0 {
		name = fmt.Sprintf("%s %d", name, round+1)
	}
	return name + " " + roomKinds[kind]
}

func (p *plan) track(i int) track {
	t := track{
		ID:            i + 1,
		Name:          trackNames[i],
		Color:         hex(trackColors[i]),
		Description:   "<p>Everything about <em>" + trackNames[i] + "</em>.</p>",
		TrackImageURL: p.picture(trackImage(i)),
		Sessions:      []sessionRef{},
	}
	if i < p.rooms {
		t.Location = new(p.roomName(i))
	}
	for s := 0; s < p.Sessions && len(t.Sessions) < maxBackReferences; s++ {
		if p.trackOf(p.slot(s)) == i {
			t.Sessions = append(t.Sessions, p.sessionRef(s))
		}
	}
	return t
}

func (p *plan) sessionType(i int) sessionType {
	f := formats[i]
	return sessionType{ID: i + 1, Name: f.name, Length: fmt.Sprintf("%02d:%02d", f.minutes/60, f.minutes%60)}
}

func (p *plan) session(i int) session {
	at := p.slot(i)
	tongue, title, topic := p.title(i)
	r := p.random(forSession, i)
	s := session{
		ID:            i + 1,
		Title:         title,
		Subtitle:      sometimes(r, 4, tongue.fill(pick(r, tongue.subtitles), topic)),
		ShortAbstract: "<p>" + tongue.fill(pick(r, tongue.sentences), topic) + "</p>",
		LongAbstract:  tongue.abstract(r, topic),
		StartTime:     local(at.start),
		EndTime:       local(at.end),
		SessionType:   p.sessionType(at.format),
		Track:         ref{p.trackOf(at) + 1, trackNames[p.trackOf(at)]},
		Language:      tongue.language,
		Level:         sometimes(r, 2, pick(r, levels)),
		Microlocation: ref{at.room + 1, p.roomName(at.room)},
		SignupURL:     sometimes(r, 6, fmt.Sprintf("https://signup.example/sessions/%d", i+1)),
		Speakers:      []speakerRef{},
		State:         state(i),
	}
	if hasVideo(i) {
		s.Video = new(fmt.Sprintf("https://video.example/watch/%d", i+1))
	}
	if p.hasSlides(i) {
		s.Slides = new(slidesFile(i))
	}
	if p.hasAudio(i) {
		s.Audio = new(audioFile(i))
	}
	for _, j := range p.speakersOf(i) {
		who := p.person(j)
		s.Speakers = append(s.Speakers, speakerRef{j + 1, who.name, who.organisation})
	}
	return s
}

// state leaves a few proposals undecided or refused, as real programmes do.
func state(i int) string {
	switch {
	case i%23 == 17:
		return "pending"
	case i%31 == 29:
		return "rejected"
	}
	return "accepted"
}

// speakerSteps are the distances between the speakers of one session.
var speakerSteps = []int{0, 7, 19}

// speakersOf gives the speakers' indexes in the order in which the session names them.
func (p *plan) speakersOf(i int) []int {
	var who []int
	if p.Speakers == 0 {
		return who
	}
	for _, step := range speakerSteps[:formats[p.slot(i).format].speakers] {
		if j := (i + step) % p.Speakers; !slices.Contains(who, j) {
			who = append(who, j)
		}
	}
	return who
}

// sessionsOf is speakersOf the other way round: the first sessions of a speaker.
func (p *plan) sessionsOf(speaker int) []sessionRef {
	var at []int
	for _, step := range speakerSteps {
		first := ((speaker-step)%p.Speakers + p.Speakers) % p.Speakers
		found := 0
		for i := first; i < p.Sessions && found < maxBackReferences; i += p.Speakers {
			if slices.Contains(p.speakersOf(i), speaker) {
				at = append(at, i)
				found++
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	refs := []sessionRef{}
	for _, i := range at[:min(len(at), maxBackReferences)] {
		refs = append(refs, p.sessionRef(i))
	}
	return refs
}

func (p *plan) sessionRef(i int) sessionRef {
	_, title, _ := p.title(i)
	return sessionRef{ID: i + 1, Title: title}
}
