package openevent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

func TestLengths(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"00:30": 30, "0:30": 30, "30": 30, "01.00": 60, "1.0": 60, "0.3": 30, "1.30": 90, "3.30": 210, "1:15:00": 75, " 2:05 ": 125, "90": 90, "00:00": 0,
		"1h": 60, "2 hours": 120, "1 Hr.": 60, "90 min": 90, "90min.": 90, "45 minutes": 45, "45m": 45, "20'": 20, "1h30": 90, "1h 30m": 90, "1 hour and 5 minutes": 65,
		"1:30h": 90, "01:30 hours": 90, "1.5h": 90, "0.25 hours": 15, "1.0h": 60, "PT1H30M": 90, "pt45m": 45, "PT2H": 120, "PT30M0S": 30, "PT90M": 90, "0 min": 0,
	} {
		got, ok := openevent.ParseLength(in)
		require.True(t, ok, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{
		"", "long", "1:75", "-30", "1:", ":30", "1:300", "99999999999999999999", "1e3", "1:00:xx", "1.30h", "1h75", "1,5", "30 s", "30 days", "h", "PT", "PT30S", "P1M",
		"1:75h", "999h", "99999 min", "min", "half an hour", "30-45 min",
	} {
		_, ok := openevent.ParseLength(in)
		require.False(t, ok, in)
	}
	records, issues := readAll(t, open(t, item{"session_types", `[{"id":1,"name":"Talk","length":0.3},{"id":2,"name":"Chat","length":"a while"},{"id":3,"name":"None"}]`}), openevent.SessionTypes)
	minutes, ok := records[0].Value.Minutes()
	require.True(t, ok)
	require.Equal(t, 30, minutes)
	require.Equal(t, "a while", records[1].Value.Length)
	require.Equal(t, []string{openevent.CodeInvalidLength, openevent.CodeFieldMissing}, codes(issues))
}
