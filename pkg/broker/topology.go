package broker

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// ackWait is how long the broker waits for a sign of life of who handles a
// message before it gives the message to another. Heartbeats come three times
// as often, so it is the time after a crash, not the length of a handler.
const ackWait = 15 * time.Second

// topologyKey is where streams, buckets and consumers carry the version of
// contracts that made them.
const topologyKey = "usher-topology"

// streamConfigs is what each stream and bucket should be. A bucket is a stream
// too, named and shaped as the client of NATS makes it; it is declared here
// because the client has no word for its persistence and its version.
func streamConfigs(names contracts.Names, replicas int) []jetstream.StreamConfig {
	var all []jetstream.StreamConfig
	for _, s := range names.Streams() {
		cfg := jetstream.StreamConfig{
			Name:        s.Name,
			Subjects:    s.Subjects,
			MaxAge:      s.MaxAge,
			MaxBytes:    s.MaxBytes,
			Discard:     jetstream.DiscardOld,
			PersistMode: persistMode(s.Relaxed, replicas),
			// Not AllowDirect: a follower would answer Last with what has been.
		}
		if s.RefuseWhenFull {
			cfg.Discard = jetstream.DiscardNew
		}
		all = append(all, cfg)
	}
	for _, b := range names.Buckets() {
		stream, prefix := contracts.BucketStream(b.Name)
		all = append(all, jetstream.StreamConfig{
			Name:              stream,
			Subjects:          []string{prefix + ">"},
			MaxAge:            b.MaxAge,
			MaxBytes:          -1,
			MaxMsgsPerSubject: 1,
			Discard:           jetstream.DiscardNew,
			AllowRollup:       true,
			DenyDelete:        true,
			PersistMode:       persistMode(b.Relaxed, replicas),
			// Direct reads are quicker, and with one copy there is no follower
			// that could lag behind what its writer has seen confirmed.
			AllowDirect: replicas == 1,
		})
	}
	for i := range all {
		all[i].Storage = jetstream.FileStorage
		all[i].Replicas = replicas
		all[i].Metadata = topologyMetadata()
	}
	return all
}

// persistMode relaxes a stream where the server can: it knows no asynchronous
// persistence for replicated streams, and they do not need it.
func persistMode(relaxed bool, replicas int) jetstream.PersistModeType {
	if relaxed && replicas == 1 {
		return jetstream.AsyncPersistMode
	}
	return jetstream.DefaultPersistMode
}

// consumerConfig is what the consumer of a stage should be.
func consumerConfig(c contracts.Consumer) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:        c.Name,
		FilterSubjects: c.Filters,
		DeliverPolicy:  jetstream.DeliverAllPolicy,
		AckPolicy:      jetstream.AckExplicitPolicy,
		AckWait:        ackWait,
		// Giving up is the subscriber's decision, see SubscriberConfig.MaxTries.
		MaxDeliver: -1,
		// Messages that wait for their next try count as pending: a limit would
		// let enough bad imports stop the good ones.
		MaxAckPending: -1,
		Metadata:      topologyMetadata(),
	}
}

func topologyMetadata() map[string]string {
	return map[string]string{topologyKey: strconv.Itoa(contracts.Topology)}
}

// topologyOf reads the version in some metadata; 0 is none.
func topologyOf(metadata map[string]string) int {
	v, _ := strconv.Atoi(metadata[topologyKey])
	return v
}

// withTopology returns metadata with our version in it and all else as it was.
func withTopology(metadata map[string]string) map[string]string {
	merged := maps.Clone(metadata)
	if merged == nil {
		merged = make(map[string]string)
	}
	maps.Copy(merged, topologyMetadata())
	return merged
}

// mergeStream lays what we decide over what is there, so that what an operator
// added (placement, compression) stays.
func mergeStream(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	have.Subjects = want.Subjects
	have.MaxAge = want.MaxAge
	have.MaxBytes = want.MaxBytes
	have.MaxMsgsPerSubject = want.MaxMsgsPerSubject
	have.Discard = want.Discard
	have.AllowRollup = want.AllowRollup
	have.DenyDelete = want.DenyDelete
	have.AllowDirect = want.AllowDirect
	have.Replicas = want.Replicas
	have.Metadata = withTopology(have.Metadata)
	return have
}

// mergeConsumer is mergeStream for consumers.
func mergeConsumer(have, want jetstream.ConsumerConfig) jetstream.ConsumerConfig {
	have.FilterSubject = ""
	have.FilterSubjects = want.FilterSubjects
	have.AckPolicy = want.AckPolicy
	have.AckWait = want.AckWait
	have.MaxDeliver = want.MaxDeliver
	have.MaxAckPending = want.MaxAckPending
	have.Metadata = withTopology(have.Metadata)
	return have
}

// differences collects what is not as it should be, as half sentences.
type differences []string

func (d *differences) compare(what string, have, want any) {
	if h, w := fmt.Sprint(have), fmt.Sprint(want); h != w {
		*d = append(*d, fmt.Sprintf("%s is %s, should be %s", what, h, w))
	}
}

func streamDifferences(have, want jetstream.StreamConfig) []string {
	var d differences
	d.compare("subjects", sorted(have.Subjects), sorted(want.Subjects))
	d.compare("max age", have.MaxAge, want.MaxAge)
	d.compare("max bytes", have.MaxBytes, want.MaxBytes)
	if want.MaxMsgsPerSubject > 0 {
		d.compare("max messages per subject", have.MaxMsgsPerSubject, want.MaxMsgsPerSubject)
	}
	d.compare("discard policy", have.Discard, want.Discard)
	d.compare("storage", have.Storage, want.Storage)
	d.compare("replicas", have.Replicas, want.Replicas)
	d.compare("direct reads", have.AllowDirect, want.AllowDirect)
	d.compare("topology", topologyOf(have.Metadata), topologyOf(want.Metadata))
	return d
}

func consumerDifferences(have, want jetstream.ConsumerConfig) []string {
	filters := have.FilterSubjects
	if have.FilterSubject != "" {
		filters = append(filters, have.FilterSubject)
	}
	var d differences
	d.compare("filter subjects", sorted(filters), sorted(want.FilterSubjects))
	d.compare("ack policy", have.AckPolicy, want.AckPolicy)
	d.compare("ack wait", have.AckWait, want.AckWait)
	d.compare("max deliver", have.MaxDeliver, want.MaxDeliver)
	d.compare("max ack pending", have.MaxAckPending, want.MaxAckPending)
	d.compare("topology", topologyOf(have.Metadata), topologyOf(want.Metadata))
	return d
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
