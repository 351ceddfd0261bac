package openevent

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the same zones on every machine, also where the system has none
)

// Location returns the event's zone, in which its times without offset are.
func (e Event) Location() *time.Location {
	name, ok := zoneName(e.Timezone)
	if !ok {
		return time.UTC
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// zonesByKey leads from a zone's name in lower case to the name.
var zonesByKey = sync.OnceValue(func() map[string]string {
	zones := make(map[string]string)
	for name := range strings.FieldsSeq(zoneNames) {
		zones[strings.ToLower(name)] = name
	}
	return zones
})

// zoneName returns the IANA name of the zone that a text means: the name in any
// case, with blanks for underscores or around the slash, one of the spellings
// that are known, or an offset from UTC. "Local" is none: it is the zone of
// whoever reads the archive.
func zoneName(text string) (string, bool) {
	const longest = 64
	if len(text) > longest {
		return "", false
	}
	parts := strings.Split(strings.ToLower(text), "/")
	for i := range parts {
		parts[i] = strings.Join(strings.Fields(parts[i]), "_")
	}
	key := strings.Join(parts, "/")
	if name, ok := zonesByKey()[key]; ok {
		return name, true
	}
	if name, ok := zoneSpellings[key]; ok {
		return name, true
	}
	return zoneOfOffset(key)
}

// zoneOffset matches an offset from UTC, as "utc+07:00", "gmt_-8" or "+0530".
var zoneOffset = regexp.MustCompile(`^(?:utc|gmt)?_?([+−-])_?([0-9]{1,2})(?::?([0-9]{2}))?$`)

// zoneOfOffset returns a zone that has the offset all year, where there is one.
func zoneOfOffset(key string) (string, bool) {
	found := zoneOffset.FindStringSubmatch(key)
	if found == nil {
		return "", false
	}
	sign, opposite := "+", "-"
	if found[1] != "+" {
		sign, opposite = opposite, sign
	}
	hours, _ := strconv.Atoi(found[2]) // two digits at most
	if strings.Trim(found[3], "0") != "" {
		name, ok := zonesByOffset[fmt.Sprintf("%s%02d:%s", sign, hours, found[3])]
		return name, ok
	}
	if hours == 0 {
		return "UTC", true
	}
	// These names count to the west: Etc/GMT-7 is seven hours ahead of UTC.
	name, ok := zonesByKey()[fmt.Sprintf("etc/gmt%s%d", opposite, hours)]
	return name, ok
}
