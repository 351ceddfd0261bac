package command

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// stageServer answers a request by a document and remembers what was asked.
func stageServer(t *testing.T, status int, document string) (client.Config, *string) {
	t.Helper()
	asked := new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing fails the test below
		*asked = r.Method + " " + r.URL.EscapedPath() + " " + string(body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, document)
	}))
	t.Cleanup(server.Close)
	return client.Config{Server: server.URL}, asked
}

func TestStageListIsATable(t *testing.T) {
	t.Parallel()
	oldest := time.Now().Add(-3*time.Minute - 12*time.Second)
	until := time.Date(2031, 5, 2, 13, 0, 0, 0, time.UTC)
	text := stagesText([]client.Stage{
		{Stage: "event", Kind: "event-archive", Instances: make([]struct {
			Host string `json:"host"`
		}, 2)},
		{Stage: "media", Kind: "event-archive", Waiting: 14, InFlight: 4, Tried: 1, OldestSince: &oldest, PausedUntil: &until},
	}, oldest.Add(3*time.Minute+12*time.Second))
	require.Equal(t, `STAGE  KIND           RUNNING  WAITING  IN FLIGHT  TRIED  OLDEST  PAUSED UNTIL
event  event-archive  2        0        0          0      -       -
media  event-archive  0        14       4          1      3m12s   `+timeText(&until)+`
`, text)
}

func TestStageListReadsWhatTheServerSays(t *testing.T) {
	t.Parallel()
	config, asked := stageServer(t, http.StatusOK, `{"data":[{"stage":"media","kind":"event-archive","instances":[{"id":"a","host":"b","since":"2031-05-02T13:00:00Z"}],
		"waiting":14,"in_flight":4,"tried":1,"oldest_since":null,"paused_until":null}]}`)
	terminal := newRecorder(false)
	require.NoError(t, (&StageList{Config: config}).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "GET /v1/stages ", *asked)
	require.Contains(t, terminal.out.String(), "media  event-archive  1        14       4          1      -       -\n")
}

func TestStagePauseSaysUntilWhen(t *testing.T) {
	t.Parallel()
	config, asked := stageServer(t, http.StatusOK, `{"stage":"media","paused_until":"2031-05-02T13:00:00Z"}`)
	terminal := newRecorder(false)
	require.NoError(t, (&StagePause{Config: config, Stage: "media", For: 90 * time.Minute}).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, `POST /v1/stages/media/pause {"for":"1h30m0s"}`, *asked)
	until := time.Date(2031, 5, 2, 13, 0, 0, 0, time.UTC)
	require.Equal(t, "media is paused until "+timeText(&until)+".\n", terminal.out.String())
}

func TestStageThatIsNotThereIsRefusedWithThoseThatAre(t *testing.T) {
	t.Parallel()
	config, _ := stageServer(t, http.StatusNotFound, `{"title":"Not Found","detail":"There is no such stage; there are event, media.","code":"unknown_stage"}`)
	terminal := newRecorder(false)
	require.EqualError(t, (&StagePause{Config: config, Stage: "cake", For: time.Hour}).Run(t.Context(), &terminal.Terminal),
		"Not Found: There is no such stage; there are event, media. (unknown_stage)")
}

func TestStageResumeSaysThatItGoesOn(t *testing.T) {
	t.Parallel()
	config, asked := stageServer(t, http.StatusOK, `{"stage":"media","paused_until":null}`)
	terminal := newRecorder(false)
	require.NoError(t, (&StageResume{Config: config, Stage: "media"}).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "POST /v1/stages/media/resume {}", *asked)
	require.Equal(t, "media goes on.\n", terminal.out.String())
}
