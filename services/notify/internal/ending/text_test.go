package ending

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestSuccessNamesTheEventItsIDAndItsAddress(t *testing.T) {
	t.Parallel()
	carried := contracts.Carried{
		Event:  &contracts.EventFacts{ID: "24", Identifier: "1a2b3c4d", Name: "Lantern Days"},
		Issues: contracts.IssueCounts{Warning: 2},
	}
	finished := outcomeOf(&contracts.MediaImported{}, carried, "https://usher.example")
	require.Equal(t, contracts.Success, finished.State)
	require.Equal(t, &contracts.Result{
		ID: "24", Identifier: "1a2b3c4d", EventName: "Lantern Days", URL: "https://usher.example/v1/events/1a2b3c4d",
	}, finished.Result)

	text := textOf(finished, carried)
	require.Equal(t, "Event Lantern Days has been imported", text.title)
	require.Equal(t, "The event Lantern Days has been imported.", text.notification)
	require.Contains(t, text.mail, "Its id is 24")
	require.Contains(t, text.mail, "https://usher.example/v1/events/1a2b3c4d")
	require.Contains(t, text.mail, "2 warnings")
}

func TestFailureTellsEveryReasonThatTravelled(t *testing.T) {
	t.Parallel()
	failed := &contracts.StageFailed{
		Stage: contracts.Event, Code: "invalid_archive", Reason: "sessions line 2: no JSON (and 2 more)",
		FirstIssues: []contracts.Issue{
			{Severity: contracts.Error, File: "sessions", Line: 2, Message: "no JSON"},
			{Severity: contracts.Error, File: "event", Message: "Required field 'name' missing"},
			{Severity: contracts.Warning, File: "forms", Message: "odd"},
		},
	}
	carried := contracts.Carried{FileName: "lantern.zip", Issues: contracts.IssueCounts{Error: 3, Warning: 1}}
	finished := outcomeOf(failed, carried, "https://usher.example")
	require.Equal(t, contracts.Failure, finished.State)
	require.Equal(t, failed.Reason, finished.Failure)
	require.Equal(t, contracts.Event, finished.FailedStage)
	require.Nil(t, finished.Result)

	text := textOf(finished, carried)
	require.Equal(t, "Import of event failed", text.title)
	require.Contains(t, text.mail, "lantern.zip")
	require.Contains(t, text.mail, "- sessions line 2: no JSON\n")
	require.Contains(t, text.mail, "- event: Required field 'name' missing\n")
	require.Contains(t, text.mail, "… and 1 more.")
	require.NotContains(t, text.mail, "odd")
}

func TestNamesFromTheArchiveCannotBreakTheSubject(t *testing.T) {
	t.Parallel()
	carried := contracts.Carried{Event: &contracts.EventFacts{Name: "Lantern\r\nBcc: everybody@else.example"}}
	text := textOf(outcomeOf(&contracts.MediaImported{}, carried, ""), carried)
	require.NotContains(t, text.title, "\n")
	require.NotContains(t, text.title, "\r")
}

func TestMessageIDStaysTheSameForAnAttempt(t *testing.T) {
	t.Parallel()
	require.Equal(t, "import.abc.2@usher.example", messageID("abc", 2, "Usher <mail@usher.example>"))
}
