package openevent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// checkArchive returns what Check finds in an archive, without what it says of files
// that are not there.
func checkArchive(t *testing.T, a *openevent.Archive) (openevent.Summary, []contracts.Issue) {
	t.Helper()
	var issues []contracts.Issue
	summary, err := openevent.Check(a, func(i contracts.Issue) {
		if i.Code != openevent.CodeFileMissing {
			issues = append(issues, i)
		}
	})
	require.NoError(t, err)
	return summary, issues
}

func TestNotesInsideOfAFormStandInOrder(t *testing.T) {
	t.Parallel()
	a := open(t, item{"forms", "[{\"id\":1,\"session_form\":\"{\n\\\"title\\\":{\\\"require\\\":1,}}\"}]"})
	records, issues := readAll(t, a, openevent.Forms)
	require.Len(t, records, 1)
	require.Equal(t, []openevent.FormField{{Form: "session", Field: "title", Required: true}}, records[0].Value.SessionForm)
	require.Equal(t, []string{openevent.CodeTrailingComma, openevent.CodeControlCharacter}, codes(issues))
}

func TestWhatIsWrongWithTheOtherSideOfARelationIsForgottenBeyondTheLimitToo(t *testing.T) {
	t.Parallel()
	mistakes := `"u":1` + strings.Repeat(`,"u":1`, 999) // one below the limit
	a := open(t, item{"event", smallEvent}, item{"speakers", `[{"id":1,"name":"x",` + mistakes + `,"sessions":[{"id":"a\u0000` + "\xff" + `"}]}]`})
	summary, issues := checkArchive(t, a)
	require.Equal(t, 1, summary.Totals[contracts.Speakers])
	require.Len(t, issues, 999+2) // and the unknown key, and the link that sessions do not have
}

func TestADamagedFileOfRecordsIsNoErrorInLenientMode(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"tracks", "social_links"} {
		b := packed(t, entry{name: "event", content: smallEvent}, entry{name: file, content: `[{"id":1,"name":"Lantern","color":"red"}]`})
		a, err := openBytes(bytes.Replace(b, []byte("Lantern"), []byte("Pantern"), 1), openevent.Limits{})
		require.NoError(t, err)
		a.Mode = contracts.Lenient
		summary, issues := checkArchive(t, a)
		require.Equal(t, 1, summary.Totals[contracts.Events], file)
		require.Contains(t, codes(issues), openevent.CodeEntryDamaged)
		for _, issue := range issues {
			require.NotEqual(t, contracts.Error, issue.Severity, issue.Message)
		}
	}
}

func TestDeletedRecordsAreNotRebuilt(t *testing.T) {
	t.Parallel()
	summary, _ := checkArchive(t, open(t, item{"event", smallEvent},
		item{"tracks", `[{"id":5,"name":"x","color":"red","deleted_at":"2030-01-01T00:00:00"}]`},
		item{"sessions", `[{"id":1,"title":"a","track":{"id":5,"name":"x"}},{"id":2,"title":"b","track":{"id":6,"name":"y","deleted_at":"2030-01-01T00:00:00"}}]`}))
	require.Zero(t, summary.Totals[contracts.Tracks])
	require.Empty(t, summary.Rebuilt)
}

func TestIDsThatNoIndexCanHoldAreNone(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 201)
	records, issues := readAll(t, open(t, item{"sessions", `[{"id":"` + long + `","title":"a","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00","track":"` + long + `","speakers":["` + long + `",2]}]`}), openevent.Sessions)
	require.Equal(t, []string{openevent.CodeWrongType, openevent.CodeWrongType, openevent.CodeWrongType}, codes(issues))
	require.Empty(t, records[0].ID)
	require.True(t, records[0].Value.Track.IsZero())
	require.Equal(t, []openevent.Ref{{ID: "2"}}, records[0].Value.Speakers)
}

// Each of these took quadratic time: hours for a record as large as it may be.
func TestHostileRecordsTakeTheirLengthInTime(t *testing.T) {
	t.Parallel()
	list := func(format string) string {
		var b strings.Builder
		for i := range 1 << 17 {
			fmt.Fprintf(&b, format+",", i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for file, record := range map[string]string{
		"forms":    `{"session_form":{` + list(`"f%d":{}`) + `}}`,
		"sessions": `{"id":1,"title":"x","u":1` + strings.Repeat(`,"u":1`, 998) + `,"track":[` + list(`{"id":%d}`) + `],"mood":{},` + list(`"id":%d`) + `}`,
	} {
		_, issues := checkArchive(t, open(t, item{"event", smallEvent}, item{file, "[" + record + "]"}))
		require.Less(t, len(issues), 1100, file)
	}
}

func TestOnlyTheCopyThatASessionRefersToIsRebuilt(t *testing.T) {
	t.Parallel()
	summary, _ := checkArchive(t, open(t, item{"event", smallEvent}, item{"sessions", `[
		{"id":1,"title":"a","track":[{"id":1,"name":"a"},{"id":2,"name":"b"}]},
		{"id":2,"title":"b","track":{"id":3,"name":"c"},"track":{"id":4,"name":"d"}},
		{"id":3,"title":"c","track":{"id":5,"name":"e"},"track_id":5}]`}))
	require.Equal(t, 3, summary.Totals[contracts.Tracks])
}

func TestIssuesAboutAKeyOfMegabytesAreShort(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k", 2<<20)
	_, issues := checkArchive(t, open(t, item{"event", smallEvent}, item{"tracks", `[{"id":1,"name":"a","color":"red","` + key + `":1,"` + key + `":2}]`}))
	require.Equal(t, []string{openevent.CodeDuplicateKey, openevent.CodeUnknownKey}, codes(issues))
	require.Equal(t, "/0", issues[0].Pointer)
	for _, issue := range issues {
		b, err := json.Marshal(issue)
		require.NoError(t, err)
		require.Less(t, len(b), 4<<10)
	}
}
