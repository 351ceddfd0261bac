package live

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
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

var (
	olga = contracts.Owner{Issuer: "usher", Subject: "olga"}
	paul = contracts.Owner{Issuer: "usher", Subject: "paul"}
)

// kept is a source in memory.
type kept struct {
	mu      sync.Mutex
	at      Position
	changes map[string]Change
	// commanded is what is known of an import beside its last change.
	commanded map[string]contracts.Task
	// err is what all looks come to.
	err error
	// looks counts them, and found is called after each look at one import.
	looks int
	found func()
}

func (k *kept) Position(context.Context) (Position, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looks++
	return k.at, k.err
}

func (k *kept) Since(_ context.Context, number int64, limit int) ([]Change, error) {
	all := k.newest(number, math.MaxInt, func(Change) bool { return true })
	slices.Reverse(all)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looks++
	return all[:min(limit, len(all))], k.err
}

func (k *kept) Task(_ context.Context, id string) (contracts.Task, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looks++
	if k.found != nil {
		defer k.found()
	}
	if task, ok := k.commanded[id]; ok {
		return task, k.err
	}
	c, ok := k.changes[id]
	if !ok && k.err == nil {
		return c.Task, problem.New(http.StatusNotFound, "not_found", "It is not there.")
	}
	return c.Task, k.err
}

// newest returns the changes behind a number that are of interest, the newest first.
func (k *kept) newest(number int64, limit int, interesting func(Change) bool) []Change {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []Change
	for c := range maps.Values(k.changes) {
		if c.Number > number && interesting(c) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Change) int { return int(b.Number - a.Number) })
	return all[:min(limit, len(all))]
}

// keep is a commit of the projector.
func (k *kept) keep(owner contracts.Owner, task contracts.Task) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at.Number++
	k.changes[task.ID] = Change{Number: k.at.Number, Owner: owner, Task: task}
}

// set changes something else.
func (k *kept) set(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
}

// bench is a hub that runs on a real broker, and a server with the stream of each
// import at its id, and that of all of an owner at /all/ and the owner's name.
type bench struct {
	*kept
	hub    *Hub
	broker *broker.Broker
	web    *httptest.Server
	// until is when the tokens of all clients expire.
	until time.Time
	end   func()
}

// setting says how the hub of a test is.
type setting func(*Hub)

func beating(every time.Duration) setting { return func(h *Hub) { h.heartbeat = every } }
func pausing(each time.Duration) setting  { return func(h *Hub) { h.pause = each } }

// newBench has a hub that never beats, and does not pause, unless it is set otherwise.
func newBench(t *testing.T, settings ...setting) *bench {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir()}, quiet)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	b := &bench{kept: &kept{at: Position{Epoch: "e"}, changes: make(map[string]Change), commanded: make(map[string]contracts.Task)}}
	b.hub = NewHub(b.kept)
	b.hub.heartbeat, b.hub.pause = time.Hour, 0
	for _, set := range settings {
		set(b.hub)
	}
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
	b.listens(t)

	b.web = httptest.NewServer(problem.Handler(quiet, func(w http.ResponseWriter, r *http.Request) error {
		path := strings.TrimPrefix(r.URL.Path, "/")
		if subject, all := strings.CutPrefix(path, "all/"); all {
			return b.hub.All(w, r, Topic{Issuer: olga.Issuer, Subject: subject}, b.until, func(_ context.Context, number int64, limit int) ([]Change, error) {
				return b.newest(number, limit, func(c Change) bool { return c.Owner.Subject == subject }), nil
			})
		}
		if path == "everything" {
			return b.hub.All(w, r, Topic{}, b.until, func(_ context.Context, number int64, limit int) ([]Change, error) {
				return b.newest(number, limit, func(Change) bool { return true }), nil
			})
		}
		return b.hub.One(w, r, path, b.until, func(ctx context.Context) (contracts.Task, error) { return b.Task(ctx, path) })
	}))
	t.Cleanup(b.web.Close)
	t.Cleanup(b.end) // before the server
	return b
}

// listens waits until the hub hears what is told, which it shows by looking into an end,
// and has done with all that was told for it.
func (b *bench) listens(t *testing.T) {
	t.Helper()
	over := func(id string, again bool) {
		s := &stream{}
		leave := b.hub.enter(Topic{Import: id}, s, Position{Epoch: "e"})
		defer leave()
		told := false
		require.Eventually(t, func() bool {
			if !told || again {
				require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{}, id), []byte(`{"state":"SUCCESS"}`)))
				told = true
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.over
		}, soon, time.Millisecond)
	}
	over("listening", true)
	over("listened", false) // which comes behind all of those
	require.Eventually(t, func() bool {
		b.hub.mu.Lock()
		defer b.hub.mu.Unlock()
		return len(b.hub.ends) == 0
	}, soon, time.Millisecond)
}

// open is how many streams are.
func (b *bench) open() int {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	return b.hub.count
}

// document is one of a version.
func document(version int64, state contracts.State) contracts.Task {
	return contracts.Task{ID: id, State: state, Version: version}
}

// text is how it is told and sent.
func text(t *testing.T, task contracts.Task) []byte {
	t.Helper()
	all, err := json.Marshal(task)
	require.NoError(t, err)
	return all
}

// tell keeps a document and tells of it, as the projector does.
func (b *bench) tell(t *testing.T, owner contracts.Owner, task contracts.Task) {
	t.Helper()
	b.keep(owner, task)
	b.say(t, owner, task)
}

func (b *bench) say(t *testing.T, owner contracts.Owner, task contracts.Task) {
	t.Helper()
	require.NoError(t, b.broker.Tell(b.broker.Names().Live(owner, task.ID), text(t, task)))
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

// ids reads a stream to its end and returns the ids of its events.
func ids(t *testing.T, r *http.Response) []string {
	t.Helper()
	var all []string
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			all = append(all, text)
		}
	}
	require.NoError(t, lines.Err())
	return all
}

// versions is ids of the stream of one import.
func versions(t *testing.T, r *http.Response) []int64 {
	t.Helper()
	var all []int64
	for _, id := range ids(t, r) {
		v, err := strconv.ParseInt(id, 10, 64)
		require.NoError(t, err)
		all = append(all, v)
	}
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
	b := newBench(t)
	b.keep(olga, document(3, contracts.Started))
	response := b.stream(t, id, "")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	require.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
	require.NotEmpty(t, response.Header.Get("Date"))
	body := bufio.NewReader(response.Body)
	event := func(task contracts.Task) string {
		return fmt.Sprintf("id: %d\ndata: %s\n\n", task.Version, text(t, task))
	}
	require.Equal(t, "retry: 1000\n\n"+event(document(3, contracts.Started)), readLines(t, body, 5))
	b.tell(t, olga, document(4, contracts.Started))
	require.Equal(t, event(document(4, contracts.Started)), readLines(t, body, 3))
	b.tell(t, olga, document(4, contracts.Started)) // another of the same version
	b.tell(t, olga, document(2, contracts.Started)) // one that comes late
	require.NoError(t, b.broker.Tell(b.broker.Names().Live(contracts.Owner{}, id), []byte("{")))
	b.tell(t, olga, contracts.Task{ID: "another", Version: 9, State: contracts.Success})
	b.tell(t, olga, document(6, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Equal(t, event(document(6, contracts.Success)), string(rest))
	require.Eventually(t, func() bool { return b.open() == 0 }, soon, time.Millisecond)
	require.Empty(t, b.hub.streams)
}

func TestWhoComesAgainGetsOnlyWhatIsNewer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(5, contracts.Started))
	waiting := b.stream(t, id, "5")
	ahead := b.stream(t, id, "6") // of another replica, say, that was told earlier
	b.tell(t, olga, document(6, contracts.Started))
	b.tell(t, olga, document(7, contracts.Success))
	got := versions(t, waiting)
	require.Subset(t, []int64{6, 7}, got)
	require.EqualValues(t, 7, got[len(got)-1])
	require.Equal(t, []int64{7}, versions(t, ahead))

	response := b.stream(t, id, "7")
	require.Equal(t, http.StatusNoContent, response.StatusCode)
	require.Empty(t, versions(t, response))
	for _, seen := range []string{"", "6", "0", "-7", "x", "7.0", "99999999999999999999"} {
		require.Equal(t, []int64{7}, versions(t, b.stream(t, id, seen)), seen)
	}
	// Versions start over with a projection that is made anew.
	require.Equal(t, []int64{7}, versions(t, b.stream(t, id, "8")))
}

func TestChangesOfAPauseAreOneAndTheEndDoesNotWait(t *testing.T) {
	t.Parallel()
	b := newBench(t, pausing(time.Hour))
	b.keep(olga, document(1, contracts.Started))
	response := b.stream(t, id, "")
	body := bufio.NewReader(response.Body)
	readLines(t, body, 5)
	b.tell(t, olga, document(2, contracts.Started))
	require.Contains(t, readLines(t, body, 3), "id: 2\n")
	for version := range int64(50) {
		b.tell(t, olga, document(3+version, contracts.Started))
	}
	b.tell(t, olga, document(53, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(rest), "id: 53\n"), string(rest))
}

func TestChangesOfAPauseKeepTheirOrderForStreamsOfMany(t *testing.T) {
	t.Parallel()
	w := newWaiting()
	change := func(number int64, id string) Change { return Change{Number: number, Task: contracts.Task{ID: id}} }
	numbers := func(all []Change) (numbers []int64) {
		for _, c := range all {
			numbers = append(numbers, c.Number)
		}
		return numbers
	}
	now := time.Now()
	w.add(change(1, "a"))
	each, all := w.take(now, time.Minute)
	require.Equal(t, []int64{1}, numbers(each))
	require.Equal(t, []int64{1}, numbers(all))
	w.add(change(2, "a"))
	w.add(change(3, "b"))
	w.add(change(4, "a"))
	each, all = w.take(now.Add(time.Second), time.Minute)
	require.Equal(t, []int64{3}, numbers(each), "b was not shown before")
	require.Empty(t, all)
	require.True(t, w.any())
	each, all = w.take(now.Add(time.Minute), time.Minute)
	require.Equal(t, []int64{4}, numbers(each))
	require.Equal(t, []int64{3, 4}, numbers(all))
	require.False(t, w.any())
}

func TestLastOfManyChangesIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t, pausing(5*time.Millisecond))
	b.keep(olga, document(1, contracts.Started))
	body := bufio.NewReader(b.stream(t, id, "").Body)
	readLines(t, body, 5)
	for version := range int64(200) {
		b.tell(t, olga, document(version+2, contracts.Started))
	}
	for last := ""; last != "id: 201\n"; {
		event := readLines(t, body, 3)
		last, _, _ = strings.Cut(event, "data")
	}
}

func TestEndOfAnAttemptThatHasBeenReplayedIsNotTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(1, contracts.Started))
	response := b.stream(t, id, "")
	body := bufio.NewReader(response.Body)
	readLines(t, body, 5)

	// The projector comes to the failure after the replay of it was accepted, of
	// which a look knows.
	b.set(func() { b.commanded[id] = document(3, contracts.Started) })
	b.tell(t, olga, document(2, contracts.Failure))
	require.Contains(t, readLines(t, body, 3), "id: 3\n")

	// A look for the end before may be late: what it finds is never the failure.
	b.keep(olga, document(4, contracts.Success))
	b.set(func() { delete(b.commanded, id) })
	b.say(t, olga, document(4, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Contains(t, string(rest), "id: 4\n")
}

func TestHeadOfAStreamDoesNotWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(5, contracts.Started))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, b.web.URL+"/"+id, nil)
	require.NoError(t, err)
	response, err := b.web.Client().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	require.Zero(t, b.open())
}

func TestHeartbeatFindsWhatNobodyHasTold(t *testing.T) {
	t.Parallel()
	b := newBench(t, beating(50*time.Millisecond))
	b.keep(olga, document(1, contracts.Started))
	body := bufio.NewReader(b.stream(t, id, "").Body)
	readLines(t, body, 5)
	require.Equal(t, ":\n\n:\n\n", readLines(t, body, 4), "it says that it is there")
	b.keep(olga, document(2, contracts.Started))
	b.keep(paul, contracts.Task{ID: "another"})
	for line := ""; line != "id: 2\n"; {
		line = readLines(t, body, 1)
	}
	b.keep(olga, document(3, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Contains(t, string(rest), "id: 3\n")
}

func TestLooksDoNotGrowWithTheStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(1, contracts.Started))
	var bodies []*bufio.Reader
	for range 50 {
		bodies = append(bodies, bufio.NewReader(b.stream(t, id, "").Body))
		readLines(t, bodies[len(bodies)-1], 5)
	}
	before := 0
	b.set(func() { before = b.looks })
	b.tell(t, olga, document(2, contracts.Started))
	for _, body := range bodies {
		require.Contains(t, readLines(t, body, 3), "id: 2\n")
	}
	b.tell(t, olga, document(3, contracts.Success))
	for _, body := range bodies {
		rest, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Contains(t, string(rest), "id: 3\n")
	}
	b.set(func() {
		require.LessOrEqual(t, b.looks-before, 6, "one for each change, and up to three more for the end")
	})
}

func TestStreamOutlivesADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	b := newBench(t, beating(50*time.Millisecond))
	b.keep(olga, document(1, contracts.Started))
	response := b.stream(t, id, "1")
	before := 0
	b.set(func() { b.err, before = errors.New("the database is away"), b.looks })
	b.tell(t, olga, document(2, contracts.Success))
	require.Eventually(t, func() (failed bool) {
		b.set(func() { failed = b.looks > before+3 })
		return failed
	}, soon, time.Millisecond)
	b.set(func() { b.err = nil })
	require.Equal(t, []int64{2}, versions(t, response))
}

func TestStreamsEndWhereAllIsCountedAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t, beating(50*time.Millisecond))
	b.keep(olga, document(1, contracts.Started))
	one, all := b.stream(t, id, ""), b.stream(t, "all/olga", "")
	b.set(func() { b.at = Position{Epoch: "another"}; clear(b.changes) })
	require.Equal(t, []int64{1}, versions(t, one))
	require.Equal(t, []string{"e.0", "e.1"}, ids(t, all))
	require.Equal(t, http.StatusNotFound, b.stream(t, id, "").StatusCode)
	b.keep(olga, document(1, contracts.Started))
	again := bufio.NewReader(b.stream(t, "all/olga", "e.1").Body)
	require.Contains(t, readLines(t, again, 9), "event: reset\nid: another.0\n")
}

func TestStreamEndsWithItsClient(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(1, contracts.Started))
	response := b.stream(t, id, "")
	require.Equal(t, 1, b.open())
	require.NoError(t, response.Body.Close())
	require.Eventually(t, func() bool { return b.open() == 0 }, soon, time.Millisecond)
}

func TestStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, beating(50*time.Millisecond))
	b.until = time.Now().Add(time.Hour)
	b.keep(olga, document(1, contracts.Started))
	lasting := bufio.NewReader(b.stream(t, id, "").Body)
	b.until = time.Now()
	require.Equal(t, []int64{1}, versions(t, b.stream(t, id, "")))
	require.Equal(t, []string{"e.0", "e.1"}, ids(t, b.stream(t, "all/olga", "")))
	b.tell(t, olga, document(2, contracts.Started))
	for line := ""; line != "id: 2\n"; {
		line = readLines(t, lasting, 1)
	}
}

// large is a document that no buffer of a connection takes.
func large(version int64, state contracts.State) contracts.Task {
	return contracts.Task{ID: id, Version: version, State: state, Message: strings.Repeat("x", 16<<20)}
}

// stall opens a stream and reads nothing of it.
func (b *bench) stall(t *testing.T) net.Conn {
	t.Helper()
	before := b.open()
	connection, err := net.Dial("tcp", b.web.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	_, err = io.WriteString(connection, "GET /"+id+" HTTP/1.1\r\nHost: usher.example\r\n\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return b.open() == before+1 }, soon, time.Millisecond)
	return connection
}

// limit is how long a write of the streams that are open may take.
func (b *bench) limit(most time.Duration) {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	for _, same := range b.hub.streams {
		for s := range same {
			s.mu.Lock()
			s.limit = most
			s.mu.Unlock()
		}
	}
}

func TestClientThatDoesNotReadHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, large(1, contracts.Started))
	b.stall(t)
	b.keep(olga, document(1, contracts.Started))
	body := bufio.NewReader(b.stream(t, id, "").Body)
	readLines(t, body, 5)
	for version := range int64(100) {
		b.tell(t, olga, document(version+2, contracts.Started))
		require.Contains(t, readLines(t, body, 3), fmt.Sprintf("id: %d\n", version+2))
	}
	require.Equal(t, 2, b.open(), "the other one still waits for its client")
}

func TestClientThatDoesNotReadIsDroppedAndGoesOnWithItsID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(1, contracts.Started))
	connection := b.stall(t)
	head := bufio.NewReader(connection)
	response, err := http.ReadResponse(head, nil)
	require.NoError(t, err)
	body := bufio.NewReader(response.Body)
	require.Contains(t, readLines(t, body, 5), "id: 1\n")
	b.limit(200 * time.Millisecond)
	b.keep(olga, large(2, contracts.Started))
	b.tell(t, olga, contracts.Task{ID: "another"})
	require.Eventually(t, func() bool { return b.open() == 0 }, soon, time.Millisecond)
	_, err = io.Copy(io.Discard, body)
	require.NoError(t, err, "what was sent of it has an end, but not that of an event")
	require.Equal(t, "id: 2\n", readLines(t, bufio.NewReader(b.stream(t, id, "1").Body), 3)[len("retry: 1000\n\n"):])
}

// taken is a stream with a client that does not read yet, and what the client gets.
func taken(t *testing.T, begins ...event) (s *stream, client *bufio.Reader) {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = there.Close() })
	s = &stream{connection: here, limit: soon}
	go s.hold(func() {})
	for _, e := range begins {
		s.offer(e)
	}
	return s, bufio.NewReader(there)
}

func eventFor(about string, order int64) event {
	return event{about: about, order: order, text: fmt.Appendf(nil, "%s %d\n", about, order)}
}

func TestWhoIsSlowGetsTheNewestOfEachImport(t *testing.T) {
	t.Parallel()
	s, client := taken(t, eventFor("a", 1)) // which is being written
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.waiting) == 0
	}, soon, time.Millisecond)
	for _, e := range []event{eventFor("a", 2), eventFor("b", 3), eventFor("a", 4), eventFor("b", 3)} {
		s.offer(e)
	}
	s.end()
	rest, err := io.ReadAll(client)
	require.NoError(t, err)
	require.Equal(t, "a 1\nb 3\na 4\n", string(rest))
}

func TestWhoIsTooSlowGetsAllUpToSomewhereAndNoMore(t *testing.T) {
	t.Parallel()
	s, client := taken(t)
	for n := range int64(2 * maxWaiting) {
		s.offer(eventFor(fmt.Sprint(n), n+1))
	}
	s.offer(eventFor("0", 2*maxWaiting+1))
	rest, err := io.ReadAll(client)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(rest)), "\n")
	require.GreaterOrEqual(t, len(lines), maxWaiting)
	require.LessOrEqual(t, len(lines), maxWaiting+1)
	for n, line := range lines {
		require.Equal(t, fmt.Sprintf("%d %d", n, n+1), line, "who comes again with the last of them has missed none")
	}
}

func TestEndOfTheHubEndsEveryStreamAlsoOfWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, large(1, contracts.Started))
	b.stall(t)
	b.keep(olga, document(2, contracts.Started))
	reading := b.stream(t, id, "")
	all := b.stream(t, "all/olga", "e.2")
	body := bufio.NewReader(reading.Body)
	require.Contains(t, readLines(t, body, 5), "id: 2\n")
	b.end()
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Empty(t, ids(t, all))
	require.Zero(t, b.open())
	require.Equal(t, []int64{2}, versions(t, b.stream(t, id, "")), "and those that come later after one document")
}

func TestWhatChangesDuringTheFirstLookIsNotMissed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(olga, document(1, contracts.Started))
	heard := make(chan struct{})
	b.set(func() {
		b.found = func() { // the first look has come to this
			b.found = nil
			b.at.Number++
			b.changes[id] = Change{Number: b.at.Number, Owner: olga, Task: document(2, contracts.Success)}
			close(heard)
		}
	})
	body := bufio.NewReader(b.stream(t, id, "").Body)
	<-heard
	require.Contains(t, readLines(t, body, 5), "id: 1\n") // else the news may be told in its place
	b.say(t, olga, document(2, contracts.Success))
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Contains(t, string(rest), "id: 2\n")
	require.Equal(t, 1, strings.Count(string(rest), "id: "))
}

func TestStreamOfAllBeginsAnewOrWhereItsClientHasCome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	task := func(n int, version int64) contracts.Task {
		return contracts.Task{ID: fmt.Sprint(n), Version: version, State: contracts.Success}
	}
	for n := range 5 {
		b.keep(olga, task(n, 1)) // 1 to 5
	}
	b.keep(paul, task(5, 1)) // 6
	b.keep(olga, task(1, 2)) // 7
	// read returns the reset of a stream, if there is one, and the ids of its first events.
	read := func(of, seen string, events int) (reset string, got []string) {
		body := bufio.NewReader(b.stream(t, of, seen).Body)
		require.Equal(t, "retry: 1000\n\n", readLines(t, body, 2))
		if begins, err := body.Peek(len("event")); err == nil && string(begins) == "event" {
			reset = readLines(t, body, 4)
		}
		for range events {
			event := readLines(t, body, 3)
			id, _, _ := strings.Cut(strings.TrimPrefix(event, "id: "), "\n")
			got = append(got, id)
		}
		return reset, got
	}
	const anew = "event: reset\nid: e.0\ndata: {}\n\n"
	for _, seen := range []string{"", "7", "e", "e.", "e.-1", "e.x", "another.3", "e.8"} {
		reset, got := read("all/olga", seen, 5)
		require.Equal(t, anew, reset, seen)
		require.Equal(t, []string{"e.1", "e.3", "e.4", "e.5", "e.7"}, got, seen)
	}
	reset, got := read("all/olga", "e.4", 2)
	require.Empty(t, reset)
	require.Equal(t, []string{"e.5", "e.7"}, got)
	_, got = read("all/paul", "e.4", 1)
	require.Equal(t, []string{"e.6"}, got)
	_, got = read("everything", "e.4", 3)
	require.Equal(t, []string{"e.5", "e.6", "e.7"}, got)
	reset, _ = read("all/nobody", "", 0)
	require.Equal(t, anew, reset)

	for n := range maxFirst + 50 {
		b.keep(olga, task(100+n, 1)) // 8 and more
	}
	reset, got = read("all/olga", "e.4", maxFirst)
	require.Equal(t, "event: reset\nid: e.57\ndata: {}\n\n", reset, "too much has changed since")
	require.Equal(t, "e.58", got[0])
	require.Equal(t, fmt.Sprintf("e.%d", 7+maxFirst+50), got[maxFirst-1])
}

func TestStreamOfAllTellsOfTheOwnersImportsInTheirOrderAndDoesNotEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	task := func(name string, version int64, state contracts.State) contracts.Task {
		return contracts.Task{ID: name, Version: version, State: state}
	}
	mine, all := b.stream(t, "all/olga", "e.0"), b.stream(t, "everything", "e.0")
	b.tell(t, olga, task("a", 1, contracts.Started)) // 1
	b.tell(t, paul, task("b", 1, contracts.Started)) // 2
	b.tell(t, olga, task("a", 2, contracts.Failure)) // 3
	b.tell(t, paul, task("b", 2, contracts.Success)) // 4
	b.tell(t, olga, task("a", 3, contracts.Started)) // 5, a replay
	b.tell(t, contracts.Owner{Issuer: "another", Subject: "olga"}, task("c", 1, contracts.Success))
	b.tell(t, olga, task("d", 1, contracts.Success)) // 7
	until := func(r *http.Response, last string) (got []string) {
		body := bufio.NewReader(r.Body)
		for len(got) == 0 || got[len(got)-1] != last {
			if id, ok := strings.CutPrefix(strings.TrimSpace(readLines(t, body, 1)), "id: "); ok {
				got = append(got, id)
			}
		}
		return got
	}
	got := until(mine, "e.7")
	require.Subset(t, []string{"e.1", "e.3", "e.5", "e.7"}, got)
	require.Contains(t, got, "e.5")
	require.IsIncreasing(t, got)
	got = until(all, "e.7")
	for _, last := range []string{"e.4", "e.5", "e.6", "e.7"} {
		require.Contains(t, got, last, "the newest document of each import")
	}
	require.IsIncreasing(t, got)
	require.Equal(t, 2, b.open())
}
