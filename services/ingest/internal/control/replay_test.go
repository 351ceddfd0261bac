package control

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
)

func TestReplayBeginsTheNextAttemptWithTheStageThatFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().completed(contracts.Event, contracts.People).failed(contracts.Schedule).ended(contracts.Schedule)
	a := b.replay(t, i.id, "", "X-Request-Id", "request-7")
	a.accepted(t, 2, contracts.Schedule)
	require.Equal(t, "/v1/tasks/"+i.id, a.body["task_url"])
	require.Equal(t, "request-7", a.header.Get("X-Request-Id"))

	env, replay, stored := i.stored()
	require.Equal(t, 2, env.Attempt)
	require.Equal(t, ada.Owner(), env.Owner)
	require.Equal(t, contracts.EventArchive, env.Kind)
	require.Equal(t, "request-7", env.Correlation)
	require.Equal(t, "ingest", env.Source)
	require.Equal(t, env.ID, stored.ID())
	require.Equal(t, &contracts.ReplayRequested{Carried: i.carried, From: contracts.Schedule, By: ada.Owner()}, replay)
	require.Equal(t, contracts.IssueCounts{Warning: 2}, replay.Issues)
}

func TestReplayCarriesWhatTheStageBeforeHasHandedOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for from, want := range map[contracts.Stage]int{contracts.Event: 0, contracts.People: 1, contracts.Schedule: 2} {
		i := b.imported(t).requested().completed(contracts.Event, contracts.People).failed(contracts.Schedule)
		b.replay(t, i.id, `{"from": "`+string(from)+`"}`).accepted(t, 2, from)
		_, replay, _ := i.stored()
		require.Equal(t, from, replay.From)
		require.Equal(t, "archives/a", replay.Blob)
		require.True(t, replay.Options.Publish)
		require.Equal(t, contracts.IssueCounts{Warning: want}, replay.Issues)
		require.Equal(t, from != contracts.Event, replay.Event != nil)
	}
}

func TestReplayOfAReplayTakesTheNewestCompletion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().completed(contracts.Event, contracts.People).failed(contracts.Schedule).ended(contracts.Schedule)
	b.replay(t, i.id, `{"from":"people"}`).accepted(t, 2, contracts.People)
	i.attempt, i.carried.Issues = 2, contracts.IssueCounts{Warning: 10}
	i.completed(contracts.People, contracts.Schedule).failed(contracts.Media).ended(contracts.Media)
	b.replay(t, i.id, "").accepted(t, 3, contracts.Media)
	_, replay, _ := i.stored()
	require.Equal(t, contracts.IssueCounts{Warning: 12}, replay.Issues)

	// In the third attempt nothing has completed yet, and media fails again.
	i.attempt = 3
	i.failed(contracts.Media)
	b.replay(t, i.id, `{"from":"schedule"}`).accepted(t, 4, contracts.Schedule)
	_, replay, _ = i.stored()
	require.Equal(t, contracts.IssueCounts{Warning: 11}, replay.Issues, "what people have handed on in the second attempt")

	i.attempt = 4
	i.completed(contracts.Schedule).failed(contracts.Media)
	b.replay(t, i.id, `{"from":"people"}`).accepted(t, 5, contracts.People)
	_, replay, _ = i.stored()
	require.Equal(t, contracts.IssueCounts{Warning: 1}, replay.Issues, "the event stage has run in the first attempt only")
}

func TestReplayOfTheLastStage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().completed(contracts.Event, contracts.People, contracts.Schedule, contracts.Media).failed(contracts.Notify)
	b.replay(t, i.id, "").accepted(t, 2, contracts.Notify)
	_, replay, _ := i.stored()
	require.Equal(t, contracts.IssueCounts{Warning: 4}, replay.Issues)
}

func TestReplayKnowsThePipelineOfTheImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t)
	i.kind = contracts.UserList
	i.requested().failed(contracts.People)
	b.who = root
	a := b.replay(t, i.id, `{"from":"event"}`)
	a.refused(t, http.StatusUnprocessableEntity, "bad_stage")
	require.Equal(t, []any{"people"}, a.body["possible"])
	b.replay(t, i.id, "").accepted(t, 2, contracts.People)
	env, _, _ := i.stored()
	require.Equal(t, contracts.UserList, env.Kind)
}

func TestReplayIsRefusedWhereThereIsNothingToReplay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	begun := func() *imported { return b.imported(t).requested().completed(contracts.Event) }
	for name, test := range map[string]struct {
		i    *imported
		code string
	}{
		"just uploaded":      {b.imported(t).requested(), "import_running"},
		"running":            {begun(), "import_running"},
		"succeeded":          {begun().completed(contracts.People, contracts.Schedule, contracts.Media).succeeded(), "import_succeeded"},
		"discarded":          {begun().failed(contracts.People).ended(contracts.People).discarded(), "import_discarded"},
		"discarded at once":  {begun().failed(contracts.People).discarded(), "import_discarded"},
		"event was deleted":  {begun().completed(contracts.People, contracts.Schedule, contracts.Media).succeeded().discarded(), "import_discarded"},
		"replayed just now":  {replayed(t, begun().failed(contracts.People).ended(contracts.People)), "import_running"},
		"replayed, going on": {replayed(t, begun().failed(contracts.People)).completed(contracts.People), "import_running"},
	} {
		t.Run(name, func(t *testing.T) {
			before := test.i.commands()
			b.replay(t, test.i.id, "").refused(t, http.StatusConflict, test.code)
			b.replay(t, test.i.id, `{"from":"nowhere"}`).refused(t, http.StatusConflict, test.code)
			require.Equal(t, before, test.i.commands())
		})
	}
}

// replayed replays an import that has failed and goes on with its next attempt.
func replayed(t *testing.T, i *imported) *imported {
	t.Helper()
	require.Equal(t, http.StatusAccepted, i.replay(t, i.id, "").status)
	i.attempt++
	return i
}

func TestReplayRefusesAStageFromWhichTheImportCannotGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().completed(contracts.Event, contracts.People).failed(contracts.Schedule)
	for _, from := range []string{"media", "notify", "ingest", "nowhere", "Schedule"} {
		a := b.replay(t, i.id, `{"from":"`+from+`"}`)
		a.refused(t, http.StatusUnprocessableEntity, "bad_stage")
		require.Equal(t, []any{"event", "people", "schedule"}, a.body["possible"])
		require.Contains(t, a.body["detail"], "only from event, people, schedule")
	}
	require.Zero(t, i.commands())
}

func TestReplayRefusesABodyThatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event)
	for _, body := range []string{"from=event", `{"stage":"event"}`, `{"from":7}`, `["event"]`, `{"from":"event"} x`, `{`, `{"from":"` + strings.Repeat("x", maxBody) + `"}`} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/v1/imports/"+i.id+"/replay", strings.NewReader(body))
		require.NoError(t, err)
		response, err := b.server.Client().Do(request) // not as the document has it
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusBadRequest, response.StatusCode, body)
	}
	require.Zero(t, i.commands())
	b.replay(t, i.id, `{}`).accepted(t, 2, contracts.Event)
}

func TestReplayIsForTheOwnerAndAdministrators(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event).ended(contracts.Event)
	for _, who := range []auth.Identity{paul, {Issuer: "another", Subject: ada.Subject}} {
		b.who = who
		b.replay(t, i.id, "").refused(t, http.StatusNotFound, "not_found")
	}
	b.who = ada
	for _, id := range []string{uuid.NewString(), strings.ToUpper(i.id), "x", "*", "%3E", "a.b", i.id + ".x"} {
		b.replay(t, id, "").refused(t, http.StatusNotFound, "not_found")
	}
	b.who = root
	b.replay(t, i.id, "").accepted(t, 2, contracts.Event)
	env, replay, _ := i.stored()
	require.Equal(t, ada.Owner(), env.Owner, "it stays the owner's")
	require.Equal(t, root.Owner(), replay.By)
}

// Its owner may have been an administrator when the list was uploaded.
func TestReplayOfAListOfUsersIsForAdministratorsAsItsUploadIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t)
	i.kind = contracts.UserList
	i.requested().failed(contracts.People)
	b.replay(t, i.id, "").refused(t, http.StatusForbidden, "admin_only")
	b.who = paul
	b.replay(t, i.id, "").refused(t, http.StatusNotFound, "not_found")
	require.Zero(t, i.commands())
}

// Its owner may have been an administrator when the export was asked for.
func TestCommandsForTheExportOfAnothersEventAreForAdministrators(t *testing.T) {
	t.Parallel()
	b := setup(t)
	export := func(another bool) *imported {
		i := b.imported(t)
		i.kind = contracts.EventExport
		return i.outcome(contracts.Ingest, contracts.OutcomeCompleted, &contracts.ExportRequested{
			Event:    contracts.EventFacts{ID: "24", Identifier: "c4f1a9e2", Name: "Lakeside Open Days", Timezone: "Europe/Zurich"},
			FileName: "lakeside.zip",
			Export:   contracts.Export{Of: uuid.NewString(), Dialect: "a", AsAdministrator: another},
		}).failed(contracts.Query)
	}
	i := export(true)
	b.replay(t, i.id, "").refused(t, http.StatusForbidden, "admin_only")
	b.who = paul
	b.replay(t, i.id, "").refused(t, http.StatusNotFound, "not_found")
	require.Zero(t, i.commands())
	b.who = root
	b.replay(t, i.id, "").accepted(t, 2, contracts.Query)
	_, replay, _ := i.stored()
	require.True(t, replay.Export.AsAdministrator)

	b.who = ada
	b.replay(t, export(false).id, "").accepted(t, 2, contracts.Query)
}

func TestOfReplaysAtTheSameMomentOneBeginsTheAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 30 {
		i := b.imported(t).requested().completed(contracts.Event, contracts.People).failed(contracts.Schedule).ended(contracts.Schedule)
		var answers [2]answer
		var group sync.WaitGroup
		for n := range answers {
			group.Go(func() { answers[n] = b.replay(t, i.id, "") })
		}
		group.Wait()
		if answers[0].status != http.StatusAccepted {
			answers[0], answers[1] = answers[1], answers[0]
		}
		answers[0].accepted(t, 2, contracts.Schedule)
		require.Equal(t, http.StatusConflict, answers[1].status, "%v", answers[1].body)
		require.Contains(t, []any{"import_moved_on", "import_running"}, answers[1].body["code"])
		require.Equal(t, 2, i.commands(), "the end of the first attempt and one replay")
	}
}

func TestReplayAndDiscardAtTheSameMomentAreOneOfThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event).ended(contracts.Event)
	b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
		i.discarded()
		return next.Publish(topic, msg)
	}}
	b.replay(t, i.id, "").refused(t, http.StatusConflict, "import_discarded")
}

func TestReplayIsNotLostToTheEndOfTheAttemptThatFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event)
	ended := false
	b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
		if !ended {
			ended = true
			i.ended(contracts.Event)
		}
		return next.Publish(topic, msg)
	}}
	b.replay(t, i.id, "").accepted(t, 2, contracts.Event)
	i.stored()
	require.Equal(t, 2, i.commands())
}

func TestReplayThatWasStoredIsAcceptedHoweverLateItIsKnown(t *testing.T) {
	t.Parallel()
	unsent := errors.New("no connection")
	for name, publish := range map[string]func(i *imported, try int, next message.Publisher, topic string, msg *message.Message) error{
		"the confirmation is lost": func(_ *imported, try int, next message.Publisher, topic string, msg *message.Message) error {
			return errors.Join(next.Publish(topic, msg), map[bool]error{true: broker.ErrUnknown}[try == 1])
		},
		"the confirmation is lost and the attempt has ended since": func(i *imported, try int, next message.Publisher, topic string, msg *message.Message) error {
			if try > 1 {
				return next.Publish(topic, msg)
			}
			require.NoError(i.t, next.Publish(topic, msg))
			i.attempt = 2
			i.failed(contracts.Event).ended(contracts.Event)
			return broker.ErrUnknown
		},
		"lost on the way": func(_ *imported, try int, next message.Publisher, topic string, msg *message.Message) error {
			if try == 1 {
				return broker.ErrUnknown
			}
			return next.Publish(topic, msg)
		},
		"not sent": func(_ *imported, try int, next message.Publisher, topic string, msg *message.Message) error {
			if try == 1 {
				return unsent
			}
			return next.Publish(topic, msg)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			i := b.imported(t).requested().failed(contracts.Event)
			tries := 0
			b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
				tries++
				return publish(i, tries, next, topic, msg)
			}}
			b.replay(t, i.id, "").accepted(t, 2, contracts.Event)
			require.Equal(t, 2, tries)
		})
	}
}

func TestReplayThatLostItsPlaceIsRefusedAlsoAfterAnUnknownTry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event)
	tries := 0
	b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
		if tries++; tries > 1 {
			return next.Publish(topic, msg)
		}
		i.attempt = 2
		i.control(contracts.Ingest, &contracts.ReplayRequested{Carried: i.carried, From: contracts.Event, By: ada.Owner()})
		return broker.ErrUnknown
	}}
	b.replay(t, i.id, "").refused(t, http.StatusConflict, "import_moved_on")
	require.Equal(t, 1, i.commands())
}

func TestReplaySaysSoWhereTheBrokerDoesNotTakeIt(t *testing.T) {
	t.Parallel()
	impatient := func(r *Controller) { r.patience = 300 * time.Millisecond }
	unavailable := func(t *testing.T, a answer, code string) {
		t.Helper()
		a.refused(t, http.StatusServiceUnavailable, code)
		require.NotEmpty(t, a.header.Get("Retry-After"))
	}
	t.Run("down", func(t *testing.T) {
		t.Parallel()
		b := setup(t, impatient)
		i := b.imported(t).requested().failed(contracts.Event)
		b.embed.Close()
		unavailable(t, b.replay(t, i.id, ""), "broker_unavailable")
		require.Equal(t, 1, strings.Count(b.logged.String(), "level=ERROR"), b.logged.String())
	})
	t.Run("never confirmed", func(t *testing.T) {
		t.Parallel()
		b := setup(t, impatient)
		i := b.imported(t).requested().failed(contracts.Event)
		b.Publisher = &publisher{publish: func(message.Publisher, string, *message.Message) error { return broker.ErrUnknown }}
		unavailable(t, b.replay(t, i.id, ""), "broker_unavailable")
	})
	t.Run("full", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		i := b.imported(t).requested().failed(contracts.Event)
		b.Publisher = &publisher{publish: func(message.Publisher, string, *message.Message) error { return broker.ErrFull }}
		unavailable(t, b.replay(t, i.id, ""), "import_stream_full")
	})
	t.Run("cannot be read", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		i := b.imported(t).requested().failed(contracts.Event)
		b.Last = func(context.Context, string, string) (broker.Stored, error) {
			return broker.Stored{}, errors.New("no answer")
		}
		unavailable(t, b.replay(t, i.id, ""), "broker_unavailable")
	})
}

func TestReplayOfAnImportThatTheStreamHasForgottenIsOfNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event)
	stream, err := b.broker.JetStream().Stream(t.Context(), b.Names.ImportsStream())
	require.NoError(t, err)
	require.NoError(t, stream.DeleteMsg(t.Context(), 1))
	b.replay(t, i.id, "").refused(t, http.StatusNotFound, "not_found")
}
