package command

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// checked is the last document of a check that has succeeded.
func checked() contracts.Task {
	t := state(contracts.Success, contracts.Notify, "Checked Spring Fair", nil)
	t.Kind = contracts.EventCheck
	t.FinishedAt = new(t.StartedAt.Add(2 * time.Second))
	t.Issues = contracts.IssueCounts{Warning: 1, Info: 1}
	t.Result = contracts.Result{
		DryRun: true, EventName: "Spring Fair", URL: "/imports/" + importID, Mails: []string{"olga@organizers.example"},
		Counts: map[contracts.EntityType]int{contracts.Events: 1, contracts.Sessions: 79, contracts.Tracks: 0},
	}
	return t
}

func TestCheckWaitsAndSaysWhatAnImportWouldComeTo(t *testing.T) {
	t.Parallel()
	u := newUsher(t, state(contracts.Started, contracts.Event, "Checking the archive", nil), checked())
	u.issues = twoIssues
	c, terminal := u.importer(t, false), newRecorder(false)
	c.Check, c.Mode = true, "lenient"

	require.NoError(t, c.Run(t.Context(), &terminal.Terminal))

	require.Equal(t, "dry_run=true&mode=lenient", u.asked)
	require.Equal(t, `Import    `+importID+`
Task      URL/v1/tasks/`+importID+`
       Checking the archive
SUCCESS after 2s: Spring Fair is checked, nothing is imported
An import would make
  events                 1
  sessions              79
and write to olga@organizers.example
Issues    1 warning, 1 info
  warning  speakers line 3: There is no file /images/a.png
  info     event: The field 'colour' is not known
URL/imports/`+importID+`
`, u.told(terminal.out.String()))
	require.Equal(t, "`usher start "+importID+"` imports it.\n", terminal.err.String())
}

func TestCheckThatFailsIsNoSuccess(t *testing.T) {
	t.Parallel()
	failed := failure()
	failed.Kind = contracts.EventCheck
	u := newUsher(t, failed)
	c, terminal := u.importer(t, false), newRecorder(false)
	c.Check = true
	require.EqualError(t, c.Run(t.Context(), &terminal.Terminal), "the check failed: sessions line 12 (id 5): Required field 'title' is missing (and 2 more)")
	require.Empty(t, terminal.err.String())
}

func TestStatusOfACheckNamesNoEventThatIsNotThere(t *testing.T) {
	t.Parallel()
	u := newUsher(t, checked())
	terminal := newRecorder(false)
	require.NoError(t, (&Status{Config: u.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))
	require.Contains(t, terminal.out.String(), "Event     Spring Fair\n")
	require.Contains(t, terminal.out.String(), "An import would make\n  events                 1\n")
}

func TestCheckOfAListSaysWhatWouldBecomeOfAccounts(t *testing.T) {
	t.Parallel()
	list := checked()
	list.Kind = contracts.ListCheck
	list.Result = contracts.Result{DryRun: true, Accounts: &contracts.Accounts{Created: 12, Invited: 2}, URL: "/imports/" + importID}
	u := newUsher(t, list)
	terminal := newRecorder(false)
	require.NoError(t, (&Status{Config: u.config(), ID: importID}).Run(t.Context(), &terminal.Terminal))
	require.Contains(t, terminal.out.String(), "If it is imported, 12 accounts would be made, 2 invited\n")
}

// starter returns the command that starts u's import.
func (u *usher) starter(watch bool) *Start {
	inner := u.Config.Handler
	u.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
			_, _ = fmt.Fprintf(w, `{"id":%q,"task_url":"/v1/tasks/%s","kind":"event-archive"}`, importID, importID)
			return
		}
		inner.ServeHTTP(w, r)
	})
	return &Start{
		Config: u.config(), ID: "of-the-check", Watch: watch,
		pace: client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute},
	}
}

func TestStartSaysWhichImportBeginsAndWatchesItWhereItIsTold(t *testing.T) {
	t.Parallel()
	u := newUsher(t)
	terminal := newRecorder(false)
	require.NoError(t, u.starter(false).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "Import    "+importID+"\nTask      URL/v1/tasks/"+importID+"\n", u.told(terminal.out.String()))

	u = newUsher(t, run()...)
	terminal = newRecorder(false)
	require.NoError(t, u.starter(true).Run(t.Context(), &terminal.Terminal))
	require.Contains(t, terminal.out.String(), "SUCCESS after 12.3s: Spring Fair (id 24)\n")

	u = newUsher(t, failure())
	require.ErrorContains(t, u.starter(true).Run(t.Context(), &newRecorder(false).Terminal), "the import failed: ")
}
