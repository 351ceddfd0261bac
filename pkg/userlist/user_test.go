package userlist_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/userlist"
)

// good is a user with whom nothing is wrong.
func good() userlist.User {
	return userlist.User{Nick: "ada_1", Email: "ada@example.org", Password: "correct horse"}
}

// codes returns what is wrong with a user.
func codes(u userlist.User) []string {
	var all []string
	for _, fault := range (userlist.Rules{}).Faults(u) {
		all = append(all, fault.Code)
	}
	return all
}

func TestNicksOfEveryScriptAreTakenAndWhatIsNoneIsNot(t *testing.T) {
	t.Parallel()
	for nick, want := range map[string][]string{
		"a":                     nil,
		"Ünïcødé":               nil,
		"e\u0301lan":            nil, // an accent of its own
		"हिन्दी":                nil, // with vowels that are marks
		"x.y-z_1":               nil,
		strings.Repeat("ß", 24): nil,
		"":                      {userlist.CodeNickMissing},
		strings.Repeat("x", 25): {userlist.CodeNickTooLong},
		"two words":             {userlist.CodeNickCharacters},
		"bad!":                  {userlist.CodeNickCharacters},
		"a@b":                   {userlist.CodeNickCharacters}, // it could be taken for an address
		"=cmd|'/C calc'!A0":     {userlist.CodeNickCharacters},
		"\u202eevil":            {userlist.CodeNickCharacters},
		"a\x00b":                {userlist.CodeNickCharacters},
		"\u0301first":           {userlist.CodeNickCharacters},
		"zero\u200bwidth":       {userlist.CodeNickCharacters},
	} {
		u := good()
		u.Nick = nick
		require.Equal(t, want, codes(u), "%q", nick)
	}
}

func TestAddressesAreTakenByTheirSyntax(t *testing.T) {
	t.Parallel()
	for _, email := range []string{
		"a@example.org", "first.last+tag@sub.example.org", "user@bücher.example", "jürgen@example.org", "o'hara@example.org",
		strings.Repeat("l", 64) + "@example.org",
	} {
		u := good()
		u.Email = email
		require.Empty(t, codes(u), email)
	}
	for _, email := range []string{
		"not-an-email", "@example.org", "a@", "a@b", "a b@example.org", "a@@example.org", "a@example..org", "a@example.org.",
		"a@-x.org", "a@x-.org", "a@exa_mple.org", "a@[192.0.2.1]", "Ada <a@example.org>", "<a@example.org>", "a@example.org (Ada)",
		`"a b"@example.org`, "a@example.org, b@example.org", "a@exam ple.org", "a@example.org\nBcc: x@example.org", "a\x00@example.org",
		strings.Repeat("l", 65) + "@example.org", "a@" + strings.Repeat("d", 64) + ".org",
		"a@" + strings.Repeat("d.", 127) + "org",
	} {
		u := good()
		u.Email = email
		require.Equal(t, []string{userlist.CodeEmailInvalid}, codes(u), email)
	}
	u := good()
	u.Email = ""
	require.Equal(t, []string{userlist.CodeEmailMissing}, codes(u))
}

func TestPasswordsHaveEightCharactersAndMayHaveAnyOfThem(t *testing.T) {
	t.Parallel()
	for password, want := range map[string][]string{
		"12345678":                nil,
		"        ":                nil,
		"пароль77":                nil,
		"short77":                 {userlist.CodePasswordTooShort},
		"пароль7":                 {userlist.CodePasswordTooShort}, // characters, not bytes
		"":                        {userlist.CodePasswordMissing},
		strings.Repeat("p", 1024): nil,
		strings.Repeat("p", 1025): {userlist.CodeTooLong},
	} {
		u := good()
		u.Password = password
		require.Equal(t, want, codes(u), "%q", password)
	}
}

func TestAllFaultsOfAUserAreToldAtOnceAndNoneRepeatsAValue(t *testing.T) {
	t.Parallel()
	age := 151
	u := userlist.User{
		Nick: "se cret", Email: "se cret", Password: "secret", Age: &age,
		FirstName: strings.Repeat("secret", 11), City: "secret\x07", Mobile: strings.Repeat("0", 41), Pronoun: strings.Repeat("x", 16),
	}
	require.Equal(t, []string{
		userlist.CodeNickCharacters, userlist.CodeEmailInvalid, userlist.CodePasswordTooShort, userlist.CodeAgeInvalid,
		userlist.CodeTooLong, userlist.CodeControlCharacters, userlist.CodeTooLong, userlist.CodeTooLong,
	}, codes(u))
	for _, fault := range (userlist.Rules{}).Faults(u) {
		require.NotEmpty(t, fault.Message)
		require.NotEmpty(t, fault.Hint)
		require.NotContains(t, fault.Message+fault.Hint, "secret")
	}
	for _, n := range []int{0, 150} {
		u := good()
		u.Age = &n
		require.Empty(t, codes(u))
	}
}

func TestKeysAreTheSameOverCaseAndComposition(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"ADA", "ada", " Ada "},
		{"É", "é", "e\u0301", "E\u0301"},
		{"STRASSE", "straße", "Straße"},
		{"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"Ada@Example.ORG", "ada@example.org"},
	} {
		for _, s := range same {
			require.Equal(t, userlist.Key(same[0]), userlist.Key(s), s)
			require.Equal(t, userlist.Key(s), userlist.Key(userlist.Key(s)), s)
		}
	}
	require.NotEqual(t, userlist.Key("ada"), userlist.Key("adá"))
}
