package userlist_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

const header = "Nick Name,First Name,Last Name,Email,Age,Current City,Password,Mobile Number\n"

// open opens a list in CSV.
func open(t testing.TB, list string, o userlist.Options) *userlist.List {
	t.Helper()
	o.Name, o.Format = "crew.csv", table.CSV
	l, err := userlist.Open(strings.NewReader(list), int64(len(list)), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// readAs returns the users of a list that nothing is wrong with, and what is said of
// it, but for how it is written.
func readAs(t testing.TB, list string, o userlist.Options) ([]userlist.User, []contracts.Issue) {
	t.Helper()
	var users []userlist.User
	var issues []contracts.Issue
	report := func(i contracts.Issue) {
		if i.Code != userlist.CodeListFormat {
			issues = append(issues, i)
		}
	}
	l := open(t, list, o)
	rows := 0
	for row, err := range l.Rows(report) {
		require.NoError(t, err)
		require.Equal(t, rows, row.Index)
		rows++
		issues = append(issues, row.Issues...)
		if !row.Bad() {
			users = append(users, row.User)
		}
	}
	require.Equal(t, l.Users(), rows)
	return users, issues
}

func read(t testing.TB, list string) ([]userlist.User, []contracts.Issue) {
	t.Helper()
	return readAs(t, list, userlist.Options{})
}

// told gives issues as "code line:column /pointer".
func told(issues []contracts.Issue) []string {
	var all []string
	for _, i := range issues {
		all = append(all, fmt.Sprintf("%s %d:%d %s", i.Code, i.Line, i.Column, i.Pointer))
	}
	return all
}

// want is the user of the rows below.
func want() userlist.User {
	return userlist.User{
		Nick: "ada", FirstName: "Ada", LastName: "Berg", Email: "ada@example.org", Age: new(41), City: "Oslo",
		Password: "secret horse", Mobile: "+4790000001",
	}
}

func TestHistoricListsAreReadByHeaderAndInBothOrdersWithoutOne(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"with the header":                   header + "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001\n",
		"with CRLF and no last line end":    strings.ReplaceAll(header, "\n", "\r\n") + "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001",
		"with a byte order mark":            "\ufeff" + header + "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001\n",
		"with the columns in another order": "password,AGE,e_mail,nick-name,CurrentCity, last name ,mobile_number,FIRSTNAME\nsecret horse,41,ada@example.org,ada,Oslo,Berg,+4790000001,Ada\n",
		"with a row of titles in CAPITALS":  strings.ToUpper(header) + "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001\n",
		"with empty cells behind the last":  header + "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001,, \n",
		"with semicolons":                   strings.ReplaceAll(header+"ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001\n", ",", ";"),
		"with quotes":                       header + `"ada","Ada","Berg","ada@example.org","41","Oslo","secret horse","+4790000001"` + "\n",
		"with rows that have nothing":       "\n ,\n" + header + "\n,,,,,,,\nada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001\n\n  \n",
		"without a header, age fifth":       "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,+4790000001\n",
		"without a header, age last":        "ada,Ada,Berg,ada@example.org,Oslo,secret horse,+4790000001,41\n",
	} {
		users, issues := read(t, list)
		require.Empty(t, issues, name)
		require.Equal(t, []userlist.User{want()}, users, name)
	}
}

func TestLinesWithinACellEndAlikeWhateverTheFileEndsThemWith(t *testing.T) {
	t.Parallel()
	list := header + "ada,\"Ada\nAda\",Berg,ada@example.org,41,Oslo,secret horse,\n"
	for _, end := range []string{"\n", "\r\n", "\r"} {
		users, issues := read(t, strings.ReplaceAll(list, "\n", end))
		require.Empty(t, issues, "%q", end)
		require.Equal(t, "Ada\nAda", users[0].FirstName, "%q", end)
	}
}

func TestModernListsAreReadAndNoColumnIsLostSilently(t *testing.T) {
	t.Parallel()
	users, issues := read(t, "username,mail,password,prename,lastname,pronoun,mobile,dect,tshirt_size,planned_arrival_date,angel/types\n"+
		"ada,ada@example.org, secret ,Ada,Berg,she,+47 900 00 001,2001,M-F,2031-05-02,Bar\n")
	require.Equal(t, []userlist.User{{
		Nick: "ada", Email: "ada@example.org", Password: " secret ", FirstName: "Ada", LastName: "Berg", Pronoun: "she",
		Mobile: "+47 900 00 001", DECT: "2001", TShirtSize: "M-F", PlannedArrival: time.Date(2031, 5, 2, 0, 0, 0, 0, time.UTC),
	}}, users)
	require.Equal(t, []string{"unknown_column 1:94 "}, told(issues))
	require.Equal(t, contracts.Info, issues[0].Severity)
	require.Equal(t, "angel/types", issues[0].Value)
}

func TestWithoutAHeaderALaterRowMayTellTheOrder(t *testing.T) {
	t.Parallel()
	users, issues := read(t, "ada,Ada,Berg,ada@example.org,,secret horse,0470,\n"+ // no age
		"bob,Bob,Berg,bob@example.org,12,secret horse,0470,12\n"+ // two
		"cy,Cy,Berg,cy@example.org,Oslo,secret horse,0470,12\n")
	require.Empty(t, issues)
	require.Len(t, users, 3)
	require.Equal(t, "secret horse", users[0].Password)
	require.Equal(t, "12", users[1].City)
	require.Equal(t, new(12), users[2].Age)
}

func TestWhatCannotBeReadAtAllIsToldWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	row := ",Ada,Berg,a@example.org,Oslo,secret77,+47,"
	for name, c := range map[string]struct{ list, told, says string }{
		"nothing":            {"", "list_empty 0:0 ", "nobody"},
		"blank lines":        {"\n\n ,,\n", "list_empty 0:0 ", "nobody"},
		"a header alone":     {header, "list_empty 0:0 ", "nobody"},
		"four columns":       {"\na,a@example.org,secret77,x\n", "columns_unknown 2:1 ", "4 cells"},
		"one known name":     {"secret77,mail\n", "columns_unknown 1:1 ", "2 cells"},
		"no age":             {"a" + row + "\nb" + row + "\n", "column_order_unknown 1:1 ", "no age"},
		"no age in 200 rows": {strings.Repeat("a"+row+"\n", 200), "column_order_unknown 1:1 ", "no age"},
		"no password":        {"nick,email\na,a@example.org\n", "column_missing 1:0 /password", "'password'"},
		"a column twice":     {"nick,mail,password,E-Mail\na,a@example.org,secret77,b@example.org\n", "column_twice 1:20 /E-Mail", "'email'"},
		"a binary file":      {"PK\x03\x04\x00\x00secret77", "not_a_list 0:0 ", "no CSV"},
	} {
		users, issues := read(t, c.list)
		require.Empty(t, users, name)
		require.Equal(t, []string{c.told}, told(issues), name)
		i := issues[0]
		require.Equal(t, contracts.Error, i.Severity, name)
		require.Equal(t, "crew.csv", i.File, name)
		require.Contains(t, i.Message+" "+i.Hint, c.says, name)
		require.NotContains(t, fmt.Sprint(i), "secret77", name)
	}
}

func TestEveryBadCellIsToldWithLineAndColumn(t *testing.T) {
	t.Parallel()
	users, issues := read(t, header+
		`good,"Two`+"\n"+`lines",Berg,good@example.org,1,Oslo,secret horse,`+"\n"+ // lines 2 and 3
		"bad nick,Ada,Berg,not-an-email,forty,Oslo,secret horse,\n"+ // 4
		",Ada,Berg,,-3,Oslo,short,"+strings.Repeat("0", 41)+"\n"+ // 5
		"GOOD,Ada,Berg,Good@Example.org,2,Oslo,secret horse,\n"+ // 6
		"few,Ada,few@example.org,secret77\n"+ // 7
		"good2,Ada,Berg,good2@example.org,2,Oslo,secret horse,\n")
	require.Len(t, users, 2)
	require.Equal(t, "Two\nlines", users[0].FirstName)
	require.Equal(t, []string{
		"nick_characters 4:1 /Nick Name",
		"email_invalid 4:19 /Email",
		"age_invalid 4:32 /Age",
		"nick_missing 5:1 /Nick Name",
		"email_missing 5:11 /Email",
		"age_invalid 5:12 /Age",
		"password_too_short 5:20 /Password",
		"too_long 5:26 /Mobile Number",
		"nick_repeated 6:1 /Nick Name",
		"email_repeated 6:15 /Email",
		"row_ragged 7:1 ",
	}, told(issues))
	require.Equal(t, "not-an-email", issues[1].Value)
	require.Equal(t, "forty", issues[2].Value)
	require.Equal(t, "Line 6 has the same nick as line 2", issues[8].Message)
	require.Contains(t, issues[10].Message, "4 cells")
	require.Contains(t, issues[10].Message, "8 columns")
	for n, i := range issues {
		require.Equal(t, contracts.Error, i.Severity)
		require.Equal(t, "crew.csv", i.File)
		require.Equal(t, i.Line-3, *i.RecordIndex, n) // a line of the header, one more of a cell
		require.NotEmpty(t, i.Hint)
	}
}

func TestNoIssueRepeatsAPasswordAlsoWhereColumnsAreMixedUp(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"too short":              header + "ada,Ada,Berg,ada,200,Oslo,hunter,\n",
		"password and address":   "nick,password,email\nada,ada@example.org,hunter-2-hunter\n",
		"password and age":       "nick,email,age,password\nada,ada@example.org,hunter-2-hunter,21\n",
		"password and date":      "nick,email,planned_arrival_date,password\nada,ada@example.org,hunter-2-hunter,2031-05-02\n",
		"password and nick":      "nick,email,password\nhunter 2 hunter!,ada@example.org,ada_1815\nhunter 2 hunter!,b@example.org,bob_1815\n",
		"password and mobile":    header + "ada,Ada,Berg,hunter,21,Oslo,+4790000001,hunter-2-hunter\n",
		"an unquoted comma":      "nick,city,email,password\nada,Oslo, Norway,ada@example.org,hunter-2-hunter\n",
		"an unquoted comma, too": "nick,city,email,password,dect\nada,Oslo, Norway,ada@example.org,hunter-2-hunter\n",
		"a quote":                "nick,email,password\nada,ada@example.org,\"hunter\"2\n",
		"an open quote":          "nick,email,password\nada,ada@example.org,\"hunter-2-hunter\n",
	} {
		_, issues := read(t, list)
		require.NotEmpty(t, issues, name)
		for _, i := range issues {
			require.NotContains(t, fmt.Sprintf("%+v", i), "hunter", name)
		}
	}
}

func TestRowsAreReadUpToAMebibyteAndNoFurther(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", table.MaxRecord-200)
	users, issues := read(t, "nick,email,password,notes\nada,ada@example.org,secret77,"+long+"\nbob,bob@example.org,secret77,short\n")
	require.Len(t, users, 2, "a long row is one row")
	require.Equal(t, []string{"unknown_column 1:21 "}, told(issues))

	users, issues = read(t, "nick,email,password,notes\nada,ada@example.org,secret77,\"two\nlines\"\nbob,bob@example.org,secret77,"+long+long+"\n")
	require.Len(t, users, 1)
	require.Equal(t, []string{"unknown_column 1:21 ", "row_too_long 4:1 "}, told(issues))
	require.Contains(t, issues[1].Message, "not read")
}

func TestQuotesThatDoNotFitEndTheReadingAndAreToldWithTheirPlace(t *testing.T) {
	t.Parallel()
	users, issues := read(t, "nick,email,password\nada,ada@example.org,secret77\nbob,\"bob@\"example.org,secret77\ncy,cy,cy\n")
	require.Len(t, users, 1)
	require.Equal(t, []string{"malformed_quotes 3:11 "}, told(issues))
	_, issues = read(t, "nick,email,password\nada,ada@example.org,secret77\nbob,\"bob@example.org,secret77\ncy,cy,cy\n")
	require.Equal(t, contracts.Error, issues[0].Severity)
	require.Equal(t, userlist.CodeMalformedQuotes, issues[0].Code)
	require.Equal(t, 3, issues[0].Line, "where the quote is that is never closed")
}

func TestFailingToReadIsNoFaultOfTheList(t *testing.T) {
	t.Parallel()
	gone := errors.New("the disk is gone")
	_, err := userlist.Open(broken{gone}, 100, userlist.Options{Name: "crew.csv", Format: table.CSV})
	require.ErrorIs(t, err, gone)
}

// broken is a file that cannot be read.
type broken struct{ err error }

func (b broken) ReadAt([]byte, int64) (int, error) { return 0, b.err }

func TestRowsOfAListKnowWhereNickAndAddressStand(t *testing.T) {
	t.Parallel()
	list := open(t, header+"ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,\n", userlist.Options{})
	for row, err := range list.Rows(func(contracts.Issue) {}) {
		require.NoError(t, err)
		issues := []contracts.Issue{row.NickTaken(), row.EmailTaken()}
		require.Equal(t, []string{"nick_taken 2:1 /Nick Name", "email_taken 2:14 /Email"}, told(issues))
		require.Equal(t, "ada@example.org", issues[1].Value)
		require.Equal(t, 0, *issues[0].RecordIndex)
	}
}

func FuzzAnyListEndsInUsersOrIssues(f *testing.F) {
	f.Add(header + "ada,Ada,Berg,ada@example.org,41,Oslo,secret horse,\n")
	f.Add("\ufeffnick,email,password\r\n\"a\nb\",\xff,\"\r\n")
	f.Add("a,b,c,d,1,f,g,2\n,,,,\n;")
	f.Fuzz(func(t *testing.T, list string) {
		users, issues := read(t, list)
		if len(users) == 0 {
			require.NotEmpty(t, issues)
		}
		for _, u := range users {
			require.Empty(t, userlist.Rules{}.Faults(u))
		}
		for _, i := range issues {
			require.NotEmpty(t, i.Code)
			require.LessOrEqual(t, len(i.Value), contracts.MaxIssueValue)
			require.NotContains(t, i.Value+i.Pointer+i.Message, "\x00")
		}
	})
}
