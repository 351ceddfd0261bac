//go:build samples

package userlist_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

// sample opens one of the made-up lists.
func sample(t *testing.T, name string, rules userlist.Rules) *userlist.List {
	t.Helper()
	f, err := os.Open(filepath.Join(os.Getenv("SAMPLES"), "users", name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	info, err := f.Stat()
	require.NoError(t, err)
	l, err := userlist.Open(f, info.Size(), userlist.Options{Name: name, Format: table.CSV, Rules: rules})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func TestSampleListsComeToExactlyTheirRows(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		format string
		// leftOut are the titles that no field is for, first the user of the first row.
		leftOut []string
		first   userlist.User
	}{
		"blog8_valid.csv": {
			format: "The list is read as UTF-8, cells separated by commas, lines ended by CRLF",
			first: userlist.User{
				Nick: "angel_01", FirstName: "First1", LastName: "Last1", Email: "angel01@example.org", Age: new(21), City: "Singapore",
				Password: "s3cretpass01", Mobile: "+6581234001",
			},
		},
		"fossasia20_header_valid.csv": {
			format:  "The list is read as UTF-8, cells separated by commas, lines ended by CRLF",
			leftOut: []string{"tel", "hometown", "facebook", "github", "twitter", "jabber"},
			first: userlist.User{
				Nick: "angel_01", FirstName: "First1", LastName: "Last1", Email: "angel01@example.org", Age: new(21), City: "Singapore",
				Password: "s3cretpass01", Mobile: "+6581234001", PlannedArrival: time.Date(2017, 3, 17, 0, 0, 0, 0, time.UTC),
				TimeZone: "Asia/Singapore", Organization: "FOSSASIA", Web: "https://fossasia.org", TShirtSize: "M",
			},
		},
		"modern_valid.csv":     {format: "The list is read as UTF-8, cells separated by commas, lines ended by CRLF", leftOut: modernLeftOut, first: modern("First1", "Last1")},
		"modern_bom_crlf.csv":  {format: "The list is read as UTF-8 with a byte order mark, cells separated by commas, lines ended by CRLF", leftOut: modernLeftOut, first: modern("First1", "Last1")},
		"modern_latin1.csv":    {format: "The list is read as Windows-1252, cells separated by commas, lines ended by CRLF", leftOut: modernLeftOut, first: modern("Jürgen1", "Müller1")},
		"modern_semicolon.csv": {format: "The list is read as UTF-8, cells separated by semicolons, lines ended by CRLF", leftOut: modernLeftOut, first: modern("First1", "Last1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := sample(t, name, userlist.Rules{})
			require.Equal(t, 12, l.Users())
			var told []contracts.Issue
			var users []userlist.User
			for row, err := range l.Rows(func(i contracts.Issue) { told = append(told, i) }) {
				require.NoError(t, err)
				require.Empty(t, row.Issues)
				require.Equal(t, len(users)+2, row.Line)
				users = append(users, row.User)
			}
			require.Len(t, users, 12)
			require.Equal(t, want.first, users[0])
			require.Equal(t, want.format, told[0].Message)
			var leftOut []string
			for _, i := range told[1:] {
				require.Equal(t, userlist.CodeUnknownColumn, i.Code)
				leftOut = append(leftOut, i.Value)
			}
			require.Equal(t, want.leftOut, leftOut)
		})
	}
}

var modernLeftOut = []string{"email_shiftinfo", "angel_types"}

// modern is the first user of the lists that are called modern.
func modern(first, last string) userlist.User {
	return userlist.User{
		Nick: "angel_01", Email: "angel01@example.org", Password: "s3cretpass01", FirstName: first, LastName: last, Pronoun: "they",
		Mobile: "+6581234001", DECT: "2000", TShirtSize: "S", PlannedArrival: time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC),
	}
}

// expected is the one issue of a row, by what the row expects of itself.
var expected = map[string]struct {
	code     string
	severity contracts.Severity
	field    userlist.Field
}{
	"ok":                                     {},
	"email.idn":                              {}, // an international domain is one like any other
	"username.required":                      {userlist.CodeNickMissing, contracts.Error, userlist.Nick},
	"username.length>24":                     {userlist.CodeNickTooLong, contracts.Error, userlist.Nick},
	"username.charset":                       {userlist.CodeNickCharacters, contracts.Error, userlist.Nick},
	"csv_injection":                          {userlist.CodeNickCharacters, contracts.Error, userlist.Nick},
	"username.duplicate_in_file":             {userlist.CodeNickRepeated, contracts.Error, userlist.Nick},
	"username.duplicate_casefold":            {userlist.CodeNickRepeated, contracts.Error, userlist.Nick},
	"email.duplicate_casefold":               {userlist.CodeEmailRepeated, contracts.Error, userlist.Email},
	"email.format":                           {userlist.CodeEmailInvalid, contracts.Error, userlist.Email},
	"email.required":                         {userlist.CodeEmailMissing, contracts.Error, userlist.Email},
	"password.min_length":                    {userlist.CodePasswordTooShort, contracts.Error, userlist.Password},
	"password.missing->invite":               {userlist.CodeInvited, contracts.Info, userlist.Password},
	"mobile.length>40":                       {userlist.CodeTooLong, contracts.Error, userlist.Mobile},
	"age.range":                              {userlist.CodeAgeInvalid, contracts.Error, userlist.Age},
	"age.int":                                {userlist.CodeAgeInvalid, contracts.Error, userlist.Age},
	"tshirt_size.enum":                       {userlist.CodeTShirtSizeUnknown, contracts.Error, userlist.TShirtSize},
	"planned_arrival_date.format(ambiguous)": {userlist.CodeDateAmbiguous, contracts.Error, userlist.PlannedArrival},
	"planned_arrival_date.before_buildup":    {userlist.CodeDateOutOfRange, contracts.Error, userlist.PlannedArrival},
	"ok(trimmed)":                            {userlist.CodeBlanksTrimmed, contracts.Info, userlist.Nick},
}

func TestSampleOfDefectsHasOneIssueOfEachRowAndNoOther(t *testing.T) {
	t.Parallel()
	l := sample(t, "modern_one_defect_per_row.csv", userlist.Rules{Invite: true, Buildup: time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)})
	require.Equal(t, 21, l.Users())
	fields := map[string]userlist.Field{}
	for _, c := range l.Columns() {
		fields["/"+c.Title] = c.Field
	}
	byLine := map[int][]contracts.Issue{}
	expects := map[int]string{}
	for row, err := range l.Rows(func(i contracts.Issue) { byLine[i.Line] = append(byLine[i.Line], i) }) {
		require.NoError(t, err)
		byLine[row.Line] = append(byLine[row.Line], row.Issues...)
		expects[row.Line] = row.Cells[len(row.Cells)-1]
	}
	require.Len(t, expects, 21)
	tested := map[string]bool{}
	for line, expect := range expects {
		want, known := expected[expect]
		require.True(t, known, expect)
		tested[expect] = true
		if want.code == "" {
			require.Empty(t, byLine[line], expect)
			continue
		}
		require.Len(t, byLine[line], 1, expect)
		got := byLine[line][0]
		require.Equal(t, want.code, got.Code, expect)
		require.Equal(t, want.severity, got.Severity, expect)
		require.Equal(t, want.field, fields[got.Pointer], expect)
	}
	require.Len(t, tested, len(expected), "the table has nothing that the list has not")

	require.Len(t, byLine[0], 1, "how the list is written")
	require.Equal(t, userlist.CodeListFormat, byLine[0][0].Code)
	require.Len(t, byLine[1], 1, "the column of what is expected")
	require.Equal(t, "__expect", byLine[1][0].Value)
}
