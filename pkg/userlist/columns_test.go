package userlist_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

func TestMappingSaysWhatTitlesDoNot(t *testing.T) {
	t.Parallel()
	const list = "pseudonim,adres,hasło,nick,Oslo?\nada,ada@example.org,secret horse,lovelace,Oslo\n"
	o := userlist.Options{Mapping: map[string]userlist.Field{
		"Pseudonim": userlist.Nick, "ADRES": userlist.Email, "#3": userlist.Password, "oslo": userlist.City,
	}}
	users, issues := readAs(t, list, o)
	require.Equal(t, []userlist.User{{Nick: "ada", Email: "ada@example.org", Password: "secret horse", City: "Oslo"}}, users)
	require.Equal(t, []string{"unknown_column 1:24 "}, told(issues), "the field of the title is taken")
	require.Equal(t, []userlist.Column{
		{Title: "pseudonim", Position: 1, Field: userlist.Nick, By: userlist.ByMapping},
		{Title: "adres", Position: 2, Field: userlist.Email, By: userlist.ByMapping},
		{Title: "hasło", Position: 3, Field: userlist.Password, By: userlist.ByMapping},
		{Title: "nick", Position: 4},
		{Title: "Oslo?", Position: 5, Field: userlist.City, By: userlist.ByMapping},
	}, open(t, list, o).Columns())
}

func TestMappingLeavesColumnsOutWithoutAWord(t *testing.T) {
	t.Parallel()
	users, issues := readAs(t, "nick,mail,password,city\nada,ada@example.org,secret horse,Oslo\n",
		userlist.Options{Mapping: map[string]userlist.Field{"city": ""}})
	require.Empty(t, issues)
	require.Empty(t, users[0].City)
}

func TestMappingByPlacesReadsListsWithoutTitles(t *testing.T) {
	t.Parallel()
	o := userlist.Options{Mapping: map[string]userlist.Field{"#1": userlist.Password, "#2": userlist.Email, "#3": userlist.Nick}}
	const row = "secret horse,ada@example.org,ada\n"
	for name, list := range map[string]string{"no titles": row, "titles of no known language": "jelszó,cím,becenév\n" + row} {
		users, issues := readAs(t, list, o)
		require.Empty(t, issues, name)
		require.Equal(t, []userlist.User{{Nick: "ada", Email: "ada@example.org", Password: "secret horse"}}, users, name)
		require.Equal(t, "#1", open(t, list, o).Columns()[0].Title, name)
	}
	_, issues := readAs(t, "secret horse,no address,ada,more secret\n", o)
	for _, i := range issues {
		require.NotContains(t, i.Value+i.Pointer+i.Message, "secret")
	}
}

func TestMappingThatLeadsNowhereIsAnError(t *testing.T) {
	t.Parallel()
	users, issues := readAs(t, "nick,mail,password\nada,ada@example.org,secret horse\n", userlist.Options{Mapping: map[string]userlist.Field{
		"#4": userlist.City, "town": userlist.City, "mail": "address", "nick": userlist.Password,
	}})
	require.Empty(t, users)
	require.Equal(t, []string{
		"mapping_column_unknown 0:0 ", "mapping_field_unknown 0:0 ", "mapping_column_unknown 0:0 ",
		"column_missing 1:0 /nick", "column_missing 1:0 /email", "unknown_column 1:11 ",
	}, told(issues))
}

func TestLongOrderOfColumnsIsKnownWithoutTitles(t *testing.T) {
	t.Parallel()
	const row = "angel_01,First1,Last1,angel01@example.org,Singapore,s3cretpass01,2017-03-17,Asia/Singapore,+6581234001,123,21,Hanoi,FOSSASIA,https://fossasia.org,f,g,t,j,4711,M\n"
	for name, list := range map[string]string{"an age": row, "no age": strings.Replace(row, ",21,", ",,", 1)} {
		l := open(t, list, userlist.Options{})
		require.Equal(t, userlist.Column{Title: "timezone", Position: 8, Field: userlist.TimeZone, By: userlist.ByOrder}, l.Columns()[7], name)
		users, issues := read(t, list)
		require.Len(t, users, 1, name)
		require.Equal(t, "4711", users[0].DECT, name)
		require.Equal(t, time.Date(2017, 3, 17, 0, 0, 0, 0, time.UTC), users[0].PlannedArrival, name)
		var leftOut []string
		for _, i := range issues {
			require.Equal(t, userlist.CodeUnknownColumn, i.Code, name)
			leftOut = append(leftOut, i.Value)
		}
		require.Equal(t, []string{"tel", "hometown", "facebook", "github", "twitter", "jabber"}, leftOut, name)
	}
}

func TestColumnsWithoutATitleAreToldOnlyWhereSomethingIsInThem(t *testing.T) {
	t.Parallel()
	_, issues := read(t, "nick,mail,password,,,\nada,ada@example.org,secret horse,,,\nbob,bob@example.org,secret horse,,x,\n")
	require.Equal(t, []string{"unknown_column 1:21 "}, told(issues))
}

func TestWorkbooksAreListsLikeAnyOther(t *testing.T) {
	t.Parallel()
	content := workbook(t, [][]string{
		{"Nick", "E-Mail", "Passwort", "Handy", "Anreise"},
		{"ada", "ada@example.org", "secret horse", "4790000001", "2031-05-02"},
		{"bad nick", "bob@example.org", "secret horse", "", ""},
	})
	l, err := userlist.Open(strings.NewReader(content), int64(len(content)), userlist.Options{Name: "crew.xlsx", Format: table.XLSX})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	var issues []contracts.Issue
	var users []userlist.User
	for row, err := range l.Rows(func(i contracts.Issue) { issues = append(issues, i) }) {
		require.NoError(t, err)
		issues = append(issues, row.Issues...)
		if !row.Bad() {
			users = append(users, row.User)
		}
	}
	require.Equal(t, []userlist.User{{
		Nick: "ada", Email: "ada@example.org", Password: "secret horse", Mobile: "4790000001",
		PlannedArrival: time.Date(2031, 5, 2, 0, 0, 0, 0, time.UTC),
	}}, users)
	require.Equal(t, []string{"list_format 0:0 ", "nick_characters 3:1 /Nick"}, told(issues))

	l, err = userlist.Open(strings.NewReader("no workbook"), 11, userlist.Options{Name: "crew.xlsx", Format: table.XLSX})
	require.NoError(t, err, "that it is none is not the reader's fault")
	issues = nil
	for _, err := range l.Rows(func(i contracts.Issue) { issues = append(issues, i) }) {
		require.NoError(t, err)
		require.Fail(t, "nobody is in it")
	}
	require.Equal(t, []string{"not_a_list 0:0 "}, told(issues))
	require.Zero(t, l.Users())
	require.NoError(t, l.Close())
}

func TestWhatUsherWritesItReadsAsItWas(t *testing.T) {
	t.Parallel()
	content := workbook(t, [][]string{
		{"nick", "mail", "mobile", "first name", "password"},
		{"-ada-", "+ada@example.org", "+4790000001", "'t", ""},
	})
	l, err := userlist.Open(strings.NewReader(content), int64(len(content)), userlist.Options{Name: "crew.xlsx", Format: table.XLSX, Rules: userlist.Rules{Invite: true}})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	for row, err := range l.Rows(func(contracts.Issue) {}) {
		require.NoError(t, err)
		require.Empty(t, row.Issues)
		require.Equal(t, userlist.User{Nick: "-ada-", Email: "+ada@example.org", Mobile: "+4790000001", FirstName: "'t"}, row.User)
		require.Equal(t, []string{"-ada-", "+ada@example.org", "+4790000001", "'t"}, row.Cells[:4])
	}

	users, issues := read(t, "nick,mail,password\n'-ada-,'+ada@example.org,'+secret horse\n'-ADA-,ada@example.org,secret horse\n")
	require.Equal(t, []userlist.User{{Nick: "-ada-", Email: "+ada@example.org", Password: "'+secret horse"}}, users, "a password is as it was chosen")
	require.Equal(t, []string{"nick_repeated 3:1 /nick"}, told(issues))
}

// workbook writes rows as a workbook.
func workbook(t testing.TB, rows [][]string) string {
	t.Helper()
	var content strings.Builder
	w, err := table.NewWriter(&content, table.XLSX)
	require.NoError(t, err)
	for _, row := range rows {
		require.NoError(t, w.Write(row))
	}
	require.NoError(t, w.Close())
	return content.String()
}
