package standalone_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// startNodes runs three brokers that know each other, by name.
func startNodes(t *testing.T) map[string]*node {
	t.Helper()
	nodes := make(map[string]*node)
	var routes []string
	for i := range 3 {
		name := fmt.Sprintf("node-%d", i)
		nodes[name] = newNode(t, name)
		routes = append(routes, "nats://"+nodes[name].routes)
	}
	for _, n := range nodes {
		n.join(t, routes)
		n.start(t)
	}
	for _, n := range nodes {
		n.awaitHealth(t)
	}
	return nodes
}

// restart starts a server that was killed.
func (n *node) restart(t *testing.T) {
	t.Helper()
	n.start(t)
	n.awaitHealth(t)
}

// awaitHealth waits until a server has caught up with the others.
func (n *node) awaitHealth(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		res, err := client.Get("http://" + n.health + "/healthz")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, patience, glance, n.log.String())
}

func TestClusterOfBrokersLosesAndDoublesNothingWhenLeadersAreKilled(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t)
	var addresses []string
	for _, n := range nodes {
		addresses = append(addresses, n.client)
	}
	c := clusterOn(t, strings.Join(addresses, ","), testDatabase(t), "file://"+t.TempDir(), "USHER_NATS_REPLICAS=3")
	front := c.run(t, "ingest", "query", "notify")
	c.run(t, "event", "people", "schedule", "media")
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 60, 40, 41)
	var names contracts.Names
	js, db := c.jetStream(t), openDatabase(t, c.databaseURL)
	var ids []string
	for _, stream := range []string{
		names.ImportsStream(), names.StatusStream(), "KV_" + names.RemapsBucket(), "KV_" + names.UploadsBucket(),
	} {
		letGo := hold(t, db, "media.files", writers) // so that imports are under way when the leader is killed
		for range 4 {
			ids = append(ids, olga.insistOnUpload(t, archive))
		}
		have, err := js.Stream(t.Context(), stream)
		require.NoError(t, err)
		require.Equal(t, 3, have.CachedInfo().Config.Replicas)
		leader := have.CachedInfo().Cluster.Leader
		require.Contains(t, nodes, leader)
		require.False(t, slices.ContainsFunc(ids[len(ids)-1:], func(id string) bool { return olga.task(t, id).State.Final() }),
			"nothing is under way")
		nodes[leader].kill(t)
		killed := time.Now()
		letGo()
		require.Eventually(t, func() bool {
			have, err := js.Stream(t.Context(), stream)
			return err == nil && have.CachedInfo().Cluster.Leader != leader && have.CachedInfo().Cluster.Leader != ""
		}, patience, 10*time.Millisecond)
		elected := time.Since(killed)
		ids = append(ids, olga.insistOnUpload(t, archive))
		t.Logf("%s: a new leader after %s, an upload was accepted after %s", stream,
			elected.Round(time.Millisecond), time.Since(killed).Round(time.Millisecond))
		nodes[leader].restart(t)
	}

	want := expected(t, archive)
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, want, olga.inventory(t, result.ID))
	}
	require.Equal(t, len(ids), olga.total(t, "/v1/events"))
	require.Equal(t, len(ids), olga.total(t, "/v1/notifications"))
	c.requireIdle(t)
	c.requireOneOutcomeEach(t, ids)
}
