package broker

import (
	"bytes"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestProvisionMakesWhatVerifyExpects(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	err := b.Verify(t.Context())
	require.ErrorContains(t, err, b.Names().ImportsStream())
	require.ErrorContains(t, err, b.Names().Consumer(contracts.EventArchive, contracts.Media))

	require.NoError(t, b.Provision(t.Context()))
	require.NoError(t, b.Verify(t.Context()))
	require.NoError(t, b.Provision(t.Context()), "a second time")

	s, err := b.js.Stream(t.Context(), b.Names().StatusStream())
	require.NoError(t, err)
	require.Equal(t, jetstream.AsyncPersistMode, s.CachedInfo().Config.PersistMode)
	s, err = b.js.Stream(t.Context(), b.Names().ImportsStream())
	require.NoError(t, err)
	require.Equal(t, jetstream.DefaultPersistMode, s.CachedInfo().Config.PersistMode)
	require.Equal(t, jetstream.DiscardNew, s.CachedInfo().Config.Discard)
}

func TestProvisionBySeveralAtOnce(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	var all sync.WaitGroup
	for range 8 {
		b := connect(t, srv, "")
		all.Go(func() {
			if err := b.Provision(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.NoError(t, connect(t, srv, "").Verify(t.Context()))
}

func TestVerifyNamesDifferencesAndProvisionMendsThem(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	stream := b.Names().ImportsStream()
	s, err := b.js.Stream(t.Context(), stream)
	require.NoError(t, err)
	cfg := s.CachedInfo().Config
	cfg.MaxAge = time.Hour
	cfg.Description = "kept for Ms Example"
	_, err = b.js.UpdateStream(t.Context(), cfg)
	require.NoError(t, err)
	consumer := b.Names().Consumers()[0]
	c, err := b.js.Consumer(t.Context(), consumer.Stream, consumer.Name)
	require.NoError(t, err)
	ccfg := c.CachedInfo().Config
	ccfg.AckWait = time.Minute
	_, err = b.js.UpdateConsumer(t.Context(), consumer.Stream, ccfg)
	require.NoError(t, err)

	err = b.Verify(t.Context())
	require.ErrorContains(t, err, "stream "+stream+": max age is 1h0m0s, should be 720h0m0s")
	require.ErrorContains(t, err, "consumer "+consumer.Name+": ack wait is 1m0s, should be 15s")
	require.Error(t, b.Verify(t.Context()), "Verify changes nothing")

	require.NoError(t, b.Provision(t.Context()))
	require.NoError(t, b.Verify(t.Context()))
	s, err = b.js.Stream(t.Context(), stream)
	require.NoError(t, err)
	require.Equal(t, "kept for Ms Example", s.CachedInfo().Config.Description)
}

func TestProvisionNeverGoesBack(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	var log bytes.Buffer
	b.log = slog.New(slog.NewTextHandler(&log, nil))
	s, err := b.js.Stream(t.Context(), b.Names().ImportsStream())
	require.NoError(t, err)
	cfg := s.CachedInfo().Config
	cfg.MaxAge = 99 * 24 * time.Hour
	cfg.Metadata[topologyKey] = strconv.Itoa(contracts.Topology + 1)
	_, err = b.js.UpdateStream(t.Context(), cfg)
	require.NoError(t, err)

	require.NoError(t, b.Provision(t.Context()))
	require.Contains(t, log.String(), "newer version of Usher")
	require.Contains(t, log.String(), b.Names().ImportsStream())
	require.NoError(t, b.Verify(t.Context()), "what is newer is not ours to judge")
	s, err = b.js.Stream(t.Context(), b.Names().ImportsStream())
	require.NoError(t, err)
	require.Equal(t, 99*24*time.Hour, s.CachedInfo().Config.MaxAge)
}

func TestPrefixesSetInstallationsApart(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	plain, test := connect(t, srv, ""), connect(t, srv, "test")
	require.NoError(t, plain.Provision(t.Context()))
	require.NoError(t, test.Provision(t.Context()))

	consumer := test.Names().Consumer(contracts.EventArchive, contracts.Event)
	s := test.Subscriber(SubscriberConfig{})
	messages := subscribe(t, s, consumer)
	defer func() { require.NoError(t, s.Close()) }()
	_, err := plain.Subscriber(SubscriberConfig{}).Subscribe(t.Context(), consumer)
	require.ErrorContains(t, err, consumer)

	for _, b := range []*Broker{plain, test} {
		subject := b.Names().Outcome(contracts.EventArchive, contracts.Ingest, "x", 1, contracts.OutcomeCompleted)
		require.NoError(t, b.Publisher().Publish(subject, message.NewMessage("of-"+b.Names().Prefix, nil)))
	}
	msg := receive(t, messages)
	require.Equal(t, "of-test", msg.UUID)
	require.Equal(t, "test.usher.import.event-archive.ingest.x.1.completed", DeliveryOf(msg).Subject)
	msg.Ack()
	last, err := plain.Last(t.Context(), plain.Names().ImportsStream(), plain.Names().AllImports())
	require.NoError(t, err)
	require.Equal(t, "of-", last.ID())
}

func TestRemapsReadTheirOwnWrites(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	kv, err := b.Remaps(t.Context())
	require.NoError(t, err)
	for _, v := range []string{"1", "2"} {
		_, err = kv.Put(t.Context(), "import.1.sessions", []byte(v))
		require.NoError(t, err)
		e, err := kv.Get(t.Context(), "import.1.sessions")
		require.NoError(t, err)
		require.Equal(t, v, string(e.Value()))
	}
}

func TestRelaxedStreamsAreNotReplicatedLater(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	b.cfg.Replicas = 3
	err := b.Provision(t.Context())
	require.ErrorContains(t, err, "stream "+b.Names().StatusStream()+": was made with asynchronous persistence")
	for _, cfg := range streamConfigs(b.Names(), 3) {
		require.Equal(t, jetstream.DefaultPersistMode, cfg.PersistMode)
		require.False(t, cfg.AllowDirect)
	}
}
