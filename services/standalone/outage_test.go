package standalone_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/private"
)

// outageFor is how long what Usher stands on is away. A message that were tried
// meanwhile would be at its third try; USHER_TEST_OUTAGE=60s sees to a longer one.
func outageFor(t *testing.T) time.Duration {
	t.Helper()
	long, set := os.LookupEnv("USHER_TEST_OUTAGE")
	if !set {
		return 6 * time.Second
	}
	d, err := time.ParseDuration(long)
	require.NoError(t, err)
	return d
}

// insistOnUpload uploads until it is accepted, as a client does that is told to come
// again: with one key, so that it is one import however often it is sent.
func (a api) insistOnUpload(t *testing.T, archive []byte) string {
	t.Helper()
	key := uuid.NewString()
	var id string
	require.Eventually(t, func() bool {
		req := a.uploadOf(t, archive)
		req.Header.Set("Authorization", "Bearer "+a.token)
		req.Header.Set("Idempotency-Key", key)
		var err error
		id, err = accepted(req)
		return err == nil
	}, patience, glance)
	return id
}

func TestImportsWaitForADatabaseAndAMailServerThatAreAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(dataFolder(t), "postgres")
	port := freePort()
	server, err := private.Start(t.Context(), folder, testLog(t), private.Throwaway(), overTLS(port))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	db := withRoles(t, database{superuser: server.URL(), secure: loopback(port)}, server.Program("psql"))
	mails := &catcher{address: freeAddress()}
	c := clusterOn(t, startBroker(t), db, "file://"+t.TempDir(), "USHER_SMTP_URL=smtp://"+mails.address)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "media", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	// Each of its own: imports of one archive wait for each other, for its identifier.
	var archives [][]byte
	for seed := range uint64(8) {
		archives = append(archives, made(t, 120, 60, 21+seed))
	}
	var ids []string
	for _, archive := range archives[:5] {
		ids = append(ids, olga.upload(t, archive))
	}
	require.Eventually(t, func() bool {
		return olga.task(t, ids[0]).Progress[contracts.Sessions].Done > 0
	}, patience, time.Millisecond)
	require.NoError(t, server.Close())

	// Uploads need no database.
	for _, archive := range archives[5:] {
		ids = append(ids, olga.upload(t, archive))
	}
	<-time.After(outageFor(t))
	require.Eventually(t, func() bool {
		return strings.Contains(strings.Join(c.notes(t), "\n"), "database unavailable")
	}, patience, glance)
	again, err := private.Start(t.Context(), folder, testLog(t), private.Throwaway(), overTLS(port))
	require.NoError(t, err)
	require.Equal(t, server.URL(), again.URL())
	server = again

	for i, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, expected(t, archives[i]), olga.inventory(t, result.ID))
	}
	require.Equal(t, len(ids), olga.total(t, "/v1/events"))
	c.requireOneTryEach(t)

	mails.serve(t)
	require.Eventually(t, func() bool { return len(mails.caught(t)) == len(ids) }, patience, glance)
	require.Len(t, mails.distinctIDs(t), len(ids))
}

// flaky passes on every second request. Of the others every second one is refused,
// and the rest are done, but nobody is told.
type flaky struct {
	pass     http.Handler
	requests atomic.Int64
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch f.requests.Add(1) % 4 {
	case 1:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 3:
		f.pass.ServeHTTP(discarded{header: make(http.Header)}, r)
		panic(http.ErrAbortHandler) // ends the connection
	default:
		f.pass.ServeHTTP(w, r)
	}
}

// discarded is an answer that gets lost.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header       { return d.header }
func (discarded) Write(p []byte) (int, error) { return len(p), nil }
func (discarded) WriteHeader(int)             {}

func TestStoreThatFailsEverySecondRequestBurnsNoTry(t *testing.T) {
	t.Parallel()
	store := &flaky{pass: storeBehind(startStore(t, t.TempDir()))}
	c := clusterOn(t, startBroker(t), testDatabase(t), serveStore(t, store), storeKeys...)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "media", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 60, 30, 22)
	want := expected(t, archive)
	var ids []string
	for range 4 {
		ids = append(ids, olga.insistOnUpload(t, archive))
	}
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, want, olga.inventory(t, result.ID))
	}
	require.Equal(t, len(ids), olga.total(t, "/v1/events"))
	c.requireOneTryEach(t)
}
