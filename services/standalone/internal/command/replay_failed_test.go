package command

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// failures is a server with imports that have failed, the ids of which it lists as
// they are given.
type failures struct {
	*httptest.Server
	ids []string
	// refuse answers a replay that is not accepted and then returns true.
	refuse func(w http.ResponseWriter, id string) bool

	mu       sync.Mutex
	listed   []url.Values
	replayed []string
}

func newFailures(t *testing.T, ids ...string) *failures {
	t.Helper()
	f := &failures{ids: ids, refuse: func(http.ResponseWriter, string) bool { return false }}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/imports", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.listed = append(f.listed, r.URL.Query())
		var entries []string
		next := ""
		for n, id := range f.ids { // a page for each
			if r.URL.Query().Get("page[number]") != fmt.Sprint(n+1) {
				continue
			}
			entries = append(entries, fmt.Sprintf(`{"id":%q,"attributes":{"state":"FAILURE","stage":"media","error":{"code":"archive_\u001bgone"}}}`, id))
			if n+1 < len(f.ids) {
				next = `"next":"/more"`
			}
		}
		_, _ = fmt.Fprintf(w, `{"data":[%s],"links":{%s}}`, strings.Join(entries, ","), next)
	})
	mux.HandleFunc("POST /v1/imports/{id}/replay", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		var wanted struct{ From string }
		_ = json.NewDecoder(r.Body).Decode(&wanted)
		id := r.PathValue("id")
		f.replayed = append(f.replayed, strings.TrimSpace(id+" "+wanted.From))
		if f.refuse(w, id) {
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, `{"id":%q,"attempt":2,"from":"media"}`, id)
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// all returns the command that replays them.
func (f *failures) all() *Replay {
	return &Replay{
		Config:    client.Config{Server: f.URL, Token: testToken},
		Selection: Selection{Failed: true, Since: 2 * time.Hour},
		pace:      client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute},
	}
}

func TestReplayOfTheFailedBeginsWithTheOldestAndTellsOfEach(t *testing.T) {
	t.Parallel()
	f := newFailures(t, "newest", "middle", "oldest")
	c := f.all()
	c.Stage, c.Code, c.Kind, c.From = "media", "archive_gone", "event-archive", "people"
	terminal := newRecorder(false)
	require.NoError(t, c.Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "oldest  attempt 2, from stage media\nmiddle  attempt 2, from stage media\nnewest  attempt 2, from stage media\n", terminal.out.String())
	require.Equal(t, []string{"oldest people", "middle people", "newest people"}, f.replayed)
	require.Len(t, f.listed, 3, "all pages before the first replay")
	for name, want := range map[string]string{"state": "FAILURE", "stage": "media", "code": "archive_gone", "kind": "event-archive"} {
		require.Equal(t, want, f.listed[0].Get("filter["+name+"]"))
	}
	since, err := time.Parse(time.RFC3339, f.listed[0].Get("filter[since]"))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(-2*time.Hour), since, time.Minute)
}

func TestReplayOfTheFailedGoesOnBehindOneThatIsRefused(t *testing.T) {
	t.Parallel()
	f := newFailures(t, "c", "b", "a")
	f.refuse = func(w http.ResponseWriter, id string) bool {
		if id == "b" {
			refuse(w, http.StatusGone, "Gone", "The upload is\x1b[31m gone.", "upload_gone")
		}
		return id == "b"
	}
	terminal := newRecorder(false)
	require.EqualError(t, f.all().Run(t.Context(), &terminal.Terminal), "1 of 3 imports were not replayed")
	require.Equal(t, "a  attempt 2, from stage media\nb  refused: Gone: The upload is [31m gone. (upload_gone)\nc  attempt 2, from stage media\n", terminal.out.String())
}

func TestReplayOfTheFailedWaitsForAServerThatIsBusyOrAway(t *testing.T) {
	t.Parallel()
	f := newFailures(t, "b", "a")
	statuses := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway}
	f.refuse = func(w http.ResponseWriter, _ string) bool {
		if len(statuses) == 0 {
			return false
		}
		w.Header().Set("Retry-After", "0")
		refuse(w, statuses[0], "Busy", "Later.", "busy")
		statuses = statuses[1:]
		return true
	}
	terminal := newRecorder(false)
	require.NoError(t, f.all().Run(t.Context(), &terminal.Terminal))
	require.Equal(t, []string{"a", "a", "a", "a", "b"}, f.replayed)
}

func TestReplayOfTheFailedEndsWhereTheNextWouldGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{http.StatusUnauthorized: "does not accept the token", http.StatusServiceUnavailable: "gave up after"} {
		f := newFailures(t, "c", "b", "a")
		f.refuse = func(w http.ResponseWriter, id string) bool {
			if id != "a" {
				refuse(w, status, "No", "No.", "no")
			}
			return id != "a"
		}
		c := f.all()
		c.pace.Patience = 10 * time.Millisecond
		terminal := newRecorder(false)
		err := c.Run(t.Context(), &terminal.Terminal)
		require.ErrorContains(t, err, "2 of 3 imports were not replayed: ")
		require.ErrorContains(t, err, want)
		require.NotContains(t, f.replayed, "c")
	}
}

func TestReplayOfTheFailedEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	f := newFailures(t, "b", "a")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.refuse = func(w http.ResponseWriter, _ string) bool {
		cancel()
		refuse(w, http.StatusServiceUnavailable, "Busy", "Later.", "busy")
		return true
	}
	terminal := newRecorder(false)
	exit := new(Exit)
	require.ErrorAs(t, f.all().Run(ctx, &terminal.Terminal), &exit)
	require.Equal(t, interrupted, exit.Code)
}

func TestReplayOfTheFailedOnlyTellsWhenItIsDry(t *testing.T) {
	t.Parallel()
	f := newFailures(t, "b", "a")
	c := f.all()
	c.DryRun = true
	terminal := newRecorder(false)
	require.NoError(t, c.Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "a  would be replayed from stage media, failed with archive_ gone\nb  would be replayed from stage media, failed with archive_ gone\n", terminal.out.String())
	require.Empty(t, f.replayed)

	none := newFailures(t)
	terminal = newRecorder(false)
	require.NoError(t, none.all().Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "There are no such imports.\n", terminal.out.String())
}

func TestReplayIsOfOneImportOrOfThoseThatHaveFailedNotLongAgo(t *testing.T) {
	t.Parallel()
	for _, c := range []Replay{
		{},
		{DryRun: true},
		{Selection: Selection{Since: time.Hour}},
		{Selection: Selection{Failed: true}},
		{Selection: Selection{Failed: true, Since: -time.Hour}},
		{ID: importID, Selection: Selection{Failed: true, Since: time.Hour}},
		{ID: importID, Selection: Selection{Stage: "media"}},
		{ID: importID, DryRun: true},
		{Watch: true, Selection: Selection{Failed: true, Since: time.Hour}},
	} {
		c.Config = client.Config{Server: "http://127.0.0.1:1", Token: testToken} // nobody is asked
		terminal := newRecorder(false)
		exit := new(Exit)
		require.ErrorAs(t, c.Run(t.Context(), &terminal.Terminal), &exit, "%+v", c)
		require.Equal(t, usage, exit.Code, "%+v", c)
	}
}
