package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/problem"
)

// soon is how long a test waits for what has to happen.
const soon = 30 * time.Second

const id = "01c2a35e-00d0-7c42-9a60-2f8d1c0b7e11"

// bench is a hub that runs on a real broker, and a server with the stream of every
// import at its id.
type bench struct {
	hub    *Hub
	broker *broker.Broker
	web    *httptest.Server
	// kept is what a look finds.
	kept atomic.Pointer[found]
	// looks counts them, open the streams that are not over.
	looks, open atomic.Int64
	end         func()
}

func newBench(t *testing.T, beat time.Duration) *bench {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b := &bench{hub: NewHub()}
	b.hub.heartbeat = beat
	b.broker, err = broker.Connect(t.Context(), broker.Config{Replicas: 1}, quiet, server.Option())
	require.NoError(t, err)
	t.Cleanup(b.broker.Close)

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.hub.Run(ctx, b.broker, quiet) }()
	b.end = func() {
		cancel()
		require.NoError(t, <-ended)
		ended <- nil
	}
	news, leave := b.hub.watch("listening")
	defer leave()
	require.Eventually(t, func() bool {
		require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{}, "listening"), []byte("{}")))
		return len(news) > 0
	}, soon, time.Millisecond)

	b.web = httptest.NewServer(problem.Handler(quiet, func(w http.ResponseWriter, r *http.Request) error {
		b.open.Add(1)
		defer b.open.Add(-1)
		return b.hub.Stream(w, r, strings.TrimPrefix(r.URL.Path, "/"), func(context.Context) (Document, error) {
			b.looks.Add(1)
			kept := b.kept.Load()
			return kept.document, kept.err
		})
	}))
	t.Cleanup(b.web.Close)
	t.Cleanup(b.end) // before the server, which waits for the streams
	return b
}

// found is what a look comes to.
type found struct {
	document Document
	err      error
}

// keep is what looks find from now on.
func (b *bench) keep(d Document) { b.kept.Store(&found{document: d}) }

// document is one of a version.
func document(t *testing.T, version int64, state contracts.State) Document {
	t.Helper()
	d, err := Of(contracts.Task{ID: id, State: state, Version: version})
	require.NoError(t, err)
	return d
}

// tell tells of a document as the projector does, which has kept it before.
func (b *bench) tell(t *testing.T, d Document) {
	t.Helper()
	if kept := b.kept.Load(); kept.err == nil && d.Version > kept.document.Version {
		b.keep(d)
	}
	require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{Subject: "olga"}, id), d.Text))
}

// stream opens the stream of an import, for who has a version.
func (b *bench) stream(t *testing.T, of string, seen string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.web.URL+"/"+of, nil)
	require.NoError(t, err)
	if seen != "" {
		request.Header.Set("Last-Event-ID", seen)
	}
	response, err := b.web.Client().Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// versions reads a stream to its end and returns the ids of its events.
func versions(t *testing.T, r *http.Response) []int64 {
	t.Helper()
	var all []int64
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			v, err := strconv.ParseInt(text, 10, 64)
			require.NoError(t, err)
			all = append(all, v)
		}
	}
	require.NoError(t, lines.Err())
	return all
}

// readLines returns the next n lines of a stream.
func readLines(t *testing.T, r *bufio.Reader, n int) string {
	t.Helper()
	var text strings.Builder
	for range n {
		line, err := r.ReadString('\n')
		require.NoError(t, err, text.String())
		text.WriteString(line)
	}
	return text.String()
}

func TestStreamIsServerSentEventsOfWholeDocumentsUntilTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(document(t, 3, contracts.Started))
	response := b.stream(t, id, "")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	require.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
	body := bufio.NewReader(response.Body)
	event := func(d Document) string { return fmt.Sprintf("id: %d\ndata: %s\n\n", d.Version, d.Text) }
	require.Equal(t, "retry: 1000\n\n"+event(document(t, 3, contracts.Started)), readLines(t, body, 5))
	b.tell(t, document(t, 4, contracts.Started))
	require.Equal(t, event(document(t, 4, contracts.Started)), readLines(t, body, 3))
	b.tell(t, document(t, 4, contracts.Failure)) // another of the same version
	b.tell(t, document(t, 2, contracts.Failure)) // one that comes late
	require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{}, id), []byte("{")))
	require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{}, "another"), document(t, 9, contracts.Success).Text))
	b.tell(t, document(t, 6, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Equal(t, event(document(t, 6, contracts.Success)), string(rest))
	require.Eventually(t, func() bool { return b.open.Load() == 0 }, soon, time.Millisecond)
	require.Empty(t, b.hub.watchers)
}

func TestWhoComesAgainGetsOnlyWhatIsNewer(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(document(t, 5, contracts.Started))
	waiting := b.stream(t, id, "5")
	ahead := b.stream(t, id, "6") // of another replica, say, that was told earlier
	b.tell(t, document(t, 6, contracts.Started))
	b.tell(t, document(t, 7, contracts.Success))
	got := versions(t, waiting)
	require.Subset(t, []int64{6, 7}, got)
	require.EqualValues(t, 7, got[len(got)-1])
	require.Equal(t, []int64{7}, versions(t, ahead))

	b.keep(document(t, 7, contracts.Success))
	response := b.stream(t, id, "7")
	require.Equal(t, http.StatusNoContent, response.StatusCode)
	require.Empty(t, versions(t, response))
	for _, seen := range []string{"", "6", "0", "-7", "x", "7.0", "99999999999999999999"} {
		require.Equal(t, []int64{7}, versions(t, b.stream(t, id, seen)), seen)
	}
	// Versions start over with a projection that is made anew.
	require.Equal(t, []int64{7}, versions(t, b.stream(t, id, "8")))
}

func TestEndOfAnAttemptThatHasBeenReplayedIsNotTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(document(t, 1, contracts.Started))
	response := b.stream(t, id, "")
	body := bufio.NewReader(response.Body)
	readLines(t, body, 5)

	// The projector comes to the failure after the replay of it was accepted, of
	// which a look knows.
	b.keep(document(t, 3, contracts.Started))
	require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{}, id), document(t, 2, contracts.Failure).Text))
	require.Contains(t, readLines(t, body, 3), "id: 3\n")

	b.tell(t, document(t, 4, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Contains(t, string(rest), "id: 4\n")
}

func TestHeadOfAStreamDoesNotWait(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(document(t, 5, contracts.Started))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, b.web.URL+"/"+id, nil)
	require.NoError(t, err)
	response, err := b.web.Client().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
}

func TestHeartbeatFindsWhatNobodyHasTold(t *testing.T) {
	t.Parallel()
	b := newBench(t, 5*time.Millisecond)
	b.keep(document(t, 1, contracts.Started))
	body := bufio.NewReader(b.stream(t, id, "").Body)
	readLines(t, body, 5)
	require.Equal(t, ":\n\n:\n\n", readLines(t, body, 4), "it says that it is there")
	b.keep(document(t, 2, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Contains(t, string(rest), "id: 2\n")
}

func TestStreamOutlivesADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	b := newBench(t, 5*time.Millisecond)
	b.keep(document(t, 1, contracts.Started))
	response := b.stream(t, id, "1")
	b.kept.Store(&found{err: errors.New("the database is away")})
	before := b.looks.Load()
	require.Eventually(t, func() bool { return b.looks.Load() > before+3 }, soon, time.Millisecond)
	b.keep(document(t, 2, contracts.Success))
	require.Equal(t, []int64{2}, versions(t, response))
}

func TestStreamEndsWithItsImport(t *testing.T) {
	t.Parallel()
	b := newBench(t, 5*time.Millisecond)
	b.keep(document(t, 1, contracts.Started))
	response := b.stream(t, id, "")
	b.kept.Store(&found{err: problem.New(http.StatusNotFound, "not_found", "It is gone.")})
	require.Equal(t, []int64{1}, versions(t, response))
	require.Equal(t, http.StatusNotFound, b.stream(t, id, "").StatusCode)
}

func TestStreamEndsWithItsClient(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(document(t, 1, contracts.Started))
	response := b.stream(t, id, "")
	require.NoError(t, response.Body.Close())
	require.Eventually(t, func() bool { return b.open.Load() == 0 }, soon, time.Millisecond)
}

// large is a document that no buffer of a connection takes.
func large(version int64, state contracts.State) Document {
	text := fmt.Sprintf(`{"version":%d,"state":%q,"message":%q}`, version, state, strings.Repeat("x", 16<<20))
	return Document{Version: version, Final: state.Final(), Text: []byte(text)}
}

// stall opens a stream and reads nothing of it.
func (b *bench) stall(t *testing.T) {
	t.Helper()
	connection, err := net.Dial("tcp", b.web.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	_, err = io.WriteString(connection, "GET /"+id+" HTTP/1.1\r\nHost: usher.example\r\n\r\n")
	require.NoError(t, err)
}

func TestClientThatDoesNotReadHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(large(1, contracts.Started))
	b.stall(t)
	require.Eventually(t, func() bool { return b.looks.Load() == 1 }, soon, time.Millisecond)
	b.keep(document(t, 1, contracts.Started))
	body := bufio.NewReader(b.stream(t, id, "").Body)
	readLines(t, body, 5)
	for version := range int64(100) {
		b.tell(t, document(t, version+2, contracts.Started))
		require.Contains(t, readLines(t, body, 3), fmt.Sprintf("id: %d\n", version+2))
	}
	require.EqualValues(t, 2, b.open.Load(), "the other one still waits for its client")
}

func TestWhoIsSlowGetsTheNewestAndNothingElse(t *testing.T) {
	t.Parallel()
	h := NewHub()
	news, leave := h.watch(id)
	for _, version := range []int64{1, 3, 2} {
		require.NoError(t, h.hear("usher.live.olga."+id, document(t, version, contracts.Started).Text))
	}
	require.EqualValues(t, 3, (<-news).Version)
	require.Empty(t, news)
	leave()
	require.NoError(t, h.hear("usher.live.olga."+id, document(t, 4, contracts.Started).Text))
	require.Empty(t, news)
	require.Empty(t, h.watchers)
}

func TestEndOfTheHubEndsEveryStreamAlsoOfWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.keep(large(1, contracts.Started))
	b.stall(t)
	require.Eventually(t, func() bool { return b.looks.Load() == 1 }, soon, time.Millisecond)
	b.keep(document(t, 2, contracts.Started))
	reading := b.stream(t, id, "")
	b.end()
	require.Equal(t, []int64{2}, versions(t, reading))
	require.Eventually(t, func() bool { return b.open.Load() == 0 }, soon, time.Millisecond)
	require.Equal(t, []int64{2}, versions(t, b.stream(t, id, "")), "and those that come later after one document")
}

func TestWhatChangesDuringTheFirstLookIsNotMissed(t *testing.T) {
	t.Parallel()
	h := NewHub()
	h.heartbeat = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	kept := document(t, 1, contracts.Started)
	require.NoError(t, h.Stream(answer, request, id, func(context.Context) (Document, error) {
		found := kept
		kept = document(t, 2, contracts.Success)
		return found, h.hear("usher.live.olga."+id, kept.Text)
	}))
	require.NoError(t, ctx.Err())
	require.Equal(t, []int64{1, 2}, versions(t, answer.Result()))
}
