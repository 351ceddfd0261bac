package page

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func clock(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// text is what people read of times.
func (t times) text() string {
	if t.End.Text == "" {
		return t.Begin.Text
	}
	return t.Begin.Text + " – " + t.End.Text
}

func TestDatesSayNothingTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ begin, end, dates, hours string }{
		{"2031-05-02T09:00:00Z", "2031-05-02T17:00:00Z", "Friday 2 May 2031", "09:00 – 17:00"},
		{"2031-05-02T09:00:00Z", "2031-05-04T16:30:00Z", "2 – 4 May 2031", "Fri 09:00 – Sun 16:30"},
		{"2031-05-30T09:00:00Z", "2031-06-01T16:30:00Z", "30 May – 1 June 2031", "Fri 09:00 – Sun 16:30"},
		{"2031-12-31T20:00:00Z", "2032-01-01T04:00:00Z", "31 December 2031 – 1 January 2032", "Wed 20:00 – Thu 04:00"},
		{"2031-05-02T09:00:00Z", "2031-05-02T09:00:00Z", "Friday 2 May 2031", "09:00"},
	} {
		begin, end := clock(t, c.begin), clock(t, c.end)
		require.Equal(t, c.dates, dates(begin, end))
		require.Equal(t, c.hours, span(begin, end).text())
	}
	night := timesOf(clock(t, "2031-05-02T23:00:00Z"), clock(t, "2031-05-03T01:00:00Z"))
	require.Equal(t, "23:00 – 3 May 01:00", night.text())
}

func TestTimesAreOfTheEventForPeopleAndOfAllForPrograms(t *testing.T) {
	t.Parallel()
	begin := clock(t, "2031-05-02T22:30:00Z").In(zoneOf("Europe/Zurich"))
	require.Equal(t, moment{Stamp: "2031-05-02T22:30Z", Text: "00:30"}, momentOf(begin, "15:04"))
}

func TestZonesAreNamedWithTheirDistance(t *testing.T) {
	t.Parallel()
	at := clock(t, "2031-05-02T09:00:00Z")
	for zone, want := range map[string]string{
		"Europe/Zurich": "Europe/Zurich (UTC+2:00)", "America/St_Johns": "America/St Johns (UTC−2:30)", "UTC": "UTC", "Nowhere/Land": "UTC",
	} {
		require.Equal(t, want, zoneName(at.In(zoneOf(zone))))
	}
}
