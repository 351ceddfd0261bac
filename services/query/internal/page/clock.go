package page

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the zones of events, also where the system has none
)

// moment is a time as it is shown, and as a program reads it.
type moment struct{ Stamp, Text string }

// momentOf shows a time in its zone.
func momentOf(at time.Time, layout string) moment {
	return moment{at.UTC().Format("2006-01-02T15:04Z"), at.Format(layout)}
}

// times are when a session begins and ends; End is empty where that is not known.
type times struct{ Begin, End moment }

// timesOf shows the hours of a session; of one that ends on another day, on which.
func timesOf(begin, end time.Time) times {
	t := times{Begin: momentOf(begin, "15:04")}
	switch {
	case !end.After(begin):
	case sameDay(begin, end):
		t.End = momentOf(end, "15:04")
	default:
		t.End = momentOf(end, "2 Jan 15:04")
	}
	return t
}

// span shows the hours of an event, with the days where there are several.
func span(begin, end time.Time) times {
	if !end.After(begin) || sameDay(begin, end) {
		return timesOf(begin, end)
	}
	return times{momentOf(begin, "Mon 15:04"), momentOf(end, "Mon 15:04")}
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

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }
