package standalone_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/contracttest"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/stage"
)

// refusing makes the database refuse every row of a table, as a full disk or a
// lock that nobody gives back would.
func refusing(t *testing.T, db *bun.DB, table string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the table is closed'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON `+table+` EXECUTE FUNCTION refuse();`)
	require.NoError(t, err)
}

// accepting makes it take them again.
func accepting(t *testing.T, db *bun.DB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), `DROP FUNCTION refuse() CASCADE`)
	require.NoError(t, err)
}

// history is that of an import, as the API tells it.
type history struct {
	Data []struct {
		Attempt     int
		From        contracts.Stage
		RequestedBy contracts.Owner `json:"requested_by"`
		State       contracts.State
		FinishedAt  *time.Time `json:"finished_at"`
		Stages      []struct {
			Stage   contracts.Stage
			Outcome contracts.Outcome
			Code    string
			Reason  string
			Tries   int
			Counts  map[contracts.EntityType]int
		}
	}
}

func (a api) history(t *testing.T, id string) history {
	t.Helper()
	var h history
	a.get(t, "/v1/imports/"+id+"/history", &h)
	return h
}

// ways says which stages came to what, attempt by attempt.
func (h history) ways() []string {
	var ways []string
	for _, attempt := range h.Data {
		way := fmt.Sprintf("%d from %s:", attempt.Attempt, attempt.From)
		for _, s := range attempt.Stages {
			way += fmt.Sprintf(" %s %s", s.Stage, s.Outcome)
		}
		ways = append(ways, fmt.Sprintf("%s, %s", way, attempt.State))
	}
	return ways
}

// replay asks for a replay and returns the status and the body of the answer.
func (a api) replay(t *testing.T, id, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/v1/imports/"+id+"/replay", strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := contracttest.Client(t, client).Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(answer)
}

// endedIn waits for the end of an attempt.
func (a api) endedIn(t *testing.T, id string, attempt int) contracts.Task {
	t.Helper()
	var task contracts.Task
	require.Eventually(t, func() bool {
		task = a.task(t, id)
		return task.Attempt == attempt && task.State.Final()
	}, patience, glance)
	return task
}

// told waits until the owner is told of so many attempts.
func (a api) told(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return a.total(t, "/v1/notifications") == n }, patience, glance)
}

// stuck is an import that has failed in schedule, because the database refused.
type stuck struct {
	*process
	api
	folder   string
	settings []string
	db       *bun.DB
	archive  []byte
	id       string
}

func newStuck(t *testing.T, tries int, more ...string) *stuck {
	t.Helper()
	database := postgrestest.URL(t)
	s := &stuck{
		folder:   dataFolder(t),
		settings: append(more, "USHER_DATABASE_URL="+database, fmt.Sprintf("USHER_MAX_TRIES=%d", tries)),
		archive:  made(t, 120, 60, 11),
	}
	s.start(t)
	s.db = openDatabase(t, database)

	refusing(t, s.db, "schedule.sessions")
	s.id = s.upload(t, s.archive)
	task := s.ended(t, s.id)
	require.Equal(t, contracts.Failure, task.State, "%+v", task)
	require.Equal(t, contracts.Schedule, task.Stage)
	require.Equal(t, stage.CodeTriesExhausted, task.Error.Code)
	require.Contains(t, task.Error.Detail, "the table is closed")
	require.Equal(t, 1, task.Attempt)
	return s
}

func (s *stuck) start(t *testing.T) {
	t.Helper()
	s.process = up(t, s.folder, s.settings...)
	s.api = as(t, s.process, s.folder, "olga@organizers.example", false)
}

// requireWhole holds the one event of the import against its archive.
func (s *stuck) requireWhole(t *testing.T, task contracts.Task) {
	t.Helper()
	require.Equal(t, contracts.Success, task.State, "%+v", task)
	result, ok := task.Result.(map[string]any)
	require.True(t, ok)
	require.Equal(t, expected(t, s.archive), s.inventory(t, result["id"].(string)))
	require.Len(t, s.all(t, "/v1/events"), 1)
	for entity, p := range task.Progress {
		require.Equal(t, p.Total, p.Done, entity)
	}
	require.Equal(t, 1, task.Progress[contracts.Events].Done, "what earlier stages made is still told")
	require.Equal(t, 60, task.Progress[contracts.Speakers].Done)
	require.Equal(t, 120, task.Progress[contracts.Sessions].Done)
}

func TestImportThatTheDatabaseRefusedIsReplayedAfterARestart(t *testing.T) {
	t.Parallel()
	smtp := newCatcher(t)
	s := newStuck(t, 2, "USHER_SMTP_URL=smtp://"+smtp.address)
	s.told(t, 1)
	s.stop(t)
	s.start(t)
	accepting(t, s.db)

	text := output(t, nil, "replay", s.id, "--watch", "--server", s.process.url, "--token", s.token)
	require.Contains(t, text, "Attempt   2, from stage schedule\n")
	require.Contains(t, text, "\nSUCCESS after ")

	task := s.endedIn(t, s.id, 2)
	s.requireWhole(t, task)
	s.told(t, 2)
	h := s.history(t, s.id)
	require.Equal(t, []string{
		"1 from event: event completed people completed schedule failed notify completed, FAILURE",
		"2 from schedule: schedule completed media completed notify completed, SUCCESS",
	}, h.ways())
	failed := h.Data[0].Stages[2]
	require.Equal(t, stage.CodeTriesExhausted, failed.Code)
	require.Equal(t, 2, failed.Tries)
	require.Contains(t, failed.Reason, "the table is closed")
	require.Equal(t, 120, h.Data[1].Stages[0].Counts[contracts.Sessions])
	require.Equal(t, "olga@organizers.example", h.Data[1].RequestedBy.Email)
	require.NotNil(t, h.Data[0].FinishedAt)

	status, body := s.replay(t, s.id, "")
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, body, "import_succeeded")
	status, body = as(t, s.process, s.folder, "paul@others.example", false).replay(t, s.id, "")
	require.Equal(t, http.StatusNotFound, status, body)
	require.Equal(t, 2, s.task(t, s.id).Attempt)
	require.Eventually(t, func() bool { return len(smtp.distinctIDs(t)) == 2 }, patience, glance)
	require.ElementsMatch(t, []string{
		fmt.Sprintf("<import.%s.1@localhost>", s.id), fmt.Sprintf("<import.%s.2@localhost>", s.id),
	}, smtp.distinctIDs(t), "each attempt has a mail of its own")
}

func TestReplayFromAnEarlierStageMakesTheSameEventOnce(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"people", "event"} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			s := newStuck(t, 1)
			status, body := s.replay(t, s.id, `{"from":"media"}`)
			require.Equal(t, http.StatusUnprocessableEntity, status, body)
			accepting(t, s.db)
			text := output(t, nil, "replay", s.id, "--from", from, "--server", s.process.url, "--token", s.token)
			require.Contains(t, text, "Attempt   2, from stage "+from+"\n")
			s.requireWhole(t, s.endedIn(t, s.id, 2))
		})
	}
}

func TestReplayThatFailsAgainIsReplayedAgainUntilItSucceeds(t *testing.T) {
	t.Parallel()
	s := newStuck(t, 1)
	for attempt := 2; attempt <= 3; attempt++ {
		status, body := s.replay(t, s.id, "")
		require.Equal(t, http.StatusAccepted, status, body)
		task := s.endedIn(t, s.id, attempt)
		require.Equal(t, contracts.Failure, task.State)
		require.Equal(t, contracts.Schedule, task.Stage)
	}
	accepting(t, s.db)
	// Many at once: one of them begins the attempt.
	statuses := make([]int, 6)
	var group sync.WaitGroup
	for n := range statuses {
		group.Go(func() { statuses[n], _ = s.replay(t, s.id, "") })
	}
	group.Wait()
	require.ElementsMatch(t, []int{202, 409, 409, 409, 409, 409}, statuses)
	s.requireWhole(t, s.endedIn(t, s.id, 4))
	require.Len(t, s.history(t, s.id).Data, 4)
}

func TestReplayAndDeletionAtTheSameMomentLeaveAWholeEventOrNone(t *testing.T) {
	t.Parallel()
	s := newStuck(t, 1)
	accepting(t, s.db)
	var event string
	require.NoError(t, s.db.NewRaw(`SELECT id::text FROM event.events WHERE import_id = ?`, s.id).Scan(t.Context(), &event))
	// An attempt that had ended could be deleted as well.
	ada := as(t, s.process, s.folder, "ada@admins.example", true)
	ada.sendTo(t, "/v1/stages/schedule/pause", `{"for":"1h"}`)
	var replayed, deleted int
	var group sync.WaitGroup
	group.Go(func() { replayed, _ = s.replay(t, s.id, "") })
	group.Go(func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.process.url+"/v1/events/"+event, nil)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+s.token)
		res, err := contracttest.Client(t, client).Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		deleted = res.StatusCode
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
	})
	group.Wait()
	t.Logf("replay %d, deletion %d", replayed, deleted)
	ada.sendTo(t, "/v1/stages/schedule/resume", "")
	if replayed == http.StatusAccepted {
		require.Equal(t, http.StatusConflict, deleted)
		s.requireWhole(t, s.endedIn(t, s.id, 2))
		return
	}
	require.Equal(t, http.StatusConflict, replayed)
	require.Equal(t, http.StatusNoContent, deleted)
	require.Eventually(t, func() bool { return s.task(t, s.id).State == contracts.Discarded }, patience, glance)
	// Notify tells of the attempt that failed, or meets the tombstone; nothing
	// else may be left in either case.
	require.Eventually(t, func() bool { return len(remains(t, s.db, s.id)) == 0 }, patience, glance)
	require.Equal(t, []string{
		"1 from event: event completed people completed schedule failed notify completed, DISCARDED",
	}, s.history(t, s.id).ways())
}

func TestKillingTheProcessInAReplayedAttemptLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for name, reached := range map[string]func(contracts.Task) bool{
		"right after the 202":       func(contracts.Task) bool { return true },
		"when the schedule begins":  func(task contracts.Task) bool { return task.Stage == contracts.Schedule },
		"while it waits for media":  func(task contracts.Task) bool { return task.WaitingFor == contracts.Media },
		"while it waits for notify": func(task contracts.Task) bool { return task.WaitingFor == contracts.Notify },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStuck(t, 2)
			s.told(t, 1)
			accepting(t, s.db)
			status, body := s.replay(t, s.id, "")
			require.Equal(t, http.StatusAccepted, status, body)
			task := s.task(t, s.id)
			for !reached(task) && !task.State.Final() {
				task = s.task(t, s.id)
			}
			require.Equal(t, 2, task.Attempt, "nobody who has been told of the attempt sees the one before")
			s.kill(t)
			t.Logf("killed at: %s %s", task.State, task.Message)
			s.start(t)
			s.requireWhole(t, s.endedIn(t, s.id, 2))
			s.told(t, 2)
			require.Len(t, s.history(t, s.id).Data, 2)
		})
	}
}
