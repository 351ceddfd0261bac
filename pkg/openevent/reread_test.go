package openevent_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/openevent"
)

// What is kept aside is found again in an archive of another dialect.
func TestUnknownKeysInsideAreNamedByTheFieldThatTheyAreIn(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		`"event-copyright":{"a-b":1}`:                                    {"copyright/a-b"},
		`"social-links":[null,{"icon":1},3,{"icon":2}]`:                  {"social_links/0/icon", "social_links/1/icon"},
		`"SPEAKERS CALL":{"hash":"x","starts-at":"2031-05-02T09:00:00"}`: {"call_for_papers/hash"},
	} {
		event := readEvent(t, source)
		require.Equal(t, want, slices.Sorted(maps.Keys(event.Extra)), source)
	}
}

// Of a field that stands twice, what is unknown inside goes with the value.
func TestUnknownKeysGoWithTheValueThatTheyAreIn(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		`"copyright":{"a":1},"copyright":null`:                                      nil,
		`"copyright":{"a":1},"copyright":{"b":1}`:                                   {"copyright/b"},
		`"copyright":{"a":1},"event-copyright":{"b":1}`:                             {"copyright/b"},
		`"copyright":{"a":1},"event-copyright":null`:                                {"copyright/a"},
		`"copyright":{"a":1},"event-copyright":3`:                                   {"copyright/a"},
		`"social_links":[{"a":1},{"a":1}],"social-links":[{"b":1}],"mood":1`:        {"mood", "social_links/0/b"},
		`"social_links":[{"a":1}],"social_links":[],"call_for_papers":{"hash":"x"}`: {"call_for_papers/hash"},
	} {
		event := readEvent(t, source)
		require.Equal(t, want, slices.Sorted(maps.Keys(event.Extra)), source)
	}
}

func TestATimeOfNoOffsetIsOneInUTC(t *testing.T) {
	t.Parallel()
	for _, offset := range []string{"+00:00", "-00:00", "+0000", "+00", "Z"} {
		got, corrected, ok := openevent.ParseTime("2031-05-02T09:00:00" + offset)
		require.True(t, ok)
		require.False(t, corrected)
		want, _, _ := openevent.ParseTime("2031-05-02T09:00:00Z")
		require.Equal(t, want, got)
	}
}

func TestAnEventWhoseZoneIsNoTextIsInUTC(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{`{"id":3}`, `["Europe/Lisbon"]`, `null`, `[]`, `"Nowhere"`} {
		a := open(t, item{"event", strings.Replace(smallEvent, `"Europe/Lisbon"`, zone, 1)})
		records, _ := readAll(t, a, openevent.Events)
		require.Equal(t, "UTC", records[0].Value.Timezone, zone)
	}
}

// readEvent reads an event that has some members more.
func readEvent(t *testing.T, members string) openevent.Record[openevent.Event] {
	t.Helper()
	records, _ := readAll(t, open(t, item{"event", strings.Replace(smallEvent, `"name"`, members+`,"name"`, 1)}), openevent.Events)
	require.Len(t, records, 1)
	return records[0]
}
