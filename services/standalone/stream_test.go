package standalone_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// jetStream is the broker of a cluster without Usher's own client between.
func (c cluster) jetStream(t *testing.T) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(brokerURL(c.brokers, inspector), nats.RootCAs(c.authority), unhurried)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return js
}

// notes are what the stages have told of what they wait for, of all imports.
func (c cluster) notes(t *testing.T) []string {
	t.Helper()
	var names contracts.Names
	status, err := c.jetStream(t).Stream(t.Context(), names.StatusStream())
	require.NoError(t, err)
	var notes []string
	for seq := status.CachedInfo().State.FirstSeq; seq <= status.CachedInfo().State.LastSeq; seq++ {
		m, err := status.GetMsg(t.Context(), seq)
		require.NoError(t, err)
		_, payload, err := contracts.Decode(m.Data)
		require.NoError(t, err)
		if progress, ok := payload.(*contracts.Progress); ok && progress.Note != "" {
			notes = append(notes, progress.Note)
		}
	}
	return notes
}

// requireIdle waits until the stages have nothing left to do, and no message that
// was delivered waits for its acknowledgement.
func (c cluster) requireIdle(t *testing.T) []*jetstream.ConsumerInfo {
	t.Helper()
	var names contracts.Names
	imports, err := c.jetStream(t).Stream(t.Context(), names.ImportsStream())
	require.NoError(t, err)
	var all []*jetstream.ConsumerInfo
	require.Eventually(t, func() bool {
		all = nil
		idle := true
		list := imports.ListConsumers(context.Background())
		for consumer := range list.Info() {
			if consumer.Config.Durable == "" {
				continue // who only reads on and was cut off leaves its place there for some minutes
			}
			all = append(all, consumer)
			idle = idle && consumer.NumPending == 0 && consumer.NumAckPending == 0
		}
		return list.Err() == nil && idle
	}, patience, glance)
	return all
}

// requireOneTryEach waits until all is done and holds how often the broker has
// delivered something against how many messages there are.
func (c cluster) requireOneTryEach(t *testing.T) {
	t.Helper()
	consumers := c.requireIdle(t)
	js := c.jetStream(t)
	for _, consumer := range consumers {
		same, err := js.CreateConsumer(t.Context(), consumer.Stream, jetstream.ConsumerConfig{
			FilterSubjects: consumer.Config.FilterSubjects, AckPolicy: jetstream.AckNonePolicy,
		})
		require.NoError(t, err)
		require.Equal(t, same.CachedInfo().NumPending, consumer.Delivered.Consumer,
			"%s has %d messages, delivered to it were %d", consumer.Name, same.CachedInfo().NumPending, consumer.Delivered.Consumer)
		require.NoError(t, js.DeleteConsumer(t.Context(), consumer.Stream, same.CachedInfo().Name))
	}
}

// requireOneOutcomeEach holds that each stage has had its one outcome for each
// import of an archive, a success, and that nothing else has come of them.
func (c cluster) requireOneOutcomeEach(t *testing.T, ids []string) {
	t.Helper()
	var names contracts.Names
	want := make(map[string]uint64)
	for _, id := range ids {
		for _, s := range []contracts.Stage{contracts.Ingest, contracts.Event, contracts.People, contracts.Schedule, contracts.Media} {
			want[names.Outcome(contracts.EventArchive, s, id, 1, contracts.OutcomeCompleted)] = 1
		}
		want[names.Control(contracts.EventArchive, id)] = 1
	}
	imports, err := c.jetStream(t).Stream(t.Context(), names.ImportsStream())
	require.NoError(t, err)
	info, err := imports.Info(t.Context(), jetstream.WithSubjectFilter(names.AllImports()))
	require.NoError(t, err)
	require.Equal(t, want, info.State.Subjects)
}
