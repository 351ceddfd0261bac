package openevent

import (
	"strconv"
	"strings"
)

// ParseLength reads the length of a session and returns it in minutes. The
// format defines no unit, so this follows what is written in archives: "00:30"
// and "01:00:00" are hours, minutes and seconds; "30" is minutes; "01.00" and
// "1.3" are hours and minutes with a point, where a number has lost its last
// zero (0.3 is half an hour). False for anything else, and for more than a month.
func ParseLength(s string) (int, bool) {
	const month = 31 * 24 * 60
	s = trimBlanks(s)
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
