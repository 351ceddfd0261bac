package openevent

import (
	"time"
	_ "time/tzdata" // the same zones on every machine, also where the system has none
)

// Location returns the event's zone, in which its times without offset are.
func (e Event) Location() *time.Location {
	loc, ok := loadZone(e.Timezone)
	if !ok {
		return time.UTC
	}
	return loc
}

// loadZone returns the zone of an IANA name. "Local" is refused: it is the
// zone of whoever reads the archive.
func loadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}
