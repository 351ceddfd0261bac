package sample

import (
	"math/rand/v2"
	"time"
)

// plan is what the records of one archive agree on. Its methods make the
// record at an index, counted from 0; a record's id is its index plus one.
type plan struct {
	Config
	venue venue
	theme string
	// start is midnight of the first day, in the event's own time.
	start time.Time

	days, rooms, tracks, sponsors int
}

func newPlan(c Config) *plan {
	p := &plan{Config: c}
	r := p.random(forEvent, 0)
	p.venue = pick(r, venues)
	p.theme = pick(r, themes)
	// Some Friday of 2027: 1 January was one.
	p.start = time.Date(2027, time.January, 1+7*r.IntN(52), 0, 0, 0, 0, time.UTC)
	p.days = days(c.Sessions)
	wings := (c.Sessions + p.days*len(timetable) - 1) / (p.days * len(timetable))
	p.rooms = wings * roomsPerWing
	p.tracks = min(3+c.Sessions/40, len(trackNames))
	p.sponsors = min(3+c.Sessions/50, len(sponsorNames))
	return p
}

// days is how long an event of so many sessions lasts.
func days(sessions int) int {
	switch {
	case sessions <= 30:
		return 1
	case sessions <= 120:
		return 2
	case sessions <= 600:
		return 3
	case sessions <= 5_000:
		return 4
	case sessions <= 100_000:
		return 7
	}
	return 14
}

// purpose sets the random numbers apart that are drawn for different things.
type purpose uint64

const (
	forEvent purpose = iota
	forSpeaker
	forSession
	forTitle
	forPicture
)

// random gives the numbers for one record and purpose, always the same ones.
func (p *plan) random(what purpose, i int) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed, uint64(what)<<32|uint64(i)))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// sometimes gives the value once in n times, else null.
func sometimes(r *rand.Rand, n int, value string) *string {
	if r.IntN(n) > 0 {
		return nil
	}
	return &value
}

// local writes a time as the format does: in the event's own zone, without an offset.
func local(t time.Time) string { return t.Format("2006-01-02T15:04:05") }
