package openevent

import (
	"regexp"
	"strconv"
	"strings"
)

// ParseLength reads the length of a session and returns it in minutes. The
// format defines no unit, so this follows what is written in archives: "00:30"
// and "01:00:00" are hours, minutes and seconds; "30" is minutes; "01.00" and
// "1.3" are hours and minutes with a point, where a number has lost its last
// zero (0.3 is half an hour). With units it is what they say: "90 min", "1h",
// "1h30", "1:30h", "1.5 hours" and ISO 8601's "PT1H30M"; of an hour, "1.30" with
// a unit could be either of two, and is neither. Seconds do not count. False for
// anything else, and for more than a month.
func ParseLength(s string) (int, bool) {
	s = trimBlanks(s)
	if len(s) > maxLength {
		return 0, false
	}
	if minutes, ok := plainLength(s); ok {
		return minutes, true
	}
	s = strings.ToLower(s)
	if found := clockHours.FindStringSubmatch(s); found != nil {
		return plainLength(found[1])
	}
	for _, form := range []*regexp.Regexp{isoLength, hourLength, minuteLength} {
		found := form.FindStringSubmatch(s)
		if found == nil || found[1] == "" && found[2] == "" {
			continue
		}
		// The patterns let nothing pass that is no number, and "" is 0.
		hours, _ := strconv.ParseFloat(found[1], 64)
		minutes, _ := strconv.Atoi(found[2])
		total := int(hours*60) + minutes
		return total, total <= month && (hours == 0 || minutes < 60)
	}
	return 0, false
}

// month is the longest length, in minutes.
const month = 31 * 24 * 60

// maxLength is how many bytes a length may take.
const maxLength = 40

var (
	// clockHours matches hours and minutes that say that they are hours: "1:30h".
	clockHours = regexp.MustCompile(`^([0-9]{1,3}:[0-9]{2}) ?h(?:rs?|ours?)?\.?$`)
	isoLength  = regexp.MustCompile(`^pt(?:([0-9]{1,3})h)?(?:([0-9]{1,5})m)?(?:[0-9]{1,5}(?:\.[0-9]{1,9})?s)?$`)
	// hourLength matches hours, of which quarters may stand behind a point, or
	// minutes behind them, whose unit goes without saying.
	hourLength   = regexp.MustCompile(`^([0-9]{1,3}(?:\.(?:0|00|25|5|50|75))?) ?h(?:rs?|ours?)?\.?(?: ?(?:and )?([0-9]{1,2}) ?(?:m|mins?|minutes?)?\.?)?$`)
	minuteLength = regexp.MustCompile(`^()([0-9]{1,5}) ?(?:m|mins?|minutes?|['’′])\.?$`)
)

// plainLength reads a length that is numbers alone.
func plainLength(s string) (int, bool) {
	hours, minutes := "0", s
	if h, m, ok := strings.Cut(s, ":"); ok {
		m, seconds, three := strings.Cut(m, ":")
		if three && !isNumber(seconds) {
			return 0, false
		}
		hours, minutes = h, m
	} else if h, m, ok := strings.Cut(s, "."); ok {
		if len(m) == 1 {
			m += "0"
		}
		hours, minutes = h, m
	}
	if !isNumber(hours) || !isNumber(minutes) || hours != "0" && len(minutes) > 2 {
		return 0, false
	}
	h, err1 := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(minutes)
	if err1 != nil || err2 != nil || h > month/60 || m > month || h > 0 && m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

// isNumber tells that s is digits only, and not empty.
func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// trimBlanks removes the blanks and line breaks around s.
func trimBlanks(s string) string { return strings.Trim(s, " \t\r\n") }
