package projection

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestMessagesOfAListSpeakOfUsers(t *testing.T) {
	t.Parallel()
	i := Import{Kind: contracts.UserList, State: contracts.Started, Stage: contracts.People}
	require.Equal(t, "Checking the list", i.Message())
	i.Making = contracts.Users
	i.Progress = map[contracts.EntityType]Count{contracts.Users: {Done: 3, Total: 12}}
	require.Equal(t, "Importing users (3/12)", i.Message())
	i.State, i.Result = contracts.Success, &contracts.Result{Accounts: &contracts.Accounts{Created: 12}}
	require.Equal(t, "12 users imported", i.Message())
	i.Result.Created = 1
	require.Equal(t, "1 user imported", i.Message())
	i.Result.Accounts = &contracts.Accounts{Skipped: 2, Failed: 1}
	require.Equal(t, "2 users skipped, 1 left out", i.Message())
	i.Result.Accounts = &contracts.Accounts{}
	require.Equal(t, "0 users imported", i.Message())
}

func TestMessageOfTheCheckOfAListSaysWhatWouldBeAndNotThatItIs(t *testing.T) {
	t.Parallel()
	for want, came := range map[string]contracts.Accounts{
		"Checked: 12 accounts would be made, 2 changed, 3 skipped, 1 left out, 9 invited": {Created: 12, Updated: 2, Skipped: 3, Failed: 1, Invited: 9},
		"Checked: 1 account would be made":                                                {Created: 1},
		"Checked: 2 accounts would be changed":                                            {Updated: 2},
		"Checked: 1 account would be left out":                                            {Failed: 1},
		"Checked: nothing would change":                                                   {},
	} {
		i := Import{Kind: contracts.ListCheck, State: contracts.Success, Result: &contracts.Result{DryRun: true, Accounts: &came}}
		require.Equal(t, want, i.Message())
	}
}

func TestMessageOfAStageThatIsHeldUpSaysSoAfterAllElse(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 2, 12, 3, 0, 0, time.FixedZone("", 7200))
	i := Import{Kind: contracts.EventArchive, State: contracts.Started, Stage: contracts.Schedule, WaitingFor: contracts.Media, StageDownSince: &at}
	require.Equal(t, "Waiting for media; no media service is running", i.Message(), "since when is not known of old ones")
	i.WaitingSince = &at
	require.Equal(t, "Waiting for media since 2 May 10:03 UTC; no media service is running", i.Message())
	i.StagePausedUntil = &at
	require.Equal(t, "Waiting for media since 2 May 10:03 UTC; media is paused until 2 May 10:03 UTC", i.Message())
	i.WaitingFor, i.WaitingSince, i.StagePausedUntil = "", nil, nil
	require.Equal(t, "Importing schedule; no schedule service is running", i.Message())
	i.Note = "Try 1 of 8 did not succeed; it will be tried again."
	require.Equal(t, "Try 1 of 8 did not succeed; it will be tried again; no schedule service is running", i.Message())
}
