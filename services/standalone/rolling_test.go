package standalone_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestRollingRestartOfAllStagesUnderLoadIsNoTryForAnyMessage(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	stages := []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media, contracts.Notify}
	running := make(map[contracts.Stage]*process)
	for _, stage := range stages {
		running[stage] = c.run(t, string(stage))
	}
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 60, 40, 31)
	load := slices.Repeat([][]byte{archive}, 4)
	var ids []string
	for range 2 {
		for _, stage := range stages {
			next := c.run(t, string(stage))
			batch := olga.uploadAtOnce(t, load)
			require.Eventually(t, func() bool { // it is at work on one of them
				task := olga.task(t, batch[0])
				return task.Stage == stage || task.State.Final()
			}, patience, time.Millisecond)
			running[stage].stop(t)
			running[stage] = next
			ids = append(ids, batch...)
		}
	}
	want := expected(t, archive)
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, want, olga.inventory(t, result.ID))
	}
	c.requireOneOutcomeEach(t, ids)
	c.requireOneTryEach(t)
}
