package userlist

import (
	"fmt"
	"regexp"
	"time"
)

func (u *User) takeDay(text string) *Fault {
	if text == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, text)
	switch {
	case err == nil:
		u.PlannedArrival = day
		return nil
	case dayOrMonthFirst.MatchString(text):
		return &Fault{
			PlannedArrival, CodeDateAmbiguous, "This date can be read in two ways: with the day or with the month first",
			"Write the year first, like 2031-05-02.",
		}
	}
	return noDay()
}

// dayOrMonthFirst matches 2.5.2031, 05/02/31 and the like. Also where one number
// can only be the day, the next row may be read otherwise; so none is guessed.
var dayOrMonthFirst = regexp.MustCompile(`^[0-9]{1,2}([./-])\s*[0-9]{1,2}([./-])\s*[0-9]{2}([0-9]{2})?\.?$`)

func noDay() *Fault {
	return &Fault{PlannedArrival, CodeDateInvalid, "This is not a date", "It must be like 2031-05-02."}
}

func (r Rules) dayFault(day time.Time) *Fault {
	switch {
	case day.IsZero():
		return nil
	case day.Year() < 1: // which Go has, and the calendar of the database has not
		return noDay()
	case !r.Buildup.IsZero() && day.Before(r.Buildup):
		return dayOutside("The day is before the buildup begins, on %s", r.Buildup)
	case !r.Teardown.IsZero() && day.After(r.Teardown):
		return dayOutside("The day is after the teardown ends, on %s", r.Teardown)
	}
	return nil
}

func dayOutside(message string, bound time.Time) *Fault {
	return &Fault{
		PlannedArrival, CodeDateOutOfRange, fmt.Sprintf(message, bound.Format(time.DateOnly)),
		"Correct the day, or leave it empty.",
	}
}
