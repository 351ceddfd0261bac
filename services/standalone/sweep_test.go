package standalone_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

// A stage that was stopped between commit and outcome publishes when it wakes up,
// and finds that the outcome of its twin is not there any more.
func TestOutcomeThatComesAgainAfterTheSweepChangesNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := c.run(t, "ingest", "event", "people", "schedule", "media", "notify", "query")
	olga := c.as(t, p, "olga@organizers.example")
	operator := api{url: p.url, token: output(t, c.env, "token", "--email", "ada@admins.example", "--admin")}
	b, err := broker.Connect(t.Context(), broker.Config{URL: brokerURL(c.brokers, inspector), CA: c.authority, Replicas: 1}, testLog(t))
	require.NoError(t, err)
	t.Cleanup(b.Close)
	db := openDatabase(t, c.databaseURL)

	archive := made(t, 30, 12, 7)
	id := olga.upload(t, archive)
	result := olga.succeeded(t, id)
	known := func() (all []string) {
		for _, path := range []string{"/v1/tasks/" + id, "/v1/imports/" + id, "/v1/imports/" + id + "/history", "/v1/imports/" + id + "/issues", "/v1/mails"} {
			status, body := fetched(t, client, p.url+path, operator.token)
			require.Equal(t, http.StatusOK, status, body)
			all = append(all, body)
		}
		return all
	}
	names := b.Names()
	facts := func() (all []broker.Stored) {
		for _, s := range []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media} {
			stored, err := b.Last(t.Context(), names.ImportsStream(), names.AnyOutcome(contracts.EventArchive, s, id, 1))
			if !errors.Is(err, broker.ErrNotFound) {
				require.NoError(t, err)
				all = append(all, stored)
			}
		}
		return all
	}
	_, err = db.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = finished_at - interval '11 minutes'`)
	require.NoError(t, err)
	before, rows, outcomes := known(), remains(t, db, id), facts()
	require.Len(t, outcomes, 4)

	require.Contains(t, output(t, append(c.env, "USHER_SERVER="+p.url, "USHER_TOKEN="+operator.token), "sweep"), "facts     4 ")
	require.Empty(t, facts())
	require.Equal(t, before, known())

	again := nats.NewMsg(outcomes[0].Subject)
	again.Data, again.Header = outcomes[0].Data, outcomes[0].Header
	again.Header.Set(jetstream.ExpectedLastSubjSeqHeader, "0")
	again.Header.Set(jetstream.ExpectedLastSubjSeqSubjHeader, names.AnyOutcome(contracts.EventArchive, contracts.Event, id, 1))
	_, err = b.JetStream().PublishMsg(t.Context(), again)
	require.NoError(t, err)
	// Each stage finds its run done and publishes what it came to, up to the last one.
	require.Eventually(t, func() bool {
		for _, consumer := range names.Consumers() {
			have, err := b.Backlog(t.Context(), consumer)
			if err != nil || have.Waiting+have.InFlight > 0 {
				return false
			}
		}
		return len(facts()) == 4
	}, patience, patience/1000)
	for n, fact := range facts() {
		require.Equal(t, outcomes[n].ID(), fact.ID())
		require.Equal(t, outcomes[n].Data, fact.Data)
	}
	// The projector has come as far as a later import, so it has seen all of that.
	olga.succeeded(t, olga.upload(t, made(t, 3, 2, 1)))
	status, mails := fetched(t, client, p.url+"/v1/mails", operator.token)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, 2, totalOf(t, mails), "one for each import")
	require.Equal(t, before[:4], known()[:4])
	require.Equal(t, rows, remains(t, db, id))
	require.Equal(t, expected(t, archive), olga.inventory(t, result.ID))
}
