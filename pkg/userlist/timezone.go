package userlist

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the same zones on every machine, also where the system has none
)

// zones are the names that are known to be zones: some hundreds at most. Loading
// one reads a file, which a list of a million rows shall not do a million times.
var zones sync.Map

func zoneFault(name string) *Fault {
	if name == "" || isZone(name) {
		return nil
	}
	return &Fault{TimeZone, CodeTimeZoneUnknown, "There is no time zone of this name", "It must be like Europe/Berlin or UTC."}
}

// isZone tells whether a name is one of the IANA database, letter by letter.
// "Local" is none: it is the zone of the server.
func isZone(name string) bool {
	const longest = 64
	if len(name) > longest || name == "Local" || name == "localtime" {
		return false
	}
	if _, ok := zones.Load(name); ok {
		return true
	}
	// A system may have its own files beside the database.
	if strings.HasPrefix(name, "posix") || strings.HasPrefix(name, "right/") {
		return false
	}
	if _, err := time.LoadLocation(name); err != nil {
		return false
	}
	zones.Store(name, true)
	return true
}
