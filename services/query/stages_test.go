package query_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestStagesAreListedForAdministrators(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	names := b.res.Broker.Names()
	_, err := b.res.Broker.Announce(consumers(b.res.Broker, contracts.Media)) // the second one
	require.NoError(t, err)
	c := b.conference(t, olga)
	c.complete(contracts.Schedule, nil)
	until := time.Now().Add(time.Hour)
	require.NoError(t, b.res.Broker.Pause(t.Context(), names.ConsumersOf(contracts.Media)[0], until))

	b.refused(t, nobody, "/v1/stages", http.StatusUnauthorized, "token_missing")
	b.refused(t, olga, "/v1/stages", http.StatusForbidden, "admin_only")
	var list []any
	require.Eventually(t, func() bool { // who is busy is missed for once, and what waits is counted a little later
		list = b.ok(t, admin, "/v1/stages").data(t)
		processes, counted := 0, false
		for _, entry := range list {
			instances, _ := at(entry, "instances").([]any)
			processes += len(instances)
			counted = counted || at(entry, "waiting") == number("1")
		}
		return counted && processes == len(names.Consumers())+1
	}, soon, 10*time.Millisecond)
	require.Len(t, list, len(names.Consumers()))
	for _, entry := range list {
		if at(entry, "stage") != "media" {
			require.Len(t, at(entry, "instances"), 1)
			require.Nil(t, at(entry, "paused_until"))
			require.Nil(t, at(entry, "oldest_since"))
			continue
		}
		require.Equal(t, "event-archive", at(entry, "kind"))
		require.Len(t, at(entry, "instances"), 2)
		require.EqualValues(t, number("1"), at(entry, "waiting"))
		require.EqualValues(t, number("0"), at(entry, "in_flight"))
		require.EqualValues(t, number("0"), at(entry, "tried"))
		require.NotNil(t, at(entry, "oldest_since"))
		paused, err := time.Parse(time.RFC3339, at(entry, "paused_until").(string))
		require.NoError(t, err)
		require.WithinDuration(t, until, paused, time.Second)
	}
}

func TestTaskSaysThatItsStageDoesNotRunAndThePageRepeatsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.leave()
	b.project(t)
	c := b.conference(t, olga)
	c.request()
	var task answer
	require.Eventually(t, func() bool {
		task = b.ok(t, olga, "/v1/tasks/"+c.id)
		return task.body["stage_down_since"] != nil
	}, soon, 20*time.Millisecond)
	since, err := time.Parse(time.RFC3339Nano, task.body["waiting_since"].(string))
	require.NoError(t, err)
	message := "Waiting for event since " + since.Format("2 Jan 15:04") + " UTC; no event service is running"
	require.Equal(t, message, task.body["message"])
	page := b.ask(t, olga, http.MethodGet, "/imports/"+c.id)
	requirePage(t, page, http.StatusOK)
	require.Contains(t, page.text, `<p id="stalled" class="warn" data-part>The step “Check” is not running since `)
	require.Contains(t, page.text, `data-stage="event" data-mark="held"><span class="name">Check</span> <span class="mark">not running</span>`)

	leave, err := b.res.Broker.Announce(consumers(b.res.Broker))
	require.NoError(t, err)
	t.Cleanup(leave)
	c.waits(contracts.Pending, "Waiting for event")
	require.Contains(t, b.ask(t, olga, http.MethodGet, "/imports/"+c.id).text, `<p id="stalled" class="warn" data-part hidden></p>`)
}
