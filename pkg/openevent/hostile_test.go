package openevent_test

import (
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
