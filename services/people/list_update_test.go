package people

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

var updates = contracts.Options{OnConflict: contracts.ConflictUpdates}

func TestUpdateTakesAwayARoleOnlyWhereTheListNamesTheRoles(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, "nick,email,roles\nada,ada@example.org,admin\nbob,bob@example.org,admin\ncy,cy@example.org,\n")
	admins := func() (nicks []string) {
		require.NoError(t, l.DB.NewRaw("SELECT nick FROM people.users WHERE is_admin ORDER BY nick").Scan(t.Context(), &nicks))
		return nicks
	}
	require.Equal(t, []string{"ada", "bob"}, admins())

	_, outcome := l.with(t, contracts.UserList, updates, "nick,email,roles\nada,ada@example.org,\nbob,bob@example.org,organizer\ndi,di@example.org,\n")
	require.Equal(t, contracts.Accounts{Created: 1, Updated: 1, Invited: 1}, cameTo(t, outcome))
	require.Equal(t, []string{"ada"}, admins())
}

func TestMendedRowsChangeNoAccountButTheirs(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, townsfolk)
	options := contracts.Options{OnConflict: contracts.ConflictUpdates, Mode: contracts.Lenient}
	importID, outcome := l.with(t, contracts.UserList, options, "nick,email,city\nada,ada@example.org,Berlin\nbob,bob.example.org,Berlin\n")
	first := cameTo(t, outcome)
	require.Equal(t, contracts.Accounts{Updated: 1, Failed: 1}, first)
	l.with(t, contracts.UserList, updates, "nick,email,city\nada,ada@example.org,Hamburg\n")

	outcome = l.mend(t, importID, 2, first, options, "nick,email,city,usher_row\nbob,bob@example.org,Berlin,"+made.Keys.Key(importID, 1)+"\n")
	require.Equal(t, contracts.Accounts{Updated: 2}, cameTo(t, outcome))
	require.Equal(t, []person{{"ada", "ada@example.org", "Ada", "Hamburg"}, {"bob", "bob@example.org", "Bob", "Berlin"}}, l.people(t))
}

func TestNickGoesBackWithItsKeyOrNotAtAll(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, "nick,email\nann,ann@example.org\n")
	renaming, _ := l.with(t, contracts.UserList, updates, "nick,email\nanna,ann@example.org\n")
	l.with(t, contracts.UserList, updates, "nick,email\nANNA,ann@example.org\n")
	require.NoError(t, l.runner.Clear(t.Context(), renaming, contracts.Discarded))
	var nick, key string
	require.NoError(t, l.DB.NewRaw("SELECT nick, nick_key FROM people.users").Scan(t.Context(), &nick, &key))
	require.Equal(t, "ANNA anna", nick+" "+key)
}

func TestWhoWaitsForAnInvitationIsInvitedAnewWhereTheAddressChanges(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, "nick,email\nann,anne@example.org\nbob,bob@example.org\n")
	l.imported(t, "nick,email,password\ncy,cy@example.org,secret horse\n")
	numbers := func() (all []string) {
		require.NoError(t, l.DB.NewRaw("SELECT nick || ' ' || coalesce(invitation, 0) FROM people.users ORDER BY nick").Scan(t.Context(), &all))
		return all
	}
	require.Equal(t, []string{"ann 1", "bob 1", "cy 0"}, numbers())
	mending, _ := l.with(t, contracts.UserList, updates, "nick,email,city\nann,ann@example.org,\nbob,BOB@example.org,Oslo\ncy,cy2@example.org,\n")
	require.Equal(t, []string{"ann 2", "bob 1", "cy 0"}, numbers(), "another spelling is the same address, and a password is a way in")
	require.NoError(t, l.runner.Clear(t.Context(), mending, contracts.Discarded))
	require.Equal(t, []string{"ann 3", "bob 1", "cy 0"}, numbers())
}

func TestRowOfTwoAccountsDoesNotStandInTheWayOfAnother(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, townsfolk)
	_, outcome := l.with(t, contracts.UserList, contracts.Options{OnConflict: contracts.ConflictUpdates, Mode: contracts.Lenient},
		"nick,email,city\nada,bob@example.org,Rome\nadele,ada@example.org,Lima\n")
	require.Equal(t, contracts.Accounts{Updated: 1, Failed: 1}, cameTo(t, outcome))
	require.Equal(t, "Lima", l.people(t)[0].City)
}
