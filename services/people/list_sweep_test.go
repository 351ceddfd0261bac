package people

import (
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/people/internal/list"
)

// keeps makes a list of which the tables keep something, and which stands in the stream
// with its commands, if it was requested at all.
func (l lists) keeps(t *testing.T, kind contracts.Kind, commands ...contracts.Payload) (importID string) {
	t.Helper()
	env := stagetest.NewEnvelope(kind)
	names := l.Broker.Names()
	for _, insert := range []string{
		"INSERT INTO people.list_hashes (import_id, blob, n, password_hash) VALUES (?, 'b', 0, 'x')",
		"INSERT INTO people.failed_rows (import_id, n, line, cells, issues) VALUES (?, 0, 2, '{}', 'x')",
		"INSERT INTO people.failed_titles (import_id, titles) VALUES (?, '{}')",
		"INSERT INTO people.previews (import_id, document) VALUES (?, '{}')",
	} {
		_, err := l.DB.NewRaw(insert, env.Import).Exec(t.Context())
		require.NoError(t, err)
	}
	publish := func(subject string, payload contracts.Payload) {
		data, err := contracts.Encode(env, payload)
		require.NoError(t, err)
		require.NoError(t, l.Broker.Publisher().Publish(subject, message.NewMessage(uuid.NewString(), data)))
	}
	for i, command := range commands {
		if i == 0 {
			publish(names.Outcome(kind, contracts.Ingest, env.Import, 1, contracts.OutcomeCompleted), command)
			continue
		}
		if _, begins := command.(*contracts.ReplayRequested); begins {
			env.Attempt++
		}
		publish(names.Control(kind, env.Import), command)
	}
	return env.Import
}

// keptOf counts what is kept of a list.
func (l lists) keptOf(t *testing.T, importID string) (n int) {
	t.Helper()
	for _, table := range []string{"list_hashes", "failed_rows", "failed_titles", "previews"} {
		rows, err := l.DB.NewSelect().TableExpr("people."+table).Where("import_id = ?", importID).Count(t.Context())
		require.NoError(t, err)
		n += int(rows)
	}
	return n
}

func TestWhatIsKeptOfAListGoesADayAfterItsEnd(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	requested := &contracts.ImportRequested{Blob: "archives/x", FileName: "crew.csv", Size: 1, SHA256: strings.Repeat("0", 64)}
	finished := &contracts.ImportFinished{State: contracts.Success, Result: &contracts.Result{Accounts: &contracts.Accounts{Created: 1, Failed: 1}, URL: "https://usher.example/"}}
	failed := &contracts.ImportFinished{State: contracts.Failure, Failure: "No.", FailedStage: contracts.People, Code: "invalid_list"}
	begun := &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "archives/x"}, From: contracts.People, By: contracts.Owner{Issuer: "usher", Subject: "root"}}

	running := l.keeps(t, contracts.UserList, requested)
	mended := l.keeps(t, contracts.UserList, requested, finished, begun)
	succeeded := l.keeps(t, contracts.UserList, requested, finished)
	check := l.keeps(t, contracts.ListCheck, requested, failed)
	gone := l.keeps(t, contracts.UserList, requested, finished, begun, failed)
	forgotten := l.keeps(t, contracts.UserList)

	sweeper := list.Sweeper{DB: l.DB, Broker: l.Broker, Log: l.Log}
	require.NoError(t, sweeper.Sweep(t.Context(), time.Now().Add(contracts.ListKept)))
	for _, id := range []string{running, mended, succeeded, check, gone} {
		require.Equal(t, 4, l.keptOf(t, id))
	}
	require.Zero(t, l.keptOf(t, forgotten))
	require.NoError(t, sweeper.Sweep(t.Context(), time.Now().Add(contracts.ListKept+2*time.Hour)))
	for _, id := range []string{running, mended} {
		require.Equal(t, 4, l.keptOf(t, id), "it has not ended")
	}
	for _, id := range []string{succeeded, check, gone} {
		require.Zero(t, l.keptOf(t, id))
	}
}

func TestCommandThatCannotBeReadKeepsItsListAndNoOther(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	unread := l.keeps(t, contracts.UserList)
	names := l.Broker.Names()
	garbled := message.NewMessage(uuid.NewString(), []byte("{"))
	require.NoError(t, l.Broker.Publisher().Publish(names.Control(contracts.UserList, unread), garbled))
	others := []string{l.keeps(t, contracts.UserList), l.keeps(t, contracts.UserList), l.keeps(t, contracts.UserList)}
	sweeper := list.Sweeper{DB: l.DB, Broker: l.Broker, Log: l.Log}
	require.NoError(t, sweeper.Sweep(t.Context(), time.Now().Add(contracts.ListKept+2*time.Hour)))
	require.Equal(t, 4, l.keptOf(t, unread))
	for _, id := range others {
		require.Zero(t, l.keptOf(t, id))
	}

	require.NoError(t, l.Broker.Purge(t.Context(), names.ImportsStream(), names.Control(contracts.UserList, unread)))
	require.NoError(t, sweeper.Sweep(t.Context(), time.Now()))
	require.Zero(t, l.keptOf(t, unread), "the stream has forgotten the command")
}

func TestNothingKeptOfAListGoesWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	l := newLists(t)
	kept := l.keeps(t, contracts.UserList)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, l.Log)
	require.NoError(t, err)
	defer server.Close()
	away, err := broker.Connect(t.Context(), broker.Config{Replicas: 1}, l.Log, server.Option())
	require.NoError(t, err)
	away.Close()
	require.Error(t, list.Sweeper{DB: l.DB, Broker: away, Log: l.Log}.Sweep(t.Context(), time.Now().Add(30*24*time.Hour)))
	require.Equal(t, 4, l.keptOf(t, kept))
}
