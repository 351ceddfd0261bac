package people

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/people/internal/list"
)

// with runs a list with options through a stage of a kind and returns its outcome.
func (l lists) with(t *testing.T, kind contracts.Kind, o contracts.Options, content string) (importID string, outcome contracts.Payload) {
	t.Helper()
	s := listStage(made)
	if kind.Check() {
		s = checkStage(made)
	}
	env, msg := l.message(t, kind, o, content)
	require.NoError(t, stage.NewRunner(s, l.Resources).Handle(msg))
	_, outcome, ok := l.Outcome(t.Context(), t, s, env.Import, 1)
	require.True(t, ok)
	return env.Import, outcome
}

// message is what a list is uploaded with, of a kind and with options.
func (l lists) message(t *testing.T, kind contracts.Kind, o contracts.Options, content string) (contracts.Envelope, *message.Message) {
	t.Helper()
	env := stagetest.NewEnvelope(kind)
	blob := l.Upload(t, env.Import, []byte(content))
	data, err := contracts.Encode(env, &contracts.ImportRequested{
		Blob: blob, FileName: "crew.csv", Size: int64(len(content)), SHA256: "00", Options: o,
	})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	return env, msg
}

// cameTo is what a list came to.
func cameTo(t *testing.T, outcome contracts.Payload) contracts.Accounts {
	t.Helper()
	done, ok := contracts.CompletedOf(outcome)
	require.True(t, ok, "%+v", outcome)
	require.NotNil(t, done.Accounts)
	return *done.Accounts
}

// person is what the table says of an account.
type person struct{ Nick, Email, FirstName, City string }

func (l lists) people(t *testing.T) []person {
	t.Helper()
	var all []person
	require.NoError(t, l.DB.NewRaw(`SELECT nick, email, coalesce(first_name, '') AS first_name, coalesce(city, '') AS city
		FROM people.users ORDER BY nick`).Scan(t.Context(), &all))
	return all
}

const townsfolk = "nick,email,first name,city\nada,ada@example.org,Ada,Oslo\nbob,bob@example.org,Bob,Bern\n"

func TestAccountsWithoutAPasswordAreInvitedUnlessNobodyIsToBe(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	_, outcome := l.with(t, contracts.UserList, contracts.Options{}, "nick,email,password\nada,ada@example.org,\nbob,bob@example.org,long enough\n")
	require.Equal(t, contracts.Accounts{Created: 2, Invited: 1}, cameTo(t, outcome))
	_, outcome = l.with(t, contracts.UserList, contracts.Options{NoInvite: true}, "nick,email\ncy,cy@example.org\n")
	require.Equal(t, contracts.Accounts{Created: 1}, cameTo(t, outcome))
	var invited []string
	require.NoError(t, l.DB.NewRaw("SELECT nick FROM people.users WHERE invitation = 1 AND password_hash IS NULL").Scan(t.Context(), &invited))
	require.Equal(t, []string{"ada"}, invited)
}

func TestKnownAccountsFailTheListAreSkippedOrUpdated(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, townsfolk)
	again := "nick,email,first name,city\nADA,ada@example.org,,Paris\nbobby,BOB@example.org,Bob,Bern\ncy,cy@example.org,Cy,Rome\n"

	_, outcome := l.with(t, contracts.UserList, contracts.Options{}, again)
	failed, ok := outcome.(*contracts.StageFailed)
	require.True(t, ok)
	require.Equal(t, stage.CodeInvalidList, failed.Code)
	require.Equal(t, 3, failed.Found.Error, "the nick and the address of one, the address of another")

	_, outcome = l.with(t, contracts.UserList, contracts.Options{OnConflict: contracts.ConflictSkips}, again)
	require.Equal(t, contracts.Accounts{Created: 1, Skipped: 2, Invited: 1}, cameTo(t, outcome))
	require.Equal(t, []person{{"ada", "ada@example.org", "Ada", "Oslo"}, {"bob", "bob@example.org", "Bob", "Bern"}, {"cy", "cy@example.org", "Cy", "Rome"}}, l.people(t))

	updating, outcome := l.with(t, contracts.UserList, contracts.Options{OnConflict: contracts.ConflictUpdates}, again)
	require.Equal(t, contracts.Accounts{Updated: 2}, cameTo(t, outcome), "one of them as it was before")
	require.Equal(t, []person{{"ADA", "ada@example.org", "Ada", "Paris"}, {"bobby", "BOB@example.org", "Bob", "Bern"}, {"cy", "cy@example.org", "Cy", "Rome"}}, l.people(t))

	// Somebody moves since; the rest is given back.
	_, err := l.DB.NewRaw("UPDATE people.users SET city = 'Lima' WHERE nick = 'ADA'").Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, l.runner.Clear(t.Context(), updating, contracts.Discarded))
	require.Equal(t, []person{{"ada", "ada@example.org", "Ada", "Lima"}, {"bob", "bob@example.org", "Bob", "Bern"}, {"cy", "cy@example.org", "Cy", "Rome"}}, l.people(t))
}

func TestUpdateLeavesPasswordsAloneAndRefusesWhatIsNotOneAccount(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.imported(t, crew)
	_, outcome := l.with(t, contracts.UserList, contracts.Options{OnConflict: contracts.ConflictUpdates, Mode: contracts.Lenient},
		"nick,email,password,city\nada,ada@example.org,another one,Oslo\nada2,ADA@example.org,another one,Bern\nada,bob@example.org,another one,Rome\n")
	require.Equal(t, contracts.Accounts{Updated: 1, Failed: 2}, cameTo(t, outcome))
	var hash string
	require.NoError(t, l.DB.NewRaw("SELECT password_hash FROM people.users WHERE nick = 'ada' AND city = 'Oslo'").Scan(t.Context(), &hash))
	require.True(t, auth.PasswordMatches(hash, "secret horse"))
}

func TestPasswordsOfAccountsThatKeepTheirsAreNotHashed(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.imported(t, crew)
	none := list.Lists{Hashing: make(list.Hashing), Keys: rowKeys()} // a place that is never free
	for conflict, want := range map[contracts.OnConflict]contracts.Accounts{
		contracts.ConflictSkips:   {Skipped: 2},
		contracts.ConflictUpdates: {Updated: 1},
	} {
		env, msg := l.message(t, contracts.UserList, contracts.Options{OnConflict: conflict},
			"nick,email,password,city\nada,ada@example.org,another one,Oslo\nbob,bob@example.org,another one,\n")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		msg.SetContext(ctx)
		s := listStage(none)
		require.NoError(t, stage.NewRunner(s, l.Resources).Handle(msg), "%s", conflict)
		_, outcome, ok := l.Outcome(t.Context(), t, s, env.Import, 1)
		require.True(t, ok)
		require.Equal(t, want, cameTo(t, outcome))
	}
}

func TestAccountThatGoesMeanwhileIsMadeAnewWithThePasswordOfTheList(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.imported(t, crew)
	s := listStage(made)
	before, goes := s.Before, true
	s.Before = func(ctx context.Context, run *stage.Run) error {
		err := before(ctx, run)
		if goes && err == nil {
			_, err = l.DB.NewRaw("DELETE FROM people.users WHERE nick = 'ada'").Exec(ctx)
		}
		goes = false
		return err
	}
	env, msg := l.message(t, contracts.UserList, contracts.Options{OnConflict: contracts.ConflictSkips},
		"nick,email,password\nada,ada@example.org,another one\nbob,bob@example.org,another one\n")
	runner := stage.NewRunner(s, l.Resources)
	require.Error(t, runner.Handle(msg))
	require.NoError(t, runner.Handle(msg))
	_, outcome, ok := l.Outcome(t.Context(), t, s, env.Import, 1)
	require.True(t, ok)
	require.Equal(t, contracts.Accounts{Created: 1, Skipped: 1}, cameTo(t, outcome))
	var hash string
	require.NoError(t, l.DB.NewRaw("SELECT password_hash FROM people.users WHERE nick = 'ada'").Scan(t.Context(), &hash))
	require.True(t, auth.PasswordMatches(hash, "another one"))
}

func TestLenientListLeavesBadRowsOutAndKeepsThemWithoutTheirPasswords(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.imported(t, "nick,email,password\nada,ada@example.org,secret horse\n")
	importID, outcome := l.with(t, contracts.UserList, contracts.Options{Mode: contracts.Lenient},
		"nick,email,password\nbob,bob@example.org,secret horse\ncy,nowhere,secret mouse\nada,x@example.org,secret mouse\nsecret mouse,eve,eve@example.org\ndi,di@example.org,secret,mouse\n")
	require.Equal(t, contracts.Accounts{Created: 1, Failed: 4}, cameTo(t, outcome))
	done, _ := contracts.CompletedOf(outcome)
	require.Equal(t, 0, done.Found.Error)
	require.Equal(t, 5, done.Found.Warning)
	var rows []struct {
		Line          int
		Cells, Issues string
	}
	require.NoError(t, l.DB.NewRaw(`SELECT line, array_to_string(cells, '|') AS cells, issues FROM people.failed_rows
		WHERE import_id = ? ORDER BY n`, importID).Scan(t.Context(), &rows))
	require.Len(t, rows, 4)
	require.Equal(t, "cy||", rows[0].Cells)
	require.Equal(t, "ada|x@example.org|", rows[1].Cells)
	require.Contains(t, rows[1].Issues, "Another account has this nick.")
	require.Equal(t, 5, rows[2].Line)
	require.Equal(t, "||", rows[2].Cells)
	require.Equal(t, 6, rows[3].Line)
	require.NotContains(t, rows[3].Cells, "secret")
	require.NotContains(t, rows[3].Cells, "mouse")
}

func TestRowsThatAreLeftOutAreKeptUpToABoundAndCountedBeyondIt(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	const rows = 40
	importID, outcome := l.with(t, contracts.UserList, contracts.Options{Mode: contracts.Lenient},
		"nick,email,remark\n"+strings.Repeat("cy,nowhere,"+strings.Repeat("x", 1<<20-100)+"\n", rows))
	require.Equal(t, contracts.Accounts{Failed: rows}, cameTo(t, outcome))
	var kept, size int
	require.NoError(t, l.DB.NewRaw("SELECT count(*), sum(length(array_to_string(cells, ''))) FROM people.failed_rows WHERE import_id = ?", importID).Scan(t.Context(), &kept, &size))
	require.Equal(t, 32, kept)
	require.Less(t, size, 32<<20)
	require.Equal(t, []string{"Of 40 rows that were left out the table of them holds 32; it takes 10000 rows and 32 MiB"}, l.notKept(t, importID))
}

// notKept is what the issues of an import say of rows that were not kept.
func (l lists) notKept(t *testing.T, importID string) (said []string) {
	t.Helper()
	require.NoError(t, l.DB.NewRaw("SELECT message FROM people.api_issues WHERE import_id = ? AND code = 'rows_not_kept'", importID).Scan(t.Context(), &said))
	return said
}

func TestRowsThatAreLeftOutBeyondTheBoundAreToldThoughThereAreAsManyIssues(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, contracts.Options{Mode: contracts.Lenient}, "nick,email\n"+strings.Repeat("cy,nowhere\n", 10_003))
	require.Equal(t, contracts.Accounts{Failed: 10_003}, cameTo(t, outcome))
	require.Len(t, l.leftOut(t, importID), 10_000)
	require.Equal(t, []string{"Of 10003 rows that were left out the table of them holds 10000; it takes 10000 rows and 32 MiB"}, l.notKept(t, importID))
}

// only is the one issue with a code.
func only(t *testing.T, issues []contracts.Issue, code string) contracts.Issue {
	t.Helper()
	issues = slices.DeleteFunc(slices.Clone(issues), func(i contracts.Issue) bool { return i.Code != code })
	require.Len(t, issues, 1)
	return issues[0]
}

func TestWhoIsNotToBeInvitedIsNotToldToBe(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	for _, kind := range []contracts.Kind{contracts.ListCheck, contracts.UserList} {
		_, outcome := l.with(t, kind, contracts.Options{NoInvite: true}, "nick,email,password\nada,ada@example.org,\nbob,bob@example.org,long enough\n")
		done, _ := contracts.CompletedOf(outcome)
		require.Contains(t, only(t, done.FirstIssues, "not_invited").Message, "1 row without a password")
		for _, i := range done.FirstIssues {
			require.NotEqual(t, "invited", i.Code)
		}
	}
}

func TestCheckOfAListShowsWhatWouldBecomeOfItAndMakesNothing(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.with(t, contracts.UserList, contracts.Options{}, townsfolk)
	before := l.people(t)
	importID, outcome := l.with(t, contracts.ListCheck, contracts.Options{OnConflict: contracts.ConflictUpdates},
		"Benutzername,E-Mail,Stadt,Losung,Kennwort\nada,ada@example.org,Paris,Secret 77,top secret\ncy,cy@example.org,Rome,,\n")
	require.Equal(t, contracts.Accounts{Created: 1, Updated: 1, Invited: 1}, cameTo(t, outcome))
	require.Equal(t, before, l.people(t))
	require.True(t, l.uploaded(t, importID), "it can be started")

	var document string
	require.NoError(t, l.DB.NewRaw("SELECT document FROM people.api_previews WHERE import_id = ?", importID).Scan(t.Context(), &document))
	require.NotContains(t, strings.ToLower(document), "secret")
	var shown list.Preview
	require.NoError(t, json.Unmarshal([]byte(document), &shown))
	require.Equal(t, list.PreviewColumn{Title: "Benutzername", Position: 1, Field: "nick", By: "title", Samples: []string{"ada", "cy"}}, shown.Columns[0])
	require.Equal(t, list.PreviewColumn{Title: "Losung", Position: 4, Samples: []string{"Xxxxxx 99"}}, shown.Columns[3])
	require.Empty(t, shown.Columns[4].Samples)
	require.Equal(t, []list.PreviewChange{{Nick: "ada", Field: "city", Old: "Oslo", New: "Paris"}}, shown.Changes)
	require.Equal(t, "update", shown.Rows[0].Action)
	require.Equal(t, "given", shown.Rows[0].Password)
	require.Equal(t, "create", shown.Rows[1].Action)
	require.Equal(t, "Rome", shown.Rows[1].Fields["city"])

	require.NoError(t, stage.NewRunner(checkStage(made), l.Resources).Clear(t.Context(), importID, contracts.Discarded))
	require.False(t, l.uploaded(t, importID))
}

func TestCheckOfAListThatFailsShowsItsColumnsAllTheSame(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	for content, columns := range map[string]int{
		"nick,email,password\nada,ada@example.org,short\n":    3,
		"nick,E-Mail,Kennung\nbad nick,ada@example.org,one\n": 3,
	} {
		importID, outcome := l.with(t, contracts.ListCheck, contracts.Options{}, content)
		require.IsType(t, &contracts.StageFailed{}, outcome)
		var document string
		require.NoError(t, l.DB.NewRaw("SELECT document FROM people.api_previews WHERE import_id = ?", importID).Scan(t.Context(), &document))
		var shown list.Preview
		require.NoError(t, json.Unmarshal([]byte(document), &shown))
		require.Len(t, shown.Columns, columns)
		require.Equal(t, "fail", shown.Rows[0].Action)
	}
}

func TestCheckOfAListWhoseColumnsAreNotKnownShowsTheirShapes(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.ListCheck, contracts.Options{}, "Wer 1, ,Hierhin\nada,Oslo,ada@example.org\n")
	require.IsType(t, &contracts.StageFailed{}, outcome)
	var document string
	require.NoError(t, l.DB.NewRaw("SELECT document FROM people.api_previews WHERE import_id = ?", importID).Scan(t.Context(), &document))
	var shown list.Preview
	require.NoError(t, json.Unmarshal([]byte(document), &shown))
	require.Equal(t, []list.PreviewColumn{
		{Position: 1, Samples: []string{"Xxx 9"}}, {Position: 2, Samples: []string{}}, {Position: 3, Samples: []string{"Xxxxxxx"}},
	}, shown.Columns)
	require.Empty(t, shown.Rows)
}

func TestTitlesThatTheDatabaseRefusesAreKeptWithoutWhatItRefuses(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	content := "\ufeffnick\x00,email,Stra\xdfe\x00," + strings.Repeat("x", 1000) + "\nbad nick,ada@example.org,one,two\n"
	importID, outcome := l.with(t, contracts.ListCheck, contracts.Options{}, content)
	require.IsType(t, &contracts.StageFailed{}, outcome)
	var document string
	require.NoError(t, l.DB.NewRaw("SELECT document FROM people.api_previews WHERE import_id = ?", importID).Scan(t.Context(), &document))
	var shown list.Preview
	require.NoError(t, json.Unmarshal([]byte(document), &shown))
	var titles []string
	for _, c := range shown.Columns {
		titles = append(titles, c.Title)
	}
	require.Equal(t, []string{"nick", "email", "Strae", strings.Repeat("x", 100) + "…"}, titles)

	importID, outcome = l.with(t, contracts.UserList, contracts.Options{Mode: contracts.Lenient}, content)
	require.Equal(t, contracts.Accounts{Failed: 1}, cameTo(t, outcome))
	var kept string
	require.NoError(t, l.DB.NewRaw("SELECT array_to_string(titles, '|') FROM people.failed_titles WHERE import_id = ?", importID).Scan(t.Context(), &kept))
	require.Equal(t, "nick|email|Strae|"+strings.Repeat("x", 1000), kept)
}

func TestMappingSaysWhatColumnsHold(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	_, outcome := l.with(t, contracts.UserList, contracts.Options{Mapping: map[string]string{"Rufname": "nick", "#3": "city", "email": "email", "city": ""}},
		"Rufname,email,Dorf,city\nada,ada@example.org,Oslo,nowhere\n")
	require.Equal(t, 1, cameTo(t, outcome).Created)
	require.Equal(t, []person{{"ada", "ada@example.org", "", "Oslo"}}, l.people(t))
}
