package command

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

func clientTask(t contracts.Task) client.Task { return client.Task{Task: t} }

// begun is when every import of a usher begins, as this machine's clock shows it.
func begun() string {
	return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Local().Format("2006-01-02 15:04:05 MST")
}

func TestStatusShowsAnImportAtWork(t *testing.T) {
	t.Parallel()
	task := state(contracts.Started, contracts.Schedule, "Importing sessions (212/493)", progressOf{
		contracts.Sessions: {Done: 212, Total: 493}, contracts.Events: {Done: 1, Total: 1},
		contracts.Tracks: {Done: 3}, contracts.Sponsors: {}, "tickets": {Done: 1, Total: 2},
	})
	task.Attempt = 2
	u := newUsher(t, task)
	terminal := newRecorder(false)

	require.NoError(t, (&Status{Config: u.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))

	require.Equal(t, `Import    `+importID+`
State     STARTED
Message   Importing sessions (212/493)
Stage     schedule, attempt 2
Started   `+begun()+`
Progress
  events                 1 of       1  100 %
  tracks                 3
  sessions             212 of     493   43 %
  tickets                1 of       2   50 %
Issues    none
`, terminal.out.String())
}

func TestStatusShowsWhatWaitsForAStage(t *testing.T) {
	t.Parallel()
	task := contracts.Task{ID: importID, State: contracts.Pending, Message: "Waiting for event", WaitingFor: contracts.Event}
	u := newUsher(t, task)
	terminal := newRecorder(false)
	require.NoError(t, (&Status{Config: u.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, `Import    `+importID+`
State     PENDING
Message   Waiting for event
Stage     waiting for event
Issues    none
`, terminal.out.String())
}

func TestStatusShowsThatNobodyRunsTheStageOrThatItIsPaused(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	task := contracts.Task{ID: importID, State: contracts.Started, Message: "Waiting for media", WaitingFor: contracts.Media, WaitingSince: &at, StageDownSince: &at}
	paused := task
	paused.StageDownSince, paused.StagePausedUntil = nil, &at
	u := newUsher(t, task, paused)
	show := func() string {
		terminal := newRecorder(false)
		require.NoError(t, (&Status{Config: u.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))
		return terminal.out.String()
	}
	require.Contains(t, show(), "Stage     waiting for media since "+begun()+"\nDown      no process has run the stage since "+begun()+"\n")
	require.Contains(t, show(), "Paused    until "+begun()+"\n")
}

func TestStatusShowsHowAnImportEnded(t *testing.T) {
	t.Parallel()
	u := newUsher(t, success(nil, contracts.IssueCounts{}), failure())
	show := func() string {
		terminal := newRecorder(false)
		require.NoError(t, (&Status{Config: u.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))
		return u.told(terminal.out.String())
	}
	good := show()
	require.Contains(t, good, "State     SUCCESS\n")
	require.Contains(t, good, ", after 12.3s\nEvent     Spring Fair (id 24)\nURL       URL/v1/events/a1b2c3d4\nIssues    none\n")
	bad := show()
	require.Contains(t, bad, "Reason    sessions line 12 (id 5): Required field 'title' is missing (and 2 more)\nIssues    3 errors, 1 warning\n")
	require.NotContains(t, bad, "Message", "it says the same")
	require.Contains(t, bad, "  error    sessions line 40: There is no track 9\n")
}

func TestStatusAsJSONIsTheDocumentAsItCame(t *testing.T) {
	t.Parallel()
	u := newUsher(t, failure())
	terminal := newRecorder(true)
	require.NoError(t, (&Status{Config: u.config(), ID: importID, JSON: true}).Run(t.Context(), &terminal.Terminal))
	want, err := json.Marshal(failure())
	require.NoError(t, err)
	require.Equal(t, string(want)+"\n", terminal.out.String())
}

func TestStatusOfAnImportThatIsNotThere(t *testing.T) {
	t.Parallel()
	u := newUsher(t, failure())
	terminal := newRecorder(false)
	err := (&Status{Config: u.config(), ID: "7"}).Run(t.Context(), &terminal.Terminal)
	require.EqualError(t, err, "Not Found: There is no such import. (unknown_import)")
	require.Empty(t, terminal.out.String())
}

func TestBytesAreSaidAsPeopleDo(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 12_345_678: "12.3 MB", 1 << 30: "1.1 GB", 1 << 60: "1152921.5 TB",
	} {
		require.Equal(t, want, byteText(n))
	}
}
