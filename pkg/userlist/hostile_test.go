package userlist_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/userlist"
)

// With a look at all columns before for each one this takes minutes.
func TestHeaderOfVeryManyColumnsIsReadInOneGo(t *testing.T) {
	t.Parallel()
	const unknown, known = 480_000, 100_000
	codes := map[string]int{}
	list := strings.Repeat(",", unknown) + strings.Repeat("nick,", known-1) + "nick\n"
	for _, err := range userlist.Read(strings.NewReader(list), "crew.csv", func(i contracts.Issue) { codes[i.Code]++ }) {
		require.NoError(t, err)
	}
	require.Equal(t, map[string]int{
		userlist.CodeUnknownColumn: unknown, userlist.CodeColumnTwice: known - 1, userlist.CodeColumnMissing: 2,
	}, codes)
}

func TestListsAreReadUpToSoManyUsersAndNoFurther(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	list.WriteString("nick,email,password\n")
	for i := range userlist.MaxUsers {
		_, _ = fmt.Fprintf(&list, "n%d,n%d@example.org,secret horse\n", i, i)
	}
	users, issues := read(t, list.String())
	require.Len(t, users, userlist.MaxUsers)
	require.Empty(t, issues)

	list.WriteString("over,over@example.org,secret horse\n,,short\n")
	users, issues = read(t, list.String())
	require.Len(t, users, userlist.MaxUsers)
	require.Equal(t, []string{fmt.Sprintf("%s %d:1 ", userlist.CodeTooManyUsers, userlist.MaxUsers+2)}, told(issues))
}

func TestDayThatNoCalendarHasIsNoDate(t *testing.T) {
	t.Parallel()
	_, issues := read(t, "nick,email,password,planned arrival\nada,ada@example.org,secret horse,0000-05-02\n")
	require.Equal(t, []string{userlist.CodeDateInvalid + " 2:34 /planned arrival"}, told(issues))
}

func TestWhatCannotBeSeenMakesNoOtherNickOrAddress(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{"\u034f", "\u115f", "\u17b4", "\u180b", "\u200b", "\u200d", "\u2028", "\u202e", "\u2066", "\u3164", "\ufe0f", "\ufeff", "\uffa0", "\U000e0061", "\U000e0100"} {
		u := good()
		u.Nick += sign
		require.Equal(t, []string{userlist.CodeNickCharacters}, codes(u), "%+q", sign)
		for _, address := range []string{"ada" + sign + "@example.org", "ada@example" + sign + ".org"} {
			u = good()
			u.Email = address
			require.Equal(t, []string{userlist.CodeEmailInvalid}, codes(u), "%+q", address)
		}
	}
}
