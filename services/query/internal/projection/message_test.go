package projection

import (
	"testing"

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
	i.State, i.Result = contracts.Success, &contracts.Result{Created: 12}
	require.Equal(t, "12 users imported", i.Message())
	i.Result.Created = 1
	require.Equal(t, "1 user imported", i.Message())
}
