package standalone_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// cluster is a broker, a database and a bucket that processes share. They get at broker
// and database by TLS, each with an account that may do what its services need and no more.
type cluster struct {
	// env is for who administers: it provisions and migrates.
	env []string
	// brokers are the addresses of the broker's servers.
	brokers     string
	database    database
	databaseURL string
	authority   string
}

const clusterSecret = "a secret for tests that is long enough"

func newCluster(t *testing.T) cluster {
	t.Helper()
	return clusterOn(t, startBroker(t), testDatabase(t), "file://"+t.TempDir())
}

// clusterOn makes a cluster of what is there already.
func clusterOn(t *testing.T, brokers string, db database, bucket string, more ...string) cluster {
	t.Helper()
	c := cluster{brokers: brokers, database: db, databaseURL: db.superuser, authority: authority(t)}
	c.env = slices.Concat(more, []string{
		"USHER_NATS_CA=" + c.authority,
		"USHER_BUCKET_URL=" + bucket,
		"USHER_JWT_SECRET=" + clusterSecret,
		"USHER_NATS_URL=" + brokerURL(brokers, contracts.Provisioner),
		"USHER_DATABASE_URL=" + db.urlFor(t, migrator, passwordOf("owner"), c.authority),
	})
	require.Contains(t, output(t, c.env, "provision"), "provisioned")
	require.Contains(t, output(t, c.env, "migrate"), "rights were given to "+migrator+"_event, ")
	return c
}

// environment is that of a process of the given services.
func (c cluster) environment(t *testing.T, services ...string) []string {
	t.Helper()
	account := strings.Join(services, "-")
	require.True(t, slices.ContainsFunc(brokerAccounts(), func(a deployments.Account) bool { return a.Name == account }),
		"%s run together have no account: add them to crews", services)
	role := migrator + "_" + strings.ReplaceAll(account, "-", "_")
	return append(slices.Clone(c.env),
		"USHER_NATS_URL="+brokerURL(c.brokers, account),
		"USHER_DATABASE_URL="+c.database.urlFor(t, role, passwordOf(account), c.authority))
}

// run starts a process of the given services and waits until it is ready.
func (c cluster) run(t *testing.T, services ...string) *process {
	t.Helper()
	p, _ := start(t, c.environment(t, services...), append([]string{"run", "--listen", "127.0.0.1:0"}, services...)...)
	t.Cleanup(func() {
		require.NotContains(t, p.log.String(), "permission denied", "a right is missing, see contracts/views.go and pkg/postgres/rights.go")
		require.NotContains(t, p.log.String(), accountSecret)
	})
	require.Eventually(t, func() bool {
		_, rest, ok := strings.Cut(p.log.String(), "msg=ready address=")
		if !ok {
			return false
		}
		address, _, _ := strings.Cut(rest, "\n")
		p.url = "http://" + address
		res, err := client.Get(p.url + "/readyz")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, patience, glance)
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
	one := c
	one.env = append(slices.Clone(c.env), "USHER_WORKERS=1")
	for range 4 {
		media = append(media, one.run(t, "media"))
	}
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 60, 40, 4)
	db := openDatabase(t, c.databaseURL)
	letGo := hold(t, db, "media.files", writers)
	var ids []string
	for range 24 {
		ids = append(ids, olga.upload(t, archive))
	}
	// Whichever is slow: none has a second one before each has its first.
	require.Eventually(t, func() bool { return howMany(t, db, heldBy("media.files")) == len(media) }, patience, glance)
	letGo()
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, expected(t, archive), olga.inventory(t, result.ID))
	}
	// Each import was handled by one of them, and each of them had some.
	handled := make([][]string, len(media))
	for i, p := range media {
		p.stop(t) // an import may have ended before its stage has said so
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
		}, patience, glance)
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
