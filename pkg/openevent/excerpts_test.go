package openevent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

func at(file string, line, column int) contracts.Issue {
	return contracts.Issue{File: file, Line: line, Column: column}
}

func TestExcerptsAreWhatStandsAroundTheIssues(t *testing.T) {
	t.Parallel()
	a := open(t,
		item{"tracks", "\ufeff[{\"id\": 1},\r\n  {\"id\": 2, \"name\": \"Öl und Öfen\"},\n\n  {\"id\": 3}]"},
		item{"speakers", "[]\n"}, item{"sponsors", "\xff\xfe[\x00\n\x001\x00]\x00"},
	)
	found, err := a.Excerpts([]contracts.Issue{
		at("tracks", 4, 3), at("tracks", 1, 2), at("tracks", 2, 0), at("tracks", 3, 1), at("tracks", 2, 23), at("tracks", 2, 31),
		at("tracks", 9, 1), at("nowhere", 1, 1), at("speakers", 1, 2), {Code: "of no place"}, at("tracks", 4, 40),
		at("sponsors", 2, 1),
	}, 8)
	require.NoError(t, err)
	require.Equal(t, []openevent.Excerpt{
		{Text: `  {"id": 3`, Column: 1}, {Text: `[{"id": 1`, Column: 1}, {Text: `  {"id":`, Column: 1}, {Ends: true},
		{Text: `ame": "Öl und `, Column: 15}, {Text: `l und Öfen"},`, Column: 24, Ends: true},
		{}, {}, {Text: "[]", Column: 1, Ends: true}, {}, {Ends: true},
		{Text: "1]", Column: 1, Ends: true},
	}, found)
}

func TestExcerptsOfAFileThatIsOneLineAreShort(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	content.WriteString("[")
	var issues []contracts.Issue
	for i := range 20_000 {
		issues = append(issues, at("sessions", 1, content.Len()+1))
		fmt.Fprintf(&content, "{\"id\":%d},", i)
	}
	found, err := open(t, item{"sessions", content.String()}).Excerpts(issues, 20)
	require.NoError(t, err)
	for i, x := range found {
		require.Contains(t, x.Text, fmt.Sprintf("{\"id\":%d}", i))
		require.LessOrEqual(t, len(x.Text), 40)
		require.Equal(t, i > 19_998, x.Ends, i)
	}
}

func TestExcerptsOfADamagedFileEndWhereItIsDamaged(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("[1, 2, 3]\n", 10)
	b := stored(t, "sessions", content)
	i := strings.Index(string(b), content)
	b[i] = '{' // the checksum differs now
	a, err := openevent.Open(strings.NewReader(string(b)), int64(len(b)), openevent.Limits{})
	require.NoError(t, err)
	found, err := a.Excerpts([]contracts.Issue{at("sessions", 2, 1), at("sessions", 99, 1)}, 8)
	require.NoError(t, err)
	require.Equal(t, []openevent.Excerpt{{Text: "[1, 2, 3", Column: 1}, {}}, found)
}

func TestExcerptsTellWhenTheArchiveCannotBeRead(t *testing.T) {
	t.Parallel()
	big := largeSource(t)
	a, err := openevent.Open(big, big.size, openevent.Limits{})
	require.NoError(t, err)
	big.away.Store(true)
	_, err = a.Excerpts([]contracts.Issue{at("sessions", 2, 1)}, 8)
	require.ErrorIs(t, err, errAway)
}
