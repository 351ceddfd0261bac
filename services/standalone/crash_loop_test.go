package standalone_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
)

// An import that ends the process of a stage each time it is tried ends itself, without
// another run, and can be replayed.
func TestImportThatKillsItsProcessInEachTryEndsInAFailureThatCanBeReplayed(t *testing.T) {
	t.Parallel()
	const tries = 2
	c := clusterOn(t, startBroker(t), testDatabase(t), "file://"+t.TempDir(), "USHER_MAX_TRIES=2")
	db := openDatabase(t, c.databaseURL)
	front := c.run(t, "ingest", "query", "event", "people", "media", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	letGo := hold(t, db, "schedule.sessions", everybody) // so schedule cannot get to an end

	id := olga.upload(t, made(t, 10, 5, 1))
	waiting := heldBy("schedule.sessions")
	for range tries {
		schedule := c.run(t, "schedule")
		awaitHeld(t, db, "schedule.sessions")
		schedule.kill(t)
		// The server learns late that who has asked is gone.
		_, err := db.NewRaw("SELECT pg_terminate_backend(pid) FROM " + waiting).Exec(t.Context())
		require.NoError(t, err)
		require.Eventually(t, func() bool { return howMany(t, db, waiting) == 0 }, patience, 10*time.Millisecond)
	}
	c.run(t, "schedule")
	task := olga.ended(t, id)
	require.Equal(t, contracts.Failure, task.State)
	require.Equal(t, contracts.Schedule, task.Stage)
	require.Equal(t, stage.CodeTriesExhausted, task.Error.Code)
	require.Contains(t, task.Error.Detail, "given up after 2 tries; its process ended in each of them")
	require.Zero(t, howMany(t, db, waiting), "it was not run again")

	letGo()
	status, _ := olga.replay(t, id, `{}`)
	require.Equal(t, http.StatusAccepted, status)
	result := olga.succeededIn(t, id, 2)
	require.Equal(t, 10, olga.total(t, "/v1/events/"+result.ID+"/sessions"))
}
