package broker

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestConsumersThatAreMadeAgainBeginBehindWhatTheyHaveAcknowledged(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	c := b.Names().ConsumersOf(contracts.Media)[0]
	for _, id := range []string{"1", "2", "3", "4"} {
		_, err := b.js.Publish(t.Context(), b.Names().Outcome(contracts.EventArchive, contracts.Schedule, id, 1, contracts.OutcomeCompleted), nil)
		require.NoError(t, err)
	}
	consumer, err := b.js.Consumer(t.Context(), c.Stream, c.Name)
	require.NoError(t, err)
	batch, err := consumer.Fetch(3)
	require.NoError(t, err)
	n := 0
	for m := range batch.Messages() {
		if n++; n != 2 { // which is in hand
			require.NoError(t, m.DoubleAck(t.Context()))
		}
	}
	require.Equal(t, 3, n)
	floors, err := b.Floors(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint64(1), floors[c.Name])

	for _, each := range b.Names().Consumers() {
		require.NoError(t, b.js.DeleteConsumer(t.Context(), each.Stream, each.Name))
	}
	delete(floors, b.Names().ConsumersOf(contracts.Event)[0].Name) // as one of a stage that came later
	require.NoError(t, b.ProvisionFrom(t.Context(), floors))
	require.NoError(t, b.Verify(t.Context()))
	consumer, err = b.js.Consumer(t.Context(), c.Stream, c.Name)
	require.NoError(t, err)
	require.Equal(t, uint64(3), consumer.CachedInfo().NumPending)
	fetched, err := consumer.Next()
	require.NoError(t, err)
	meta, err := fetched.Metadata()
	require.NoError(t, err)
	require.Equal(t, uint64(2), meta.Sequence.Stream)
	first, err := b.js.Consumer(t.Context(), c.Stream, b.Names().ConsumersOf(contracts.Event)[0].Name)
	require.NoError(t, err)
	require.Equal(t, jetstream.DeliverAllPolicy, first.CachedInfo().Config.DeliverPolicy)
}
