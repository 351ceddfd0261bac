package userlist_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/userlist"
)

// taken is what becomes of a text for a field: the user, and what is wrong with it.
func taken(rules userlist.Rules, field userlist.Field, text string) (userlist.User, []string) {
	u := good()
	var codes []string
	if fault := u.Take(field, text); fault != nil {
		return u, []string{fault.Code}
	}
	for _, fault := range rules.Faults(u) {
		codes = append(codes, fault.Code)
	}
	return u, codes
}

func TestSizesOfTShirtsAreThoseThatThereAre(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "S": "S", "m-f": "M-F", " xl ": "XL", "2XL": "2XL", "XXL": "2XL", "xxxl": "3XL", "4xl": "4XL",
	} {
		u, codes := taken(userlist.Rules{}, userlist.TShirtSize, text)
		require.Empty(t, codes, text)
		require.Equal(t, want, u.TShirtSize, text)
	}
	for _, text := range []string{"XXXS", "XS", "2XL-F", "42", "M F"} {
		_, codes := taken(userlist.Rules{}, userlist.TShirtSize, text)
		require.Equal(t, []string{userlist.CodeTShirtSizeUnknown}, codes, text)
	}
}

func TestDaysOfArrivalAreWithinBuildupAndTeardownAndNotGuessed(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2031, 5, n, 0, 0, 0, 0, time.UTC) }
	rules := userlist.Rules{Buildup: day(2), Teardown: day(9)}
	for text, want := range map[string][]string{
		"": nil, "2031-05-02": nil, " 2031-05-09 ": nil,
		"2031-05-01": {userlist.CodeDateOutOfRange}, "2031-05-10": {userlist.CodeDateOutOfRange}, "1999-01-01": {userlist.CodeDateOutOfRange},
		"02.05.2031": {userlist.CodeDateAmbiguous}, "27.12.2031": {userlist.CodeDateAmbiguous}, "5/2/31": {userlist.CodeDateAmbiguous}, "2. 5. 2031": {userlist.CodeDateAmbiguous},
		"2031-02-30": {userlist.CodeDateInvalid}, "2 May": {userlist.CodeDateInvalid}, "2031-5-2": {userlist.CodeDateInvalid}, "48000": {userlist.CodeDateInvalid},
	} {
		_, codes := taken(rules, userlist.PlannedArrival, text)
		require.Equal(t, want, codes, "%q", text)
	}
	_, codes := taken(userlist.Rules{}, userlist.PlannedArrival, "1999-01-01")
	require.Empty(t, codes, "without bounds any day will do")
}

func TestTimeZonesAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "UTC", "Europe/Berlin", "Asia/Singapore", "America/Argentina/Buenos_Aires", "Etc/GMT-7"} {
		for range 2 { // the second time it is known
			_, codes := taken(userlist.Rules{}, userlist.TimeZone, name)
			require.Empty(t, codes, name)
		}
	}
	for _, name := range []string{
		"Local", "localtime", "posixrules", "posix/Europe/Berlin", "right/UTC", "Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "Berlin", "+02:00", strings.Repeat("Europe/", 1000), "UTC\x00",
	} {
		_, codes := taken(userlist.Rules{}, userlist.TimeZone, name)
		require.Equal(t, []string{userlist.CodeTimeZoneUnknown}, codes, name)
	}
}

func TestAddressesOfTheWebAreOfHTTP(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "http://example.org", "https://example.org/a?b=c#d", "https://bücher.example/ä", "https://[2001:db8::1]:8080/"} {
		_, codes := taken(userlist.Rules{}, userlist.Web, address)
		require.Empty(t, codes, address)
	}
	for _, address := range []string{"example.org", "ftp://example.org", "javascript:alert(1)", "https://", "https:///x", "https://user:secret@example.org", "https://exa mple.org", "http://%zz"} {
		_, codes := taken(userlist.Rules{}, userlist.Web, address)
		require.Equal(t, []string{userlist.CodeWebInvalid}, codes, address)
	}
	_, codes := taken(userlist.Rules{}, userlist.Web, "https://example.org/"+strings.Repeat("x", 255))
	require.Equal(t, []string{userlist.CodeTooLong}, codes)
}

func TestRolesAreNamedOneByOne(t *testing.T) {
	t.Parallel()
	for text, admin := range map[string]bool{
		"": false, "organizer": false, "admin": true, "Organizer | Admin": true, "admin,organizer": true, "organizer;": false, " ADMIN ": true,
	} {
		u, codes := taken(userlist.Rules{}, userlist.Roles, text)
		require.Empty(t, codes, text)
		require.Equal(t, admin, u.Admin, text)
	}
	for _, text := range []string{"administrator", "admin organizer", "root"} {
		u, codes := taken(userlist.Rules{}, userlist.Roles, text)
		require.Equal(t, []string{userlist.CodeRoleUnknown}, codes, text)
		require.False(t, u.Admin, text)
	}
}

func TestTelephoneNumbersAreDoubtedAndKept(t *testing.T) {
	t.Parallel()
	for number, doubtful := range map[string]bool{
		"": false, "+6581234001": false, "+49 170 1234567": false, "+49 (0)170 / 123-45-67": false, "0049 170 1234567": false,
		"0170 1234567": false, "4711": false, "+41 79 000 00 01": false, "+1 800 FLOWERS": false, "+390612345678": false,
		"+999 123456789": true, "+47 900": true, "+49": true, "00": true, "none": true, "ask me": true, "+491701234567012345678": true,
	} {
		u, codes := taken(userlist.Rules{}, userlist.Mobile, number)
		require.Empty(t, codes, number)
		require.Equal(t, number, u.Mobile, "it is kept as given")
		require.Equal(t, doubtful, len(userlist.Rules{}.Doubts(u)) == 1, number)
	}
	_, codes := taken(userlist.Rules{}, userlist.Mobile, strings.Repeat("0", 41))
	require.Equal(t, []string{userlist.CodeTooLong}, codes)
}

func TestValueThatIsNotTheUTF8ThatItsListSaysIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	list := "\ufeffnick,email,first_name,web\n" +
		"ada,ada@example.org,J\xfcrgen,\n" +
		"j\xfcrgen,bob@example.org,,\n" +
		"cy,c\xfc@example.org,,\n" +
		"di,di@example.org,Di\x00,\n" +
		"eve,eve@example.org,,https://example.org/\xfc\n" +
		"flo,flo@example.org,Jürgen,\n"
	users, issues := readAs(t, list, userlist.Options{Rules: userlist.Rules{Invite: true}})
	require.Len(t, users, 1)
	require.Equal(t, []string{
		"invited 2:1 /password",
		"not_utf8 2:21 /first_name",
		"nick_characters 3:1 /nick",
		"email_invalid 4:4 /email",
		"control_characters 5:19 /first_name",
		"not_utf8 6:22 /web",
	}, told(issues))
}

func TestInstallationsMayWantMoreOfUsers(t *testing.T) {
	t.Parallel()
	rules := userlist.Rules{MinPassword: 12, Required: []userlist.Field{userlist.TShirtSize, userlist.Age, userlist.Roles}}
	u := good()
	u.Password = "eleven char"
	var codes []string
	for _, fault := range rules.Faults(u) {
		codes = append(codes, string(fault.Field)+" "+fault.Code)
	}
	require.Equal(t, []string{"password password_too_short", "tshirt_size user_field_missing", "age user_field_missing"}, codes)

	u = good()
	u.Password = "seven77"
	require.Len(t, userlist.Rules{MinPassword: 4}.Faults(u), 1, "eight characters are the least that can be set")

	_, issues := readAs(t, "nick,mail,password\nada,ada@example.org,secret horse\n", userlist.Options{Rules: rules})
	require.Equal(t, []string{"column_missing 1:0 /age", "column_missing 1:0 /tshirt_size", "column_missing 1:0 /roles"}, told(issues))
	_, issues = readAs(t, "nick,mail,password,age\nada,ada@example.org,secret horse,old\n",
		userlist.Options{Rules: userlist.Rules{Required: []userlist.Field{userlist.Age}}})
	require.Equal(t, []string{"age_invalid 2:34 /age"}, told(issues), "what cannot be read is not missing, too")
}

func TestWhoHasNoPasswordIsInvitedAndThatIsToldOnce(t *testing.T) {
	t.Parallel()
	invite := userlist.Options{Rules: userlist.Rules{Invite: true}}
	users, issues := readAs(t, "nick,mail,password\nada,ada@example.org,secret horse\nbob,bob@example.org,\ncy,cy@example.org,\n", invite)
	require.Len(t, users, 3)
	require.Equal(t, []string{"invited 3:21 /password"}, told(issues))
	require.Equal(t, contracts.Info, issues[0].Severity)
	require.Contains(t, issues[0].Message, "2 rows without a password")

	users, issues = readAs(t, "nick,mail\nada,ada@example.org\nbob,bob@example.org\n", invite)
	require.Len(t, users, 2)
	require.Equal(t, []string{"invited 2:1 /password"}, told(issues))
	require.Contains(t, issues[0].Message, "2 rows")

	invite.Rules.Required = []userlist.Field{userlist.Password}
	_, issues = readAs(t, "nick,mail,password\nada,ada@example.org,\n", invite)
	require.Equal(t, []string{"password_missing 2:21 /password"}, told(issues), "where passwords are required nobody is invited")
	require.Equal(t, contracts.Error, issues[0].Severity)
}

func TestHashesOfOtherProgramsAreTakenInThePlaceOfPasswords(t *testing.T) {
	t.Parallel()
	const bcrypt = "$2y$10$JvBea5Qn4z5xZaqIRXeV2OUd5YSG2l6INBw2akCQR4Y9kFPQ/jas6"
	const argon2 = "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	users, issues := read(t, "nick,mail,password\nada,ada@example.org,"+bcrypt+"\nbob,bob@example.org,\""+argon2+"\"\n")
	require.Empty(t, issues)
	require.Equal(t, []userlist.User{
		{Nick: "ada", Email: "ada@example.org", PasswordHash: bcrypt}, {Nick: "bob", Email: "bob@example.org", PasswordHash: argon2},
	}, users)

	const costly, other = "$2y$31$JvBea5Qn4z5xZaqIRXeV2OUd5YSG2l6INBw2akCQR4Y9kFPQ/jas6", "$6$c29tZXNhbHQ$2M5LwqZQ4yF8nE5bRk3u0aPzq1mVtYxW7sDhJcKgLfNoBiUe"
	users, issues = read(t, "nick,mail,password\nada,ada@example.org,"+costly+"\nbob,bob@example.org,"+other+"\n")
	require.Empty(t, users, "a hash is nobody's password")
	require.Equal(t, []string{"password_hash_unknown 2:21 /password", "password_hash_unknown 3:21 /password"}, told(issues))
	for _, i := range issues {
		require.NotContains(t, i.Value+i.Message+i.Hint, "jas6")
	}
}

func TestWhatIsOnlyWorthKnowingIsToldOncePerList(t *testing.T) {
	t.Parallel()
	list := "nick,mail,password,roles\n"
	for _, nick := range []string{"ada", "bob", "cy"} {
		list += " " + nick + " ," + nick + "@example.org, secret horse ,admin\n"
	}
	users, issues := read(t, list)
	require.Len(t, users, 3)
	require.True(t, users[0].Admin)
	require.Equal(t, " secret horse ", users[0].Password, "blanks may be part of a password")
	require.Equal(t, []string{"blanks_trimmed 2:1 /nick", "admins 2:38 /roles"}, told(issues))
	require.Contains(t, issues[0].Message, "3 cells")
	require.Contains(t, issues[1].Message, "3 users")
}

func TestRowsThatAreBadAreYieldedWithTheirCells(t *testing.T) {
	t.Parallel()
	l := open(t, "nick,mail,password,notes\nbad nick,ada@example.org,secret horse, kept \nbob,bob@example.org\n", userlist.Options{})
	var rows []userlist.Row
	for row, err := range l.Rows(func(contracts.Issue) {}) {
		require.NoError(t, err)
		require.True(t, row.Bad())
		rows = append(rows, row)
	}
	require.Equal(t, []string{"bad nick", "ada@example.org", "secret horse", " kept "}, rows[0].Cells)
	require.Equal(t, "ada@example.org", rows[0].User.Email)
	require.Equal(t, []string{"bob", "bob@example.org"}, rows[1].Cells)
	require.Equal(t, []int{2, 3}, []int{rows[0].Line, rows[1].Line})
}

func TestRowsCanBeReadAgainAndStopped(t *testing.T) {
	t.Parallel()
	l := open(t, "nick,mail,password\nada,ada@example.org,secret horse\nADA,bob@example.org,secret horse\n", userlist.Options{})
	for range 2 {
		bad := 0
		for row, err := range l.Rows(func(contracts.Issue) {}) {
			require.NoError(t, err)
			if row.Bad() {
				bad++
			}
		}
		require.Equal(t, 1, bad)
		for _, err := range l.Rows(func(contracts.Issue) {}) {
			require.NoError(t, err)
			break
		}
	}
}

func TestRowsWithoutAPasswordAreToldAsWhatBecomesOfThem(t *testing.T) {
	t.Parallel()
	const list = "nick,mail,password,usher_row\nada,ada@example.org,,known\nbob,bob@example.org,,other\n"
	options := userlist.Options{Rules: userlist.Rules{Invite: true}, Hashed: func(key string) bool { return key == "known" }}
	users, issues := readAs(t, list, options)
	require.Len(t, users, 2)
	require.Equal(t, []string{"invited 3:21 /password"}, told(issues))
	require.Contains(t, issues[0].Message, "1 row without a password")

	options.NoInvite = true
	_, issues = readAs(t, list, options)
	require.Equal(t, []string{"not_invited 3:21 /password"}, told(issues))
	require.Equal(t, contracts.Info, issues[0].Severity)

	options.Rules.Required = []userlist.Field{userlist.Password}
	users, issues = readAs(t, list, options)
	require.Len(t, users, 1)
	require.Equal(t, []string{"password_missing 3:21 /password"}, told(issues))
}

func TestMendedRowsMayLeaveOutTheColumnOfPasswordsThatAreKnown(t *testing.T) {
	t.Parallel()
	options := userlist.Options{
		Rules:  userlist.Rules{Invite: true, Required: []userlist.Field{userlist.Password}},
		Hashed: func(key string) bool { return key == "known" },
	}
	users, issues := readAs(t, "nick,mail,usher_row\nada,ada@example.org,known\n", options)
	require.Len(t, users, 1)
	require.Empty(t, issues)

	users, issues = readAs(t, "nick,mail,usher_row\nada,ada@example.org,known\nbob,bob@example.org,other\n", options)
	require.Len(t, users, 1)
	require.Equal(t, []string{"password_missing 3:1 /password"}, told(issues))
}
