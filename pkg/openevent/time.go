package openevent

import (
	"strings"
	"time"
)

// Time is a point in time as an archive writes it: a wall time with an offset,
// or one without, which is then in the event's zone. The zero value is none.
type Time struct {
	// wall has the clock as written; its zone is UTC where there was no offset.
	wall   time.Time
	offset bool
}

// IsZero tells that there is no time.
func (t Time) IsZero() bool { return t.wall.IsZero() }

// HasOffset tells whether the time says by itself how far from UTC it is.
func (t Time) HasOffset() bool { return t.offset }

// In returns the instant, in the given zone. A time without offset is the wall
// time of that zone. The zero Time gives the zero time.Time.
func (t Time) In(loc *time.Location) time.Time {
	switch {
	case t.IsZero():
		return time.Time{}
	case t.offset:
		return t.wall.In(loc)
	}
	w := t.wall
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), loc)
}

// String gives the time in the form of RFC 3339, without the offset where there is none.
func (t Time) String() string {
	switch {
	case t.IsZero():
		return ""
	case t.offset:
		return t.wall.Format(time.RFC3339Nano)
	default:
		return t.wall.Format("2006-01-02T15:04:05.999999999")
	}
}

// TimeOf gives an instant as a wall time of the zone, without an offset, where In gives
// that very instant again; else, as in one of the two hours that a clock shows alike
// in autumn, or without a zone (nil), a time with an offset. The zero time gives the zero Time. Only from the first
// to the last of the times that ParseTime reads can it be read back.
func TimeOf(t time.Time, zone *time.Location) Time {
	if t.IsZero() {
		return Time{}
	}
	if zone == nil {
		return Time{wall: t.In(time.UTC), offset: true}
	}
	local := t.In(zone)
	naive := Time{wall: time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)}
	if naive.In(zone).Equal(t) && !naive.wall.Before(firstTime) && !naive.wall.After(lastTime) {
		return naive
	}
	// An offset has no seconds, as those of the time before there were zones have.
	_, seconds := local.Zone()
	offset := time.UTC
	if minutes := seconds / 60; minutes != 0 && max(minutes, -minutes) < 16*60 {
		offset = time.FixedZone("", minutes*60)
	}
	return Time{wall: t.Round(0).In(offset), offset: true} // without what the clock measured beside
}

// ParseTime reads a time: YYYY-MM-DD, "T" or a blank, HH:MM, and optionally
// seconds, a fraction and an offset. Blanks around it do not matter. Corrected
// tells that it is written in another way, of which one can tell what is meant:
// numbers with a digit too few or too many ("T9:5:00", "T017:00:00"), slashes
// or points in the date, a comma before the fraction, "24:00" for the midnight
// that ends a day, a blank before the offset or its name ("UTC", "GMT"), and a
// date alone, which is its midnight. Years go from 1 to 9999.
func ParseTime(s string) (t Time, corrected, ok bool) {
	p := timeParser{rest: trimBlanks(s)}
	year := p.digits(4, 4, 4)
	separator := p.one("-/.")
	month := p.digits(1, 2, 2)
	p.one(string(separator))
	day := p.digits(1, 2, 2)
	p.odd = p.odd || separator != '-'
	hour, minute, second, nano := 0, 0, 0, 0
	zone, offset := time.UTC, false
	if p.rest == "" {
		p.odd = true
	} else {
		p.one("Tt ")
		hour = p.digits(1, 3, 2)
		p.one(":")
		minute = p.digits(1, 2, 2)
		if p.optional(":") != 0 {
			second = p.digits(1, 2, 2)
			if point := p.optional(".,"); point != 0 {
				nano = p.fraction()
				p.odd = p.odd || point == ','
			}
		}
		zone, offset = p.offset()
	}
	midnight := hour == 24 && minute == 0 && second == 0 && nano == 0
	p.odd = p.odd || midnight
	if p.bad || p.rest != "" || hour > 23 && !midnight || minute > 59 || second > 59 {
		return Time{}, false, false
	}
	// A day that the month does not have would roll over into the next one.
	if date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); int(date.Month()) != month || date.Day() != day {
		return Time{}, false, false
	}
	t = Time{wall: time.Date(year, time.Month(month), day, hour, minute, second, nano, zone), offset: offset}
	if t.wall.Before(firstTime) || t.wall.After(lastTime) {
		return Time{}, false, false
	}
	return t, p.odd, true
}

// The times that can be stored and shown in every zone: a year before 1 or
// after 9999 has no place in JSON, and no zone is a whole day off.
var (
	firstTime = time.Date(1, time.January, 2, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, time.December, 30, 23, 59, 59, 0, time.UTC)
)

// timeParser reads a time from the left; once bad it stays bad.
type timeParser struct {
	rest string
	bad  bool
	// odd tells of a spelling that is not the usual one.
	odd bool
}

// digits reads a number of at least lo and at most hi digits, usually of usual.
func (p *timeParser) digits(lo, hi, usual int) int {
	n, v := 0, 0
	for n < hi && n < len(p.rest) && isDigit(p.rest[n]) {
		v = v*10 + int(p.rest[n]-'0')
		n++
	}
	p.rest = p.rest[n:]
	p.bad = p.bad || n < lo
	p.odd = p.odd || n != usual
	return v
}

// optional takes the next byte if it is one of set, and returns it or 0.
func (p *timeParser) optional(set string) byte {
	if p.rest == "" {
		return 0
	}
	for i := range len(set) {
		if c := set[i]; p.rest[0] == c {
			p.rest = p.rest[1:]
			return c
		}
	}
	return 0
}

// one takes the next byte, which must be one of set, and returns it.
func (p *timeParser) one(set string) byte {
	c := p.optional(set)
	p.bad = p.bad || c == 0
	return c
}

// fraction reads the digits after the point, as nanoseconds; further ones are cut.
func (p *timeParser) fraction() int {
	v, unit, n := 0, 100_000_000, 0
	for n < len(p.rest) && isDigit(p.rest[n]) {
		v += int(p.rest[n]-'0') * unit
		unit /= 10
		n++
	}
	p.rest = p.rest[n:]
	p.bad = p.bad || n == 0
	return v
}

// offset reads "Z", "+08:00", "+0800" or "+08", and tells whether there was one.
func (p *timeParser) offset() (*time.Location, bool) {
	if p.optional(" ") != 0 {
		p.odd = true
		p.bad = p.bad || p.rest == ""
		if strings.EqualFold(p.rest, "UTC") || strings.EqualFold(p.rest, "GMT") {
			p.rest = "Z"
		}
	}
	sign := 1
	switch p.optional("Zz+-") {
	case 0:
		return time.UTC, false
	case 'Z', 'z':
		return time.UTC, true
	case '-':
		sign = -1
	}
	hours, minutes := p.digits(1, 2, 2), 0
	if p.optional(":") != 0 || p.rest != "" {
		minutes = p.digits(2, 2, 2)
	}
	p.bad = p.bad || hours > 15 || minutes > 59
	if hours == 0 && minutes == 0 {
		return time.UTC, true // "Z" and "+00:00" are the same
	}
	return time.FixedZone("", sign*(hours*3600+minutes*60)), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
