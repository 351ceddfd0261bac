package people

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/people/internal/list"
)

// made is what the stages of these tests work with.
var made = list.Lists{Hashing: make(list.Hashing, 2), Keys: rowKeys()}

// rowKeys are the keys of rows of these tests.
func rowKeys() *auth.RowKeys {
	keys, err := auth.NewRowKeys(auth.Config{Secret: "a secret for tests, 32 bytes and more"})
	if err != nil {
		panic(err)
	}
	return keys
}

// lists is the people stage of lists with a world around it.
type lists struct {
	stagetest.World
	runner *stage.Runner
}

func newLists(t *testing.T) lists {
	t.Helper()
	w := stagetest.NewWorld(t, service.Migrations(Service())...)
	return lists{World: w, runner: stage.NewRunner(listStage(made), w.Resources)}
}

// request is the message that a list is uploaded with.
func (l lists) request(t *testing.T, content string) (importID string, msg *message.Message) {
	t.Helper()
	env := stagetest.NewEnvelope(contracts.UserList)
	blob := l.Upload(t, env.Import, []byte(content))
	data, err := contracts.Encode(env, &contracts.ImportRequested{Blob: blob, FileName: "crew.csv", Size: int64(len(content)), SHA256: "00"})
	require.NoError(t, err)
	msg = message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	return env.Import, msg
}

// imported runs a list through the stage and returns its outcome.
func (l lists) imported(t *testing.T, content string) (importID string, outcome contracts.Payload) {
	t.Helper()
	importID, msg := l.request(t, content)
	require.NoError(t, l.runner.Handle(msg))
	_, outcome, ok := l.Outcome(t.Context(), t, listStage(made), importID, 1)
	require.True(t, ok)
	return importID, outcome
}

// refused runs a list that must fail through the stage and returns what is said
// of it, as "code line:column".
func (l lists) refused(t *testing.T, content string) []string {
	t.Helper()
	importID, outcome := l.imported(t, content)
	failed, ok := outcome.(*contracts.StageFailed)
	require.True(t, ok, "%+v", outcome)
	require.Equal(t, stage.CodeInvalidList, failed.Code)
	require.NotEmpty(t, failed.Reason)
	var told []string
	for _, i := range failed.FirstIssues {
		if i.Severity != contracts.Error {
			continue
		}
		require.Equal(t, "crew.csv", i.File)
		if i.Severity == contracts.Info {
			continue // how the list is written
		}
		told = append(told, fmt.Sprintf("%s %d:%d", i.Code, i.Line, i.Column))
	}
	require.Zero(t, l.users(t, importID))
	return told
}

// users counts the accounts of an import.
func (l lists) users(t *testing.T, importID string) int {
	t.Helper()
	n, err := l.DB.NewSelect().TableExpr("people.users").Where("import_id = ?", importID).Count(t.Context())
	require.NoError(t, err)
	return int(n)
}

// uploaded tells whether the list still lies in the bucket.
func (l lists) uploaded(t *testing.T, importID string) bool {
	t.Helper()
	there, err := l.Bucket.Exists(t.Context(), bucket.ArchiveKey(importID, "upload"))
	require.NoError(t, err)
	return there
}

const crew = "nick,email,password\nada,ada@example.org,secret horse\nbob,bob@example.org,secret mouse\n"

func TestListStageKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	stagetest.Exercise(t, stagetest.Subject{
		Stage:      listStage(made),
		Migrations: service.Migrations(Service()),
		Input: func(_ testing.TB, importID string) []byte {
			return []byte("nick,email,password\na-" + importID[:8] + ",a-" + importID + "@example.org,secret horse\n" +
				"b-" + importID[:8] + ",b-" + importID + "@example.org,secret mouse\n")
		},
		Broken: []byte("nick,email,password\nada,nowhere,short\n"),
		Rows:   map[string]int{"people.users": 2},
	})
}

func TestListWithoutPasswordsKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	stagetest.Exercise(t, stagetest.Subject{
		Stage:      listStage(made),
		Migrations: service.Migrations(Service()),
		Input: func(_ testing.TB, importID string) []byte {
			return []byte("nick,email\na-" + importID[:8] + ",a-" + importID + "@example.org\nb-" + importID[:8] + ",b-" + importID + "@example.org\n")
		},
		Broken: []byte("nick,email\nada,nowhere\n"),
		Rows:   map[string]int{"people.users": 2},
	})
}

func TestAccountsOfAListStayWhoTheyAreInTheNextAttempt(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"with passwords": crew, "without": townsfolk} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLists(t)
			importID, _ := l.with(t, contracts.UserList, contracts.Options{}, content)
			subjects := func() (all []string) {
				require.NoError(t, l.DB.NewRaw("SELECT nick || subject FROM people.users WHERE import_id = ? ORDER BY id", importID).Scan(t.Context(), &all))
				return all
			}
			before := subjects()
			require.Len(t, before, 2)
			_, err := l.DB.NewRaw("UPDATE people.users SET password_hash = 'theirs' WHERE nick = 'ada'").Exec(t.Context())
			require.NoError(t, err)

			env := stagetest.NewEnvelope(contracts.UserList)
			env.Import, env.Attempt = importID, 2
			data, err := contracts.Encode(env, &contracts.ReplayRequested{
				Carried: contracts.Carried{Blob: l.Upload(t, importID, []byte(content)), FileName: "crew.csv"}, From: contracts.People, By: env.Owner,
			})
			require.NoError(t, err)
			msg := message.NewMessage(uuid.NewString(), data)
			msg.SetContext(t.Context())
			require.NoError(t, l.runner.Handle(msg))
			_, outcome, ok := l.Outcome(t.Context(), t, listStage(made), importID, 2)
			require.True(t, ok)
			require.Equal(t, 2, cameTo(t, outcome).Created)
			require.Equal(t, before, subjects())
			var hash string
			require.NoError(t, l.DB.NewRaw("SELECT password_hash FROM people.users WHERE nick = 'ada'").Scan(t.Context(), &hash))
			require.Equal(t, "theirs", hash)
		})
	}
}

func TestListThatOnlySaysThatItIsUTF8IsRefusedAtTheRowsWhereItIsNot(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	content := "\ufeffnick,email,city\nada,ada@example.org,M\xfcnchen\nbob,bob@example.org,Bern\n"
	require.Equal(t, []string{"not_utf8 2:21"}, l.refused(t, content))
	_, outcome := l.with(t, contracts.UserList, contracts.Options{Mode: contracts.Lenient}, content)
	require.Equal(t, contracts.Accounts{Created: 1, Invited: 1, Failed: 1}, cameTo(t, outcome))
}

func TestUsersOfAListHaveTheirOwnPasswordsHashed(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, outcome := l.imported(t, crew)
	done, ok := contracts.CompletedOf(outcome)
	require.True(t, ok)
	require.Equal(t, map[contracts.EntityType]int{contracts.Users: 2}, done.Counts)
	require.Equal(t, map[contracts.EntityType]int{contracts.Users: 2}, done.Totals)

	var rows []struct {
		Nick, NickKey, Subject, PasswordHash string
		IsAdmin                              bool
	}
	require.NoError(t, l.DB.NewSelect().TableExpr("people.users").Column("nick", "nick_key", "subject", "password_hash", "is_admin").
		Where("import_id = ?", importID).OrderExpr("nick").Scan(t.Context(), &rows))
	require.Len(t, rows, 2)
	require.True(t, auth.PasswordMatches(rows[0].PasswordHash, "secret horse"))
	require.True(t, auth.PasswordMatches(rows[1].PasswordHash, "secret mouse"))
	require.False(t, auth.PasswordMatches(rows[0].PasswordHash, "secret mouse"))
	for _, row := range rows {
		require.Contains(t, row.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$")
		require.NoError(t, uuid.Validate(row.Subject))
		require.False(t, row.IsAdmin)
	}
}

func TestNicksAndAddressesThatAccountsHaveAreAllToldAndNobodyIsMade(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.imported(t, crew)
	told := l.refused(t, "nick,email,password\nADA,ada2@example.org,secret horse\nnew,BOB@example.org,secret horse\nfine,fine@example.org,secret horse\nbo b,x@example.org,secret horse\n")
	require.ElementsMatch(t, []string{"nick_taken 2:1", "email_taken 3:5", "nick_characters 5:1"}, told)
}

func TestOfTwoListsAtOnceWithTheSameNickOneIsRefusedWhole(t *testing.T) {
	t.Parallel()
	t.Run("with passwords", func(t *testing.T) {
		t.Parallel()
		oneIsRefusedWhole(t, "nick,email,password\nada,ada@example.org,secret horse\nx,x@example.org,secret horse\n",
			"nick,email,password\ny,y@example.org,secret horse\nAda,ada2@example.org,secret horse\n")
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		oneIsRefusedWhole(t, "nick,email\nada,ada@example.org\nx,x@example.org\n", "nick,email\ny,y@example.org\nAda,ada2@example.org\n")
	})
}

func oneIsRefusedWhole(t *testing.T, list, sameNick string) {
	t.Helper()
	l := newLists(t)
	first, one := l.request(t, list)
	second, other := l.request(t, sameNick)
	done := make(chan error, 2)
	for _, msg := range []*message.Message{one, other} {
		go func() {
			// The loser of a race meets the unique key, and is tried again.
			err := l.runner.Handle(msg)
			if err != nil {
				err = l.runner.Handle(msg)
			}
			done <- err
		}()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.ElementsMatch(t, []int{2, 0}, []int{l.users(t, first), l.users(t, second)})
	failures := 0
	for _, id := range []string{first, second} {
		_, outcome, ok := l.Outcome(t.Context(), t, listStage(made), id, 1)
		require.True(t, ok)
		if failed, ok := outcome.(*contracts.StageFailed); ok {
			failures++
			require.Equal(t, stage.CodeInvalidList, failed.Code)
			require.Equal(t, "nick_taken", failed.FirstIssues[0].Code)
		}
	}
	require.Equal(t, 1, failures)
}

// An upload that got no clear answer leaves its file and is sent again under the
// same key, so an import may have several, all with the passwords in plain.
func TestEveryUploadOfAListGoesWithIt(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, msg := l.request(t, crew)
	before := bucket.ArchiveKey(importID, "an upload before")
	_, err := l.Bucket.Store(t.Context(), before, strings.NewReader(crew), "text/csv")
	require.NoError(t, err)
	require.NoError(t, l.runner.Handle(msg))
	require.False(t, l.uploaded(t, importID))
	there, err := l.Bucket.Exists(t.Context(), before)
	require.NoError(t, err)
	require.False(t, there)
}

// hashes counts the hashes of passwords that are kept for an import.
func (l lists) hashes(t *testing.T, importID string) int {
	t.Helper()
	n, err := l.DB.NewSelect().TableExpr("people.list_hashes").Where("import_id = ?", importID).Count(t.Context())
	require.NoError(t, err)
	return int(n)
}

// Hashes are stored ahead of the transaction, so a run may be about to when a command
// takes its import back.
func TestNoHashesAreStoredOfAListThatWasTakenBack(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	hashing := made
	hashing.Hashing = make(list.Hashing)
	l.runner = stage.NewRunner(listStage(hashing), l.Resources)
	importID, msg := l.request(t, crew)
	// The first password is of a portion that was stored before.
	_, err := l.DB.NewRaw("INSERT INTO people.list_hashes (import_id, blob, n, password_hash) VALUES (?, ?, 0, 'x')",
		importID, bucket.ArchiveKey(importID, "upload")).Exec(t.Context())
	require.NoError(t, err)

	handled := make(chan error, 1)
	go func() { handled <- l.runner.Handle(msg) }()
	stopAmidHash(t, hashing.Hashing, handled)
	require.Equal(t, 1, l.hashes(t, importID))
	require.NoError(t, l.runner.Clear(t.Context(), importID, contracts.Canceled))
	hashing.Hashing <- struct{}{}
	require.NoError(t, <-handled)
	require.Zero(t, l.hashes(t, importID))
}

// stopAmidHash stops a run amid its only hash until it is sent to: in a place for none it
// takes somebody who receives to begin a hash, and somebody who sends to end it.
func stopAmidHash(t *testing.T, place list.Hashing, ended <-chan error) {
	t.Helper()
	select {
	case <-place:
	case err := <-ended:
		require.FailNow(t, "the run has hashed nothing", "%v", err)
	}
}

// A twin that goes on with its passwords when the accounts are there may die before it
// can put anything away.
func TestTwinStoresNoHashesBesideTheAccounts(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	twin, res := made, l.Resources
	twin.Hashing = make(list.Hashing)
	res.Reached = func(s stage.Step) {
		if s == stage.BeforeOutcome {
			runtime.Goexit()
		}
	}
	importID, msg := l.request(t, "nick,email,password\nada,ada@example.org,secret horse\n")
	died := make(chan error)
	go func() {
		defer close(died)
		_ = stage.NewRunner(listStage(twin), res).Handle(msg) // it does not come back
	}()
	stopAmidHash(t, twin.Hashing, died)

	again := msg.Copy()
	again.SetContext(t.Context())
	require.NoError(t, l.runner.Handle(again))
	require.Equal(t, 1, l.users(t, importID))
	twin.Hashing <- struct{}{}
	require.NoError(t, <-died)
	require.Zero(t, l.hashes(t, importID))
}

func TestAListStaysInTheBucketOnlyWhereItCanStillBeWanted(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	done, _ := l.imported(t, crew)
	require.False(t, l.uploaded(t, done), "the accounts are there")

	kept, msg := l.request(t, "nick,email,password\ncy,cy@example.org,secret horse\n")
	require.NoError(t, l.runner.GiveUp(t.Context(), msg))
	require.True(t, l.uploaded(t, kept), "it can be replayed")
	require.NoError(t, l.runner.Clear(t.Context(), kept, contracts.Discarded))
	require.False(t, l.uploaded(t, kept))
}

// The faults are those of an importer that was written long before this one, as
// somebody found them by reading it. Each has a test that names it. The others
// are in pkg/userlist and services/standalone.

func TestFault1AGoodPasswordDoesNotMendABadNickOrAddress(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	l.imported(t, crew)
	require.ElementsMatch(t, []string{"nick_taken 2:1", "email_taken 3:4", "email_invalid 4:4", "nick_repeated 5:1"}, l.refused(t,
		"nick,email,password\nada,new@example.org,long enough\ncy,bob@example.org,long enough\ndi,nowhere,long enough\ncy,cy@example.org,long enough\n"))
}

func TestFault2ABadRowNeitherExcusesNorSpoilsTheOthers(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	// Each row is judged by itself: good rows around a bad one are not blamed, and the last one does not decide.
	require.Equal(t, []string{"password_too_short 3:20"}, l.refused(t,
		"nick,email,password\nada,ada@example.org,long enough\nbob,bob@example.or,short\ncy,cy@example.org,long enough\n"))
	require.Equal(t, []string{"password_too_short 2:21", "password_too_short 4:20"}, l.refused(t,
		"nick,email,password\nada,ada@example.org,short\nbob,bob@example.org,long enough\ncy,cyy@example.org,short\n"))
}

func TestFault3ThePasswordOfTheListIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	importID, _ := l.imported(t, "nick,email,password\nada,ada@example.org, with blanks around \n")
	var hash string
	require.NoError(t, l.DB.NewSelect().TableExpr("people.users").Column("password_hash").Where("import_id = ?", importID).Scan(t.Context(), &hash))
	require.True(t, auth.PasswordMatches(hash, " with blanks around "))
	require.False(t, auth.PasswordMatches(hash, "with blanks around"))
	require.False(t, auth.PasswordMatches(hash, ""))
}

func TestFault7OneBadRowLeavesNobodyAndTheListMayComeAgain(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	rows := ""
	for i := range 30 {
		rows += fmt.Sprintf("user-%d,user%d@example.org,secret horse\n", i, i)
	}
	require.Len(t, l.refused(t, "nick,email,password\n"+rows+"bad nick,last@example.org,secret horse\n"), 1)
	importID, _ := l.imported(t, "nick,email,password\n"+rows)
	require.Equal(t, 30, l.users(t, importID))
	// And again: nobody is doubled.
	require.Len(t, l.refused(t, "nick,email,password\n"+rows), contracts.MaxIssuesInMessage)
}
