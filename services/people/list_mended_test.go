package people

import (
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/pkg/userlist"
)

// mend runs rows that were mended through the stage, as an attempt of the import after
// what was before, and returns its outcome. It does so twice, as a redelivery would.
func (l lists) mend(t *testing.T, importID string, attempt int, before contracts.Accounts, o contracts.Options, content string) contracts.Payload {
	t.Helper()
	env := stagetest.NewEnvelope(contracts.UserList)
	env.Import, env.Attempt = importID, attempt
	blob := bucket.MendedKey(importID, uuid.NewString())
	_, err := l.Bucket.Store(t.Context(), blob, strings.NewReader(content), "text/csv")
	require.NoError(t, err)
	data, err := contracts.Encode(env, &contracts.ReplayRequested{
		Carried: contracts.Carried{Blob: blob, FileName: "failed-rows.csv", Options: o, Mended: true, Accounts: &before},
		From:    contracts.People, By: env.Owner,
	})
	require.NoError(t, err)
	for range 2 {
		msg := message.NewMessage(uuid.NewString(), data)
		msg.SetContext(t.Context())
		require.NoError(t, l.runner.Handle(msg))
	}
	_, outcome, ok := l.Outcome(t.Context(), t, listStage(made), importID, attempt)
	require.True(t, ok)
	_, failed := outcome.(*contracts.StageFailed)
	there, err := l.Bucket.Exists(t.Context(), blob)
	require.NoError(t, err)
	require.Equal(t, failed, there, "the file goes once the accounts are there")
	return outcome
}

// leftOut gives the rows of an import that are still left out: "n cells".
func (l lists) leftOut(t *testing.T, importID string) []string {
	t.Helper()
	var rows []string
	require.NoError(t, l.DB.NewRaw(`SELECT n || ' ' || array_to_string(cells, '|') FROM people.api_failed_rows WHERE import_id = ? ORDER BY n`, importID).
		Scan(t.Context(), &rows))
	return rows
}

var lenient = contracts.Options{Mode: contracts.Lenient}

const partlyBad = "nick,email,password,city\nada,ada@example.org,secret horse,Oslo\ncy,nowhere,secret mouse,Bern\ndi,di@example.org,short,Rome\nbad nick,eve@example.org,,Lima\n"

func TestMendedRowsBecomeAccountsBesideThoseThatThereAre(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	first := cameTo(t, outcome)
	require.Equal(t, contracts.Accounts{Created: 1, Failed: 3}, first)
	key := func(n int) string { return made.Keys.Key(importID, n) }

	// One row is mended, one is still bad, and one is not named. The columns have another order.
	outcome = l.mend(t, importID, 2, first, lenient, "usher_row,city,nick,email,password,usher_issue\n"+
		key(1)+",Bern,cy,cy@example.org,,It was bad\n"+key(2)+",Rome,di,di@example.org,short,It was bad\n")
	second := cameTo(t, outcome)
	require.Equal(t, contracts.Accounts{Created: 2, Failed: 2}, second)
	done, _ := contracts.CompletedOf(outcome)
	require.Equal(t, 2, done.Counts[contracts.Users])
	require.Equal(t, []person{{"ada", "ada@example.org", "", "Oslo"}, {"cy", "cy@example.org", "", "Bern"}}, l.people(t))
	require.Equal(t, []string{"2 di|di@example.org||Rome", "3 bad nick|eve@example.org||Lima"}, l.leftOut(t, importID))
	for _, i := range done.FirstIssues {
		require.NotEqual(t, "unknown_column", i.Code, "%+v", i)
	}

	outcome = l.mend(t, importID, 3, second, lenient, "nick,email,password,city,usher_issue,usher_row\n"+
		"di,di@example.org,long enough,Rome,,"+key(2)+"\neve,eve@example.org,,Lima,,"+key(3)+"\n")
	require.Equal(t, contracts.Accounts{Created: 4, Invited: 1}, cameTo(t, outcome))
	require.Empty(t, l.leftOut(t, importID))
	titles, err := l.DB.NewSelect().TableExpr("people.api_failed_titles").Where("import_id = ?", importID).Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, titles)

	for nick, password := range map[string]string{"ada": "secret horse", "cy": "secret mouse", "di": "long enough"} {
		var hash string
		require.NoError(t, l.DB.NewRaw("SELECT password_hash FROM people.users WHERE nick = ?", nick).Scan(t.Context(), &hash))
		require.True(t, auth.PasswordMatches(hash, password), nick)
	}
	require.Equal(t, 4, l.users(t, importID))
}

func TestHashOfAPasswordStaysWithARowAsLongAsItIsLeftOut(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	row := made.Keys.Key(importID, 1)
	outcome = l.mend(t, importID, 2, cameTo(t, outcome), lenient, "nick,email,password,usher_row\ncy,still nowhere,,"+row+"\n")
	outcome = l.mend(t, importID, 3, cameTo(t, outcome), lenient, "nick,email,usher_row\ncy,cy@example.org,"+row+"\n")
	require.Equal(t, contracts.Accounts{Created: 2, Failed: 2}, cameTo(t, outcome), "nobody is invited")
	var hash string
	require.NoError(t, l.DB.NewRaw("SELECT password_hash FROM people.users WHERE nick = 'cy'").Scan(t.Context(), &hash))
	require.True(t, auth.PasswordMatches(hash, "secret mouse"))
}

func TestMendedRowsWhosePasswordsAreKnownAreNotToldToBeInvited(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	key := func(n int) string { return made.Keys.Key(importID, n) }
	outcome = l.mend(t, importID, 2, cameTo(t, outcome), lenient, "nick,email,password,usher_row\ncy,cy@example.org,,"+key(1)+"\neve,eve@example.org,,"+key(3)+"\n")
	require.Equal(t, contracts.Accounts{Created: 3, Failed: 1, Invited: 1}, cameTo(t, outcome))
	done, _ := contracts.CompletedOf(outcome)
	told := only(t, done.FirstIssues, "invited")
	require.Equal(t, 3, told.Line)
	require.Contains(t, told.Message, "1 row without a password")
}

func TestMendedRowWhosePasswordIsKnownNeedsNoneWherePasswordsAreRequired(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	required := made
	required.Rules.Required = []userlist.Field{userlist.Password}
	l.runner = stage.NewRunner(listStage(required), l.Resources)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	outcome = l.mend(t, importID, 2, cameTo(t, outcome), lenient, "nick,email,password,usher_row\ncy,cy@example.org,,"+made.Keys.Key(importID, 1)+
		"\neve,eve@example.org,,"+made.Keys.Key(importID, 3)+"\n")
	require.Equal(t, contracts.Accounts{Created: 2, Failed: 2}, cameTo(t, outcome))
}

func TestMendedRowWithTheNickOfAnAccountOfTheSameImportIsLeftOutAgain(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	first := cameTo(t, outcome)
	outcome = l.mend(t, importID, 2, first, lenient, "nick,email,city,usher_row\nada,cy@example.org,Bern,"+made.Keys.Key(importID, 1)+"\n")
	require.Equal(t, first, cameTo(t, outcome))
	require.Equal(t, "1 ada|cy@example.org||Bern", l.leftOut(t, importID)[0])
}

func TestAttemptThatIsRedeliveredLateLeavesRowsThatCameMendedMeanwhile(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	env := stagetest.NewEnvelope(contracts.UserList)
	first, err := contracts.Encode(env, &contracts.ImportRequested{
		Blob: l.Upload(t, env.Import, []byte(partlyBad)), FileName: "crew.csv", Size: int64(len(partlyBad)), SHA256: "00", Options: lenient,
	})
	require.NoError(t, err)
	deliver := func() {
		msg := message.NewMessage(uuid.NewString(), first)
		msg.SetContext(t.Context())
		require.NoError(t, l.runner.Handle(msg))
	}
	deliver()

	// The rows lie in the bucket, some of them hashed, and their attempt has not begun.
	blob := bucket.MendedKey(env.Import, "next")
	_, err = l.Bucket.Store(t.Context(), blob, strings.NewReader("nick\n"), "text/csv")
	require.NoError(t, err)
	_, err = l.DB.NewRaw("INSERT INTO people.list_hashes (import_id, blob, n, password_hash) VALUES (?, ?, 0, 'x')", env.Import, blob).Exec(t.Context())
	require.NoError(t, err)
	deliver()
	kept := func() (file bool, hashes int64) {
		file, err := l.Bucket.Exists(t.Context(), blob)
		require.NoError(t, err)
		require.NoError(t, l.DB.NewRaw("SELECT count(*) FROM people.list_hashes WHERE import_id = ?", env.Import).Scan(t.Context(), &hashes))
		return file, hashes
	}
	file, hashes := kept()
	require.True(t, file)
	require.EqualValues(t, 1, hashes)

	// A discard takes all.
	require.NoError(t, l.runner.Clear(t.Context(), env.Import, contracts.Discarded))
	file, hashes = kept()
	require.False(t, file)
	require.Zero(t, hashes)
}

func TestMendedFilesThatFailedGoWithTheOneThatSucceeds(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	first := cameTo(t, outcome)
	l.mend(t, importID, 2, first, lenient, "nick,email,password,usher_row\ncy,cy@example.org,a long password,\n")
	files := func() (n int) {
		for _, err := range l.Bucket.Below(t.Context(), bucket.ArchiveKey(importID, "")) {
			require.NoError(t, err)
			n++
		}
		return n
	}
	require.Equal(t, 1, files(), "it can be replayed")
	l.mend(t, importID, 3, first, lenient, "nick,email,password,usher_row\ncy,cy@example.org,,"+made.Keys.Key(importID, 1)+"\n")
	require.Zero(t, files())
}

func TestRowsThatAreNotLeftOutCannotBeMended(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.with(t, contracts.UserList, lenient, partlyBad)
	first, before := cameTo(t, outcome), l.leftOut(t, importID)
	attempt := 1
	for name, rows := range map[string]string{
		"without a key":     "nick,email,usher_row\ncy,cy@example.org,\n",
		"without a column":  "nick,email\ncy,cy@example.org\n",
		"of another import": "nick,email,usher_row\ncy,cy@example.org," + made.Keys.Key(uuid.NewString(), 1) + "\n",
		"of an account":     "nick,email,usher_row\nada,ada@example.org," + made.Keys.Key(importID, 0) + "\n",
		"for the second time": "nick,email,usher_row\ncy,cy@example.org," + made.Keys.Key(importID, 1) +
			"\ncyan,cyan@example.org," + made.Keys.Key(importID, 1) + "\n",
	} {
		attempt++
		outcome := l.mend(t, importID, attempt, first, lenient, rows)
		failed, ok := outcome.(*contracts.StageFailed)
		require.True(t, ok, "%s: %+v", name, outcome)
		require.Equal(t, "invalid_list", failed.Code)
		require.Equal(t, 1, failed.Found.Error, name)
		require.Equal(t, "row_key_invalid", failed.FirstIssues[0].Code, name)
		require.Equal(t, before, l.leftOut(t, importID))
		require.Equal(t, 1, l.users(t, importID))
	}
}
