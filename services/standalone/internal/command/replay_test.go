package command

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// replayer returns the command that replays u's import, which is then in its
// second attempt.
func (u *usher) replayer(watch bool) *Replay {
	inner := u.Config.Handler
	u.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
			_, _ = fmt.Fprintf(w, `{"id":%q,"task_url":"/v1/tasks/%s","attempt":2,"from":"schedule"}`, importID, importID)
			return
		}
		inner.ServeHTTP(w, r)
	})
	return &Replay{
		Config: u.config(), ID: importID, Watch: watch,
		pace: client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute},
	}
}

func second(task contracts.Task) contracts.Task {
	task.Attempt = 2
	return task
}

func TestReplaySaysWhichAttemptBeginsAndWhere(t *testing.T) {
	t.Parallel()
	u := newUsher(t)
	terminal := newRecorder(false)
	require.NoError(t, u.replayer(false).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "Import    "+importID+"\nAttempt   2, from stage schedule\nTask      URL/v1/tasks/"+importID+"\n", u.told(terminal.out.String()))
}

func TestReplayWatchesTheNewAttemptAndNotTheOneThatFailed(t *testing.T) {
	t.Parallel()
	for _, end := range []contracts.Task{second(success(nil, contracts.IssueCounts{})), second(failure())} {
		u := newUsher(t, failure(), failure(), second(state(contracts.Started, contracts.Schedule, "Importing schedule", nil)), end)
		terminal := newRecorder(false)
		err := u.replayer(true).Run(t.Context(), &terminal.Terminal)
		require.Equal(t, end.State == contracts.Success, err == nil, "%v", err)
		require.Contains(t, terminal.out.String(), "Importing schedule\n"+string(end.State))
		require.Equal(t, 1, strings.Count(terminal.out.String(), string(end.State)))
	}
}

func TestReplayThatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusConflict, "Conflict", "The import has succeeded; only one that has failed can be replayed.", "import_succeeded")
	}))
	t.Cleanup(server.Close)
	terminal := newRecorder(false)
	err := (&Replay{Config: client.Config{Server: server.URL, Token: testToken}, ID: importID}).Run(t.Context(), &terminal.Terminal)
	require.EqualError(t, err, "Conflict: The import has succeeded; only one that has failed can be replayed. (import_succeeded)")
	require.Empty(t, terminal.out.String())
}
