package table

import (
	"archive/zip"
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// format is what the number of a cell is for people.
type format struct {
	// date tells that it counts days.
	date bool
	// digits is how many digits a whole number has at least: 00000 shows 42 as 00042.
	digits int
}

// formats are the formats of a workbook, by the numbers that cells say.
type formats []format

func (f formats) of(style int) format {
	if style < 0 || style >= len(f) {
		return format{}
	}
	return f[style]
}

// readFormats reads them; a workbook may do without.
func readFormats(file *zip.File) (formats, error) {
	if file == nil {
		return nil, nil
	}
	var all formats
	own := make(map[int]format)
	in := false
	err := eachElement(file, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			id, err := strconv.Atoi(attribute(e, "numFmtId"))
			if err != nil {
				return err
			}
			own[id] = formatOf(attribute(e, "formatCode"))
		case "cellXfs":
			in = true
		case "cellStyles", "dxfs":
			in = false
		case "xf":
			if !in {
				return nil
			}
			id, _ := strconv.Atoi(attribute(e, "numFmtId"))
			f, ok := own[id]
			if !ok {
				f.date = builtInDate(id)
			}
			all = append(all, f)
		}
		return nil
	})
	return all, err
}

// builtInDate tells those formats of dates and times that no workbook spells out.
// Some of them are of East Asia only. 46 is a duration.
func builtInDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id == 45 || id == 47 || id >= 50 && id <= 58
}

var (
	// inert is what a format says that is not about the value: texts, characters that
	// stand for themselves, colours and languages.
	inert = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[[^\]]*\]`)
	// elapsed is a duration, as in [h]:mm.
	elapsed = regexp.MustCompile(`(?i)\[(h+|m+|s+)\]`)
	zeros   = regexp.MustCompile(`^0+$`)
)

// formatOf reads a format as workbooks spell it out.
func formatOf(code string) format {
	positive, _, _ := strings.Cut(code, ";")
	switch shown := inert.ReplaceAllString(positive, ""); {
	case elapsed.MatchString(positive), strings.EqualFold(shown, "General"):
		return format{}
	case strings.ContainsAny(shown, "dmyhsDMYHS"):
		return format{date: true}
	case zeros.MatchString(positive) && len(positive) <= 32:
		return format{digits: len(positive)}
	}
	return format{}
}

// number returns a number as text: a date as a date, and any other with all of its
// digits, never as 4.9E+12.
func (f format) number(value string, from1904 bool) string {
	if strings.Trim(value, "0123456789") == "" {
		if f.date {
			return date(value, from1904)
		}
		if missing := f.digits - len(value); missing > 0 && value != "" {
			return strings.Repeat("0", missing) + value
		}
		return value // a float64 would keep 15 digits only
	}
	if f.date {
		return date(value, from1904)
	}
	// Excel writes 1.1 as 1.1000000000000001.
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// date returns a count of days as a date, with the time if there is one, or as a
// time if there is no day. What no calendar has stays a number.
func date(value string, from1904 bool) string {
	days, err := strconv.ParseFloat(value, 64)
	const year10000 = 2_958_466
	if err != nil || !(days >= 0 && days < year10000) {
		return value
	}
	whole, part := math.Modf(days)
	clock := time.Duration(math.Round(part*24*60*60*1000)) * time.Millisecond
	if whole == 0 && clock > 0 && !from1904 {
		return timeOfDay(time.Time{}.Add(clock))
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case whole == 60:
		return value // 29 February 1900, which Excel has taken over from Lotus
	case whole < 60:
		first = first.AddDate(0, 0, 1)
	}
	return dateTime(first.AddDate(0, 0, int(whole)).Add(clock))
}

func dateTime(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateOnly) + " " + timeOfDay(t)
}

func timeOfDay(t time.Time) string { return t.Format("15:04:05.999") }

// isoDate returns a date that the file has as text, as newer programs may write it.
func isoDate(value string) string {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return dateTime(t)
		}
	}
	return value
}

func boolean(value string) string {
	if value == "1" || value == "true" {
		return "TRUE"
	}
	return "FALSE"
}
