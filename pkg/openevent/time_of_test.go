package openevent_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/usher-events/usher/pkg/openevent"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

func TestInstantsAreWrittenAsTheClockShowsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, at, want string }{
		{"Europe/Lisbon", "2031-05-02T08:00:00Z", "2031-05-02T09:00:00"},
		{"Europe/Lisbon", "2031-05-02T08:00:00.000001Z", "2031-05-02T09:00:00.000001"},
		{"UTC", "2031-05-02T08:00:00+02:00", "2031-05-02T06:00:00"},
		{"Europe/Berlin", "2031-10-26T02:00:00Z", "2031-10-26T03:00:00"},
		// A clock that nobody has set again yet.
		{"Europe/Amsterdam", "1900-01-01T00:00:00Z", "1900-01-01T00:17:30"},
		// The day that was not, and the one that was twice.
		{"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00"},
	} {
		at, err := time.Parse(time.RFC3339Nano, c.at)
		require.NoError(t, err)
		got := openevent.TimeOf(at, zoneOf(t, c.zone))
		if c.zone != "Europe/Amsterdam" { // whose oldest times differ from one edition of the database to the next
			require.Equal(t, c.want, got.String(), c.zone)
		}
		require.True(t, got.In(zoneOf(t, c.zone)).Equal(at), "%s %s", c.zone, got)
	}
	require.True(t, openevent.TimeOf(time.Time{}, time.UTC).IsZero())
}

// Of two hours that the clock shows alike, one goes without saying.
func TestAnHourThatIsThereTwiceIsToldByItsOffset(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string][2]string{
		"Europe/Berlin":       {"2031-10-26T02:30:00+02:00", "2031-10-26T02:30:00+01:00"},
		"America/New_York":    {"2031-11-02T01:30:00-04:00", "2031-11-02T01:30:00-05:00"},
		"Australia/Lord_Howe": {"2031-04-06T01:45:00+11:00", "2031-04-06T01:45:00+10:30"},
	} {
		naive := 0
		for _, with := range want {
			at, err := time.Parse(time.RFC3339, with)
			require.NoError(t, err)
			got := openevent.TimeOf(at, zoneOf(t, zone))
			require.True(t, got.In(zoneOf(t, zone)).Equal(at), with)
			if !got.HasOffset() {
				naive++
				require.Equal(t, with[:len("2031-10-26T02:30:00")], got.String())
			} else {
				require.Equal(t, with, got.String())
			}
		}
		require.Equal(t, 1, naive, zone)
	}
}

// Around every change of a clock, the instant that is read is the one that was written.
func TestInstantsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	zones := []string{
		"Europe/Berlin", "Europe/Lisbon", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Caracas", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati",
		"Asia/Kathmandu", "Asia/Pyongyang", "Asia/Tehran", "Africa/Casablanca", "Africa/Monrovia", "Antarctica/Troll", "Asia/Manila", "America/Juneau", "Etc/GMT+12", "Europe/Amsterdam", "Asia/Gaza",
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		at := time.Unix(rapid.Int64Range(-62135510400, 253402214398).Draw(t, "second"), rapid.Int64Range(0, 999_999).Draw(t, "microsecond")*1000)
		if rapid.Bool().Draw(t, "recent") {
			at = time.Unix(rapid.Int64Range(-3_000_000_000, 4_000_000_000).Draw(t, "recent second"), 0)
		}
		if start, end := at.In(zone).ZoneBounds(); rapid.Bool().Draw(t, "at a change") {
			change := rapid.SampledFrom([]time.Time{start, end}).Draw(t, "change")
			if !change.IsZero() && change.Year() > 1 && change.Year() < 9999 {
				at = change.Add(time.Duration(rapid.Int64Range(-10_800, 10_800).Draw(t, "beside")) * time.Second)
			}
		}
		got := openevent.TimeOf(at, zone)
		require.True(t, got.In(zone).Equal(at), "%v in %s is %s", at.UTC(), name, got)
		again, corrected, ok := openevent.ParseTime(got.String())
		require.True(t, ok, got)
		require.False(t, corrected, got)
		require.Equal(t, got, again)
		require.True(t, again.In(zone).Equal(at), got)
		if naive := at.In(zone).Format("2006-01-02T15:04:05"); !got.HasOffset() {
			require.Contains(t, got.String(), naive)
		}
	})
}
