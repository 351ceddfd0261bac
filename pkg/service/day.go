package service

import (
	"fmt"
	"time"
)

// Day is a date, written like 2031-05-02; zero is none.
type Day struct{ time.Time }

// UnmarshalText reads a date. Empty is none.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		d.Time = time.Time{}
		return nil
	}
	day, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a date like 2031-05-02", text)
	}
	d.Time = day
	return nil
}
