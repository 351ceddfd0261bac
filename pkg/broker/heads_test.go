package broker

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// sequences reads the heads of a topic.
func sequences(t *testing.T, b *Broker, topic string) (all []uint64) {
	t.Helper()
	for head, err := range b.Heads(t.Context(), topic, topic) {
		require.NoError(t, err)
		all = append(all, head.Sequence)
	}
	return all
}

func TestHeadsTellOfEachMessageWithoutItsPayload(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, soon)
	require.Empty(t, sequences(t, b, name))
	ids := publish(t, b, name, 12) // of which the last two have two bytes
	var have []string
	for head, err := range b.Heads(t.Context(), name, ">") {
		require.NoError(t, err)
		have = append(have, Stored{Header: head.Header}.ID())
		require.Equal(t, name, head.Subject)
		require.EqualValues(t, len(have), head.Sequence)
		require.EqualValues(t, map[bool]int{true: 2, false: 1}[len(have) > 10], head.Size)
		require.False(t, head.Time.IsZero())
	}
	require.Equal(t, ids, have)
}

func TestHeadsEndThoughTheMessagesThatWereLeftAreRemoved(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, soon)
	publish(t, b, name, 1000)
	n := 0
	for _, err := range b.Heads(t.Context(), name, name) {
		require.NoError(t, err)
		if n++; n == 1 {
			require.NoError(t, b.Purge(t.Context(), name, name))
		}
	}
	require.Less(t, n, 1001)
	require.Empty(t, sequences(t, b, name))
}

// spent is a consumer that has delivered all it had, which were three messages.
type spent struct{ jetstream.Consumer }

func (spent) Info(context.Context) (*jetstream.ConsumerInfo, error) {
	return &jetstream.ConsumerInfo{Name: "spent", Delivered: jetstream.SequenceInfo{Consumer: 3}}, nil
}

// late gives a message after a while.
type late struct {
	jetstream.MessagesContext
	message jetstream.Msg
	quiet   int
}

func (l *late) Next(...jetstream.NextOpt) (jetstream.Msg, error) {
	if l.quiet--; l.quiet >= 0 {
		return nil, nats.ErrTimeout
	}
	return l.message, nil
}

func TestHeadThatArrivesLateIsNotTakenForRemoved(t *testing.T) {
	t.Parallel()
	third := struct{ jetstream.Msg }{}
	for _, c := range []struct {
		last jetstream.MsgMetadata
		want jetstream.Msg
	}{
		{jetstream.MsgMetadata{}, third},
		{jetstream.MsgMetadata{Consumer: "spent", Sequence: jetstream.SequencePair{Consumer: 2}}, third},
		{jetstream.MsgMetadata{Consumer: "before", Sequence: jetstream.SequencePair{Consumer: 3}}, third},
		{jetstream.MsgMetadata{Consumer: "spent", Sequence: jetstream.SequencePair{Consumer: 3}}, nil},
	} {
		got, err := next(t.Context(), spent{}, &late{message: third, quiet: 2}, c.last)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestHeadsEndWithTheContextAndWithTheReader(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, soon)
	publish(t, b, name, 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range b.Heads(ctx, name, name) {
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
	for _, err := range b.Heads(t.Context(), name, name) {
		require.NoError(t, err)
		break
	}
	for _, err := range b.Heads(t.Context(), "nothing", "nothing") {
		last = err
	}
	require.ErrorContains(t, last, `read "nothing" of nothing`)
}

func TestPurgeRemovesWhatASubjectHasAndNothingElse(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	stream := b.Names().ImportsStream()
	subjects := []string{"usher.import.k.event.a.1.completed", "usher.import.k.event.a.2.completed", "usher.import.k.event.b.1.completed"}
	for _, subject := range subjects {
		publish(t, b, subject, 1)
	}
	require.NoError(t, b.Purge(t.Context(), stream, subjects[0]))
	require.NoError(t, b.Purge(t.Context(), stream, subjects[0]), "there is nothing any more")
	var left []string
	for head, err := range b.Heads(t.Context(), stream, b.Names().AllImports()) {
		require.NoError(t, err)
		left = append(left, head.Subject)
	}
	require.Equal(t, subjects[1:], left)
	require.NoError(t, b.Purge(t.Context(), stream, "usher.import.k.event.*.*.*"))
	for head, err := range b.Heads(t.Context(), stream, b.Names().AllImports()) {
		require.NoError(t, err)
		require.Fail(t, "left over", head.Subject)
	}
}
