package userlist_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/userlist"
)

// With a look at all columns before for each one this takes a while.
func TestTitlesOfVeryManyColumnsAreReadInOneGo(t *testing.T) {
	t.Parallel()
	const unknown, known = 6_000, 10_000
	codes := map[string]int{}
	list := strings.Repeat("x,", unknown) + strings.Repeat("nick,", known-1) + "nick\n"
	for _, err := range open(t, list, userlist.Options{}).Rows(func(i contracts.Issue) { codes[i.Code]++ }) {
		require.NoError(t, err)
	}
	require.Equal(t, map[string]int{
		userlist.CodeListFormat: 1, userlist.CodeUnknownColumn: unknown, userlist.CodeColumnTwice: known - 1, userlist.CodeColumnMissing: 2,
	}, codes)
}

func TestListsAreReadUpToSoManyUsersAndNoFurther(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat("short row\n", userlist.MaxUsers)
	codes := map[string]int{}
	last := contracts.Issue{}
	report := func(i contracts.Issue) { codes[i.Code]++; last = i }
	for n, list := range []string{rows, rows + "over\n,,short\n"} {
		l := open(t, "nick,email,password\n"+list, userlist.Options{})
		require.Equal(t, userlist.MaxUsers, l.Users())
		yielded := 0
		for _, err := range l.Rows(report) {
			require.NoError(t, err)
			yielded++
		}
		require.Equal(t, userlist.MaxUsers, yielded)
		require.Equal(t, n, codes[userlist.CodeTooManyUsers])
	}
	require.Equal(t, userlist.MaxUsers+2, last.Line)
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
