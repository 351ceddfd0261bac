package standalone_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// metrics reads what a process shows Prometheus: the value of each series.
func (p *process) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	res, err := client.Get(p.url + "/metrics")
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	series := make(map[string]float64)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64)
		require.NoError(t, err, line)
		series[line[:at]] = value
	}
	return series
}

func TestMetricsTellWhatTheStagesDidAndWhatWaits(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	early := c.run(t, "event", "people")
	olga := c.as(t, front, "olga@organizers.example")
	ids := []string{olga.upload(t, made(t, 5, 5, 1)), olga.upload(t, made(t, 5, 5, 2))}
	for _, id := range ids {
		require.Eventually(t, func() bool {
			return olga.task(t, id).WaitingFor == contracts.Schedule
		}, patience, glance)
	}
	const (
		tries   = `usher_stage_tries_total{kind="event-archive",result="completed",stage="people"}`
		runs    = `usher_stage_duration_seconds_count{kind="event-archive",outcome="completed",stage="event"}`
		waiting = `usher_stage_lag{kind="event-archive",stage="schedule"}` // also of what no process runs
		running = `usher_stage_instances{kind="event-archive",stage="people"}`
	)
	// A stage counts a run once its outcome is out, and who is slow to answer is not counted.
	var fronts map[string]float64
	require.Eventually(t, func() bool {
		shown := early.metrics(t)
		fronts = front.metrics(t)
		return shown[tries] == 2 && shown[runs] == 2 && fronts[waiting] == 2 && fronts[running] == 1
	}, patience, glance)
	require.Contains(t, fronts, `usher_stage_lag{kind="user-list",stage="people"}`)
	require.EqualValues(t, 2, fronts[`usher_imports{kind="event-archive",state="STARTED"}`])
	require.Contains(t, fronts, `usher_stage_instances{kind="event-archive",stage="schedule"}`)
	require.Zero(t, fronts[`usher_stage_instances{kind="event-archive",stage="schedule"}`])

	c.run(t, "schedule", "media", "notify")
	for _, id := range ids {
		olga.succeeded(t, id)
	}
	require.Eventually(t, func() bool {
		shown := front.metrics(t)
		return shown[`usher_stage_lag{kind="event-archive",stage="media"}`] == 0 &&
			shown[`usher_stage_in_flight{kind="event-archive",stage="media"}`] == 0
	}, patience, glance)
	require.EqualValues(t, 2, front.metrics(t)[`usher_imports{kind="event-archive",state="SUCCESS"}`])
	require.EqualValues(t, 2, early.metrics(t)[tries], "and no more")
}
