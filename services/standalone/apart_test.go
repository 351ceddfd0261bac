package standalone_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// cluster is a broker, a database and a bucket that processes share.
type cluster struct {
	env                    []string
	brokerURL, databaseURL string
}

const clusterSecret = "a secret for tests that is long enough"

func newCluster(t *testing.T) cluster {
	t.Helper()
	return clusterOn(t, embeddedBroker(t), postgrestest.URL(t), "file://"+t.TempDir())
}

// embeddedBroker is one that listens for processes. What it keeps in the end, when
// they have ended, is held against the schemas.
func embeddedBroker(t *testing.T) string {
	t.Helper()
	nats, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, testLog(t))
	require.NoError(t, err)
	t.Cleanup(nats.Close)
	t.Cleanup(func() { holdMessages(t, nats.URL()) })
	return nats.URL()
}

// clusterOn makes a cluster of what is there already.
func clusterOn(t *testing.T, broker, database, bucket string, more ...string) cluster {
	t.Helper()
	c := cluster{brokerURL: broker, databaseURL: database}
	c.env = slices.Concat(more, []string{
		"USHER_NATS_URL=" + broker,
		"USHER_DATABASE_URL=" + database,
		"USHER_BUCKET_URL=" + bucket,
		"USHER_JWT_SECRET=" + clusterSecret,
	})
	require.Contains(t, output(t, c.env, "provision"), "provisioned")
	require.Contains(t, output(t, c.env, "migrate"), "migrated")
	return c
}

// run starts a process of the given services and waits until it is ready.
func (c cluster) run(t *testing.T, services ...string) *process {
	t.Helper()
	p, _ := start(t, c.env, append([]string{"run", "--listen", "127.0.0.1:0"}, services...)...)
	require.Eventually(t, func() bool {
		_, rest, ok := strings.Cut(p.log.String(), "msg=ready address=")
		if !ok {
			return false
		}
		address, _, _ := strings.Cut(rest, "\n")
		p.url = "http://" + address
		res, err := client.Get(p.url + "/readyz")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, patience, 20*time.Millisecond)
	return p
}

func (c cluster) as(t *testing.T, p *process, email string) api {
	t.Helper()
	return api{url: p.url, token: output(t, c.env, "token", "--email", email)}
}

func TestFourProcessesOfOneStageShareTheWork(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	var media []*process
	for range 4 {
		media = append(media, c.run(t, "media"))
	}
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 60, 40, 4)
	var ids []string
	for range 24 {
		ids = append(ids, olga.upload(t, archive))
	}
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, expected(t, archive), olga.inventory(t, result.ID))
	}
	// Each import was handled by one of them, and each of them had some.
	handled := make([][]string, len(media))
	for i, p := range media {
		for line := range strings.Lines(p.log.String()) {
			if strings.Contains(line, `msg="stage ended"`) {
				_, id, _ := strings.Cut(line, " import=")
				id, _, _ = strings.Cut(id, " ")
				handled[i] = append(handled[i], id)
			}
		}
		require.NotEmpty(t, handled[i], "replica %d had nothing to do", i)
	}
	all := slices.Concat(handled...)
	require.ElementsMatch(t, ids, all)
}

func TestStageThatIsNotRunningHoldsImportsUntilItStarts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	front := c.run(t, "ingest", "query", "event", "people", "media", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 30, 15, 5)
	ids := []string{olga.upload(t, archive), olga.upload(t, archive), olga.upload(t, archive)}
	for _, id := range ids {
		require.Eventually(t, func() bool {
			return olga.task(t, id).WaitingFor == contracts.Schedule
		}, patience, 20*time.Millisecond)
	}
	c.run(t, "schedule")
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, expected(t, archive), olga.inventory(t, result.ID))
	}
}

func TestServiceRefusesToRunOnWhatIsNotProvisioned(t *testing.T) {
	t.Parallel()
	nats, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, testLog(t))
	require.NoError(t, err)
	t.Cleanup(nats.Close)
	p, _ := start(t, []string{
		"USHER_NATS_URL=" + nats.URL(), "USHER_DATABASE_URL=" + postgrestest.URL(t), "USHER_BUCKET_URL=file://" + t.TempDir(),
		"USHER_JWT_SECRET=" + clusterSecret,
	}, "run", "people", "--listen", "127.0.0.1:0")
	p.wait(t)
	require.Contains(t, p.log.String(), "usher provision")
}
