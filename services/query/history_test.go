package query_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// replay tells of a replay of the conference's import.
func (c *conference) replay(from contracts.Stage, by contracts.Owner) {
	c.t.Helper()
	c.attempt++
	c.send(contracts.Ingest, c.res.Broker.Names().Control(contracts.EventArchive, c.id), &contracts.ReplayRequested{
		Carried: c.carried, From: from, By: by,
	})
}

// finishFailed tells that the last stage has ended the attempt.
func (c *conference) finishFailed(s contracts.Stage) {
	c.t.Helper()
	c.send(contracts.Notify, c.res.Broker.Names().Control(contracts.EventArchive, c.id), &contracts.ImportFinished{
		State: contracts.Failure, Failure: "The archive is not valid.", FailedStage: s, Code: "invalid_archive", Issues: contracts.IssueCounts{Error: 2},
	})
}

// attempts waits until the history tells of so many: a broker that is slow to answer is
// not waited for, and then a replay that only it knows is not told.
func (c *conference) attempts(n int) (history answer) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		history = c.ok(c.t, c.owner, "/v1/imports/"+c.id+"/history")
		return len(history.data(c.t)) == n
	}, soon, 10*time.Millisecond, "not %d attempts", n)
	return history
}

func TestHistoryIsThatOfTheRequestBeforeTheProjectorKnowsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t) // nobody projects
	c := b.conference(t, olga)
	c.request()
	early := b.ok(t, olga, "/v1/imports/"+c.id+"/history")
	require.Len(t, early.data(t), 1)
	first := at(early.body, "data", 0)
	require.Equal(t, number("1"), at(first, "attempt"))
	require.Equal(t, "event", at(first, "from"))
	require.Equal(t, "PENDING", at(first, "state"))
	require.Equal(t, "olga", at(first, "requested_by", "sub"))
	require.Empty(t, at(first, "stages"))

	b.project(t)
	c.waits(contracts.Pending, "Waiting for event")
	require.Equal(t, early.text, b.ok(t, olga, "/v1/imports/"+c.id+"/history").text, "the projector says the same")
}

func TestHistoryTellsEachAttemptAndWhatItsStagesCameTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	c.complete(contracts.Event, map[contracts.EntityType]int{contracts.Events: 1})
	c.complete(contracts.People, map[contracts.EntityType]int{contracts.Speakers: 187})
	c.fail(contracts.Schedule, contracts.IssueCounts{Error: 2})
	c.waits(contracts.Failure, "The archive is not valid.")
	c.replay(contracts.Schedule, admin.Owner())
	c.waits(contracts.Started, "Waiting for schedule")
	running := c.attempts(2)
	require.Equal(t, "FAILURE", at(running.body, "data", 0, "state"))
	require.NotNil(t, at(running.body, "data", 0, "finished_at"))
	require.Equal(t, "STARTED", at(running.body, "data", 1, "state"))
	require.Nil(t, at(running.body, "data", 1, "finished_at"))
	require.Empty(t, at(running.body, "data", 1, "stages"))

	c.complete(contracts.Schedule, map[contracts.EntityType]int{contracts.Sessions: 493})
	c.complete(contracts.Media, nil)
	c.succeed()
	c.waits(contracts.Success, "Imported Lakeside Open Days")
	ended := b.ok(t, olga, "/v1/imports/"+c.id+"/history")
	require.Len(t, ended.data(t), 2)
	require.Equal(t, at(running.body, "data", 0), at(ended.body, "data", 0), "what is past does not change")

	failed := at(ended.body, "data", 0, "stages", 2)
	require.Equal(t, "schedule", at(failed, "stage"))
	require.Equal(t, "failed", at(failed, "outcome"))
	require.Equal(t, "invalid_archive", at(failed, "code"))
	require.Equal(t, "The archive is not valid.", at(failed, "reason"))
	require.Equal(t, number("1"), at(failed, "tries"))
	require.Equal(t, number("2"), at(failed, "issues", "error"))
	require.Equal(t, map[string]any{"speakers": number("187")}, at(ended.body, "data", 0, "stages", 1, "counts"))

	second := at(ended.body, "data", 1)
	require.Equal(t, number("2"), at(second, "attempt"))
	require.Equal(t, "schedule", at(second, "from"))
	require.Equal(t, "root", at(second, "requested_by", "sub"))
	require.Equal(t, "SUCCESS", at(second, "state"))
	require.NotNil(t, at(second, "finished_at"))
	require.Len(t, at(second, "stages"), 3)
	last := at(second, "stages", 2)
	require.Equal(t, "notify", at(last, "stage"))
	require.Equal(t, "completed", at(last, "outcome"))
	require.Nil(t, at(last, "started_at"))
}

func TestTaskIsOfTheNextAttemptBeforeTheProjectorKnowsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.complete(contracts.Event, nil)
	c.fail(contracts.People, contracts.IssueCounts{Error: 2})
	c.finishFailed(contracts.People)
	failed := c.waits(contracts.Failure, "The archive is not valid.")
	stop()
	require.Equal(t, failed.text, b.ok(t, olga, "/v1/tasks/"+c.id).text)

	c.replay(contracts.People, olga.Owner())
	task := c.waits(contracts.Started, "Waiting for people")
	require.Equal(t, number("2"), task.body["attempt"])
	require.Equal(t, "1", task.header.Get("Retry-After"))
	require.Equal(t, "people", at(c.attempts(2).body, "data", 1, "from"))
	b.refused(t, paul, "/v1/tasks/"+c.id, http.StatusNotFound, "not_found")

	b.project(t)
	require.Eventually(t, func() bool {
		entries, err := b.res.DB.NewSelect().TableExpr("query.history").Where("attempt = 2").Count(t.Context())
		return err == nil && entries == 1
	}, soon, 10*time.Millisecond)
	require.Equal(t, task.text, b.ok(t, olga, "/v1/tasks/"+c.id).text, "the projector says the same")
}

func TestTaskDoesNotEndBeforeTheProjectorKnowsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	c.complete(contracts.Event, nil)
	c.fail(contracts.People, contracts.IssueCounts{Error: 2})
	c.finishFailed(contracts.People)
	c.waits(contracts.Failure, "The archive is not valid.")
	stop()

	c.replay(contracts.People, olga.Owner())
	c.complete(contracts.People, nil)
	c.succeed()
	task := c.waits(contracts.Started, "Waiting for people") // its event is not there for anybody yet
	require.Equal(t, number("2"), task.body["attempt"])
	history := c.attempts(2)
	require.Equal(t, "people", at(history.body, "data", 1, "from"))
	require.Equal(t, "STARTED", at(history.body, "data", 1, "state"))

	b.project(t)
	c.waits(contracts.Success, "Imported Lakeside Open Days")
}

func TestHistoryStaysWhenTheImportIsDiscarded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	c.complete(contracts.Event, nil)
	c.fail(contracts.People, contracts.IssueCounts{Error: 2})
	c.finishFailed(contracts.People)
	c.send(contracts.Event, c.res.Broker.Names().Control(contracts.EventArchive, c.id), &contracts.DiscardRequested{By: olga.Owner()})
	c.waits(contracts.Discarded, "Discarded, cleaning up (0/5)")
	b.folded(t)
	history := b.ok(t, olga, "/v1/imports/"+c.id+"/history")
	require.Equal(t, "DISCARDED", at(history.body, "data", 0, "state"))
	require.Len(t, at(history.body, "data", 0, "stages"), 3)
}
