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
