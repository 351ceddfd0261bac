package openevent_test

import (
	"archive/zip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

// zoneIn reads an event in a zone, and gives the zone with the code that was told.
func zoneIn(t *testing.T, text string) (string, string) {
	t.Helper()
	event, issues := eventWith(t, "timezone", strconv.Quote(text))
	if len(issues) == 0 {
		return event.Timezone, ""
	}
	require.Len(t, issues, 1, text)
	return event.Timezone, issues[0].Code
}

func TestZones(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Europe/Lisbon": "Europe/Lisbon", "europe/LISBON": "Europe/Lisbon", "America/Port-au-Prince": "America/Port-au-Prince",
		"utc": "UTC", "EST": "EST", "Etc/GMT+5": "Etc/GMT+5", "GMT+0": "GMT+0", "US/Pacific": "US/Pacific", "Asia/Saigon": "Asia/Saigon",
	} {
		zone, code := zoneIn(t, in)
		require.Equal(t, want, zone, in)
		require.Empty(t, code, in)
	}
	for in, want := range map[string]string{
		"US / Pacific": "US/Pacific", "america / new  york": "America/New_York", "Asia/Ho Chi Minh": "Asia/Ho_Chi_Minh",
		"Asia/Vietnum": "Asia/Ho_Chi_Minh", "Hawaii-Aleutian": "Pacific/Honolulu", "Asia/Bangalore": "Asia/Kolkata", "Z": "UTC",
		"UTC+07:00": "Etc/GMT-7", "GMT+8": "Etc/GMT-8", "utc -5": "Etc/GMT+5", "UTC−08:00": "Etc/GMT+8", "+0200": "Etc/GMT-2", "GMT+14": "Etc/GMT-14",
		"UTC+00:00": "UTC", "UTC-0": "UTC", "UTC+05:30": "Asia/Kolkata", "GMT+5:45": "Asia/Kathmandu", "+0330": "Asia/Tehran", "UTC-09:30": "Pacific/Marquesas",
	} {
		zone, code := zoneIn(t, in)
		require.Equal(t, want, zone, in)
		require.Equal(t, openevent.CodeTimezoneCorrected, code, in)
	}
	for _, in := range []string{
		"Local", "../zone", "/etc/localtime", "posixrules", "Europe", "Europe/", "PST", "UTC+15", "UTC-13:00", "UTC+05:17", "UTC+", "UTC7", "Atlantis", "+",
		strings.Repeat("a/", 1000),
	} {
		zone, code := zoneIn(t, in)
		require.Equal(t, "UTC", zone, in)
		require.Equal(t, openevent.CodeUnknownZone, code, in)
	}
}

// An offset that is read as a zone is that zone's, outside of summer.
func TestZonesOfOffsetsHaveTheOffset(t *testing.T) {
	t.Parallel()
	read := 0
	for minutes := -15 * 60; minutes <= 15*60; minutes += 15 {
		text := time.Unix(0, 0).In(time.FixedZone("", minutes*60)).Format("-07:00")
		zone, code := zoneIn(t, "UTC"+text)
		if code == openevent.CodeUnknownZone {
			continue
		}
		read++
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		_, winter := time.Date(2026, time.January, 15, 12, 0, 0, 0, loc).Zone()
		_, summer := time.Date(2026, time.July, 15, 12, 0, 0, 0, loc).Zone()
		require.Equal(t, minutes*60, min(winter, summer), "%s %s", text, zone)
	}
	require.Equal(t, 27+11, read)
}

// The list of names is that of the Go distribution: a new one has more to add.
func TestEveryZoneOfGoIsKnown(t *testing.T) {
	t.Parallel()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("there is no Go distribution to compare with")
	}
	zones, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skip("the Go distribution has no list of zones")
	}
	defer func() { require.NoError(t, zones.Close()) }()
	known := 0
	for _, f := range zones.File {
		if strings.HasSuffix(f.Name, "/") || f.Name == "Factory" {
			continue
		}
		known++
		zone, code := zoneIn(t, f.Name)
		require.Equal(t, f.Name, zone)
		require.Empty(t, code, f.Name)
	}
	require.Greater(t, known, 500)
}
