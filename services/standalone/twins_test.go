package standalone_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

// line is a way to a server on which nothing gets through while it is locked:
// neither end hears that the other is gone.
type line struct {
	sync.RWMutex
	address string
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	l := &line{address: listener.Addr().String()}
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go l.pass(in, out)
			go l.pass(out, in)
		}
	}()
	return l
}

func (l *line) pass(to io.WriteCloser, from io.Reader) {
	defer func() { _ = to.Close() }()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		l.RLock()
		_, _ = to.Write(b[:n]) // an error is the other end's to notice
		l.RUnlock()
		if err != nil {
			return
		}
	}
}

// twins are two processes of one stage, of which the second one is started when
// the first one has an import in its hands.
type twins struct {
	cluster
	api
	db      *bun.DB
	archive []byte
	stage   contracts.Stage
	first   *process
	// line is how the first one reaches the broker.
	line *line
	id   string
}

func newTwins(t *testing.T, c cluster, stage contracts.Stage, archive []byte) *twins {
	t.Helper()
	w := &twins{cluster: c, stage: stage, archive: archive}
	others := []string{"ingest", "query"}
	for _, s := range []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media, contracts.Notify} {
		if s != stage {
			others = append(others, string(s))
		}
	}
	w.api = w.as(t, w.run(t, others...), "olga@organizers.example")
	w.line = newLine(t, w.brokers)
	cut := w.cluster
	cut.brokers = w.line.address
	w.first = cut.run(t, string(stage))
	t.Cleanup(func() { _ = w.first.cmd.Process.Signal(syscall.SIGCONT) }) // so that it can be ended
	w.db = openDatabase(t, w.databaseURL)
	return w
}

// awaitSecond starts the second process and waits until the broker has given it
// what the first one has.
func (w *twins) awaitSecond(t *testing.T) *process {
	t.Helper()
	var names contracts.Names
	js := w.jetStream(t)
	consumer, err := js.Consumer(t.Context(), names.ImportsStream(), names.Consumer(contracts.EventArchive, w.stage))
	require.NoError(t, err)
	before := consumer.CachedInfo().Delivered.Consumer
	second := w.run(t, string(w.stage))
	require.Eventually(t, func() bool {
		info, err := consumer.Info(context.Background())
		return err == nil && info.Delivered.Consumer > before
	}, patience, 10*time.Millisecond)
	return second
}

func (w *twins) requireOneWholeImport(t *testing.T) {
	t.Helper()
	result := w.succeeded(t, w.id)
	require.Equal(t, expected(t, w.archive), w.inventory(t, result.ID))
	requireExact(t, w.api, w.id, w.archive)
	require.Len(t, w.all(t, "/v1/events"), 1)
	w.requireIdle(t)
	w.requireOneOutcomeEach(t, []string{w.id})
}

func TestTwinThatIsCutOffInItsTransactionLeavesTheImportToTheOther(t *testing.T) {
	t.Parallel()
	w := newTwins(t, newCluster(t), contracts.Schedule, made(t, 120, 60, 61))
	open := hold(t, w.db, "schedule.sessions", everybody)
	w.id = w.upload(t, w.archive)
	awaitHeld(t, w.db, "schedule.sessions")
	w.line.Lock()
	w.awaitSecond(t)
	open()
	w.line.Unlock()
	w.requireOneWholeImport(t)
}

func TestTwinThatIsStoppedInItsTransactionWakesUpBesideTheOther(t *testing.T) {
	t.Parallel()
	w := newTwins(t, newCluster(t), contracts.Schedule, made(t, 120, 60, 62))
	open := hold(t, w.db, "schedule.sessions", everybody)
	w.id = w.upload(t, w.archive)
	awaitHeld(t, w.db, "schedule.sessions")
	require.NoError(t, w.first.cmd.Process.Signal(syscall.SIGSTOP))
	open() // the first one has its rows now, and the fence, and does not know it
	w.awaitSecond(t)
	// The server ends the session of the first one; the second one comes as far.
	open = hold(t, w.db, "schedule.sessions", everybody)
	awaitHeld(t, w.db, "schedule.sessions")
	require.NoError(t, w.first.cmd.Process.Signal(syscall.SIGCONT))
	open()
	w.requireOneWholeImport(t)
}

// holding is a store that stores no media until it is released. It closes once
// when the first file has come, and twice when one has come a second time.
type holding struct {
	pass                  http.Handler
	once, twice, released chan struct{}
	mu                    sync.Mutex
	seen                  map[string]int
	seenOnce, seenTwice   sync.Once
}

func (h *holding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/"+bucket.Media) {
		h.mu.Lock()
		h.seen[r.URL.Path]++
		n := h.seen[r.URL.Path]
		h.mu.Unlock()
		h.seenOnce.Do(func() { close(h.once) })
		if n > 1 {
			h.seenTwice.Do(func() { close(h.twice) })
		}
		<-h.released
	}
	h.pass.ServeHTTP(w, r)
}

func await(t *testing.T, what <-chan struct{}) {
	t.Helper()
	select {
	case <-what:
	case <-time.After(patience):
		require.FailNow(t, "it does not happen")
	}
}

func TestTwinsInTheEffectsOfMediaComeToTheSameFiles(t *testing.T) {
	t.Parallel()
	store := &holding{
		pass: storeBehind(startStore(t, t.TempDir())), seen: make(map[string]int),
		once: make(chan struct{}), twice: make(chan struct{}), released: make(chan struct{}),
	}
	c := clusterOn(t, startBroker(t), testDatabase(t), serveStore(t, store), storeKeys...)
	w := newTwins(t, c, contracts.Media, made(t, 120, 60, 63))
	w.id = w.upload(t, w.archive)
	await(t, store.once)
	require.NoError(t, w.first.cmd.Process.Signal(syscall.SIGSTOP))
	w.awaitSecond(t)
	await(t, store.twice)
	require.NoError(t, w.first.cmd.Process.Signal(syscall.SIGCONT))
	close(store.released)
	w.requireOneWholeImport(t)
}
