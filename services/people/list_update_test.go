package people

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/userlist"
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

// discard takes an import back.
func (l lists) discard(t *testing.T, importID string) {
	t.Helper()
	require.NoError(t, l.runner.Clear(t.Context(), importID, contracts.Discarded))
}

// cities runs lists that move ada, who lives in Oslo, from one to the next.
func (l lists) cities(t *testing.T, all ...string) (imports []string) {
	t.Helper()
	l.with(t, contracts.UserList, contracts.Options{}, townsfolk)
	for _, city := range all {
		importID, _ := l.with(t, contracts.UserList, updates, "nick,email,city\nada,ada@example.org,"+city+"\n")
		imports = append(imports, importID)
	}
	return imports
}

func TestUpdatesOfOneAccountAreDiscardedInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, order := range []struct {
		discards []int
		cities   []string
	}{
		{[]int{0, 1, 2}, []string{"Lima", "Lima", "Oslo"}},
		{[]int{0, 2, 1}, []string{"Lima", "Rome", "Oslo"}},
		{[]int{1, 0, 2}, []string{"Lima", "Lima", "Oslo"}},
		{[]int{1, 2, 0}, []string{"Lima", "Bern", "Oslo"}},
		{[]int{2, 0, 1}, []string{"Rome", "Rome", "Oslo"}},
		{[]int{2, 1, 0}, []string{"Rome", "Bern", "Oslo"}},
	} {
		l := newLists(t)
		imports := l.cities(t, "Bern", "Rome", "Lima")
		for i, n := range order.discards {
			l.discard(t, imports[n])
			require.Equal(t, order.cities[i], l.people(t)[0].City, "%v, after %d", order.discards, i+1)
		}
	}
}

func TestValueThatALaterListHasGivenAgainStaysUntilThatIsDiscarded(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	imports := l.cities(t, "Bern", "Rome", "Bern", "Lima")
	for i, city := range []string{"Lima", "Lima", "Lima", "Oslo"} {
		l.discard(t, imports[i])
		require.Equal(t, city, l.people(t)[0].City)
	}
	l = newLists(t)
	imports = l.cities(t, "Bern", "Rome", "Bern")
	l.discard(t, imports[0])
	require.Equal(t, "Bern", l.people(t)[0].City, "the third list says so, too")
	l.discard(t, imports[2])
	require.Equal(t, "Rome", l.people(t)[0].City)
	l.discard(t, imports[1])
	require.Equal(t, "Oslo", l.people(t)[0].City)
}

func TestNickIsHandedOnWithItsKey(t *testing.T) {
	t.Parallel()
	for name, nicks := range map[string][]string{
		"another and its spelling": {"anna", "ANNA"},
		"a spelling and another":   {"ANN", "anna"},
		"two others":               {"anna", "anne"},
	} {
		l := newLists(t)
		l.with(t, contracts.UserList, contracts.Options{}, "nick,email\nann,ann@example.org\n")
		first, _ := l.with(t, contracts.UserList, updates, "nick,email\n"+nicks[0]+",ann@example.org\n")
		second, _ := l.with(t, contracts.UserList, updates, "nick,email\n"+nicks[1]+",ann@example.org\n")
		var nick, key string
		look := func() {
			require.NoError(t, l.DB.NewRaw("SELECT nick, nick_key FROM people.users").Scan(t.Context(), &nick, &key))
		}
		l.discard(t, first)
		look()
		require.Equal(t, nicks[1]+" "+userlist.Key(nicks[1]), nick+" "+key, name)
		l.discard(t, second)
		look()
		require.Equal(t, "ann ann", nick+" "+key, name)
	}
}

func TestNickGoesBackThoughTheSameImportHasGivenItToAnAccountSince(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, "nick,email\nann,ann@example.org\n")
	options := contracts.Options{OnConflict: contracts.ConflictUpdates, Mode: contracts.Lenient}
	importID, outcome := l.with(t, contracts.UserList, options, "nick,email\nzoe,ann@example.org\nann,nowhere\n")
	first := cameTo(t, outcome)
	require.Equal(t, contracts.Accounts{Updated: 1, Failed: 1}, first)
	outcome = l.mend(t, importID, 2, first, options, "nick,email,usher_row\nann,other@example.org,"+made.Keys.Key(importID, 1)+"\n")
	require.Equal(t, contracts.Accounts{Created: 1, Updated: 1, Invited: 1}, cameTo(t, outcome))
	l.discard(t, importID)
	require.Equal(t, []person{{Nick: "ann", Email: "ann@example.org"}}, l.people(t))
}
