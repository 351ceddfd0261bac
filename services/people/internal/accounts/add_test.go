package accounts

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/userlist"
)

func TestDayThatTheDatabaseDoesNotKnowIsTheClientsFault(t *testing.T) {
	t.Parallel()
	sent := newAccount{Nick: "olga", Email: "olga@example.org", Password: "secret horse", PlannedArrival: "0000-05-02"}
	_, faults := sent.user(userlist.Rules{})
	require.Len(t, faults, 1)
	require.Equal(t, userlist.PlannedArrival, faults[0].Field)
	require.Equal(t, userlist.CodeDateInvalid, faults[0].Code)
}
