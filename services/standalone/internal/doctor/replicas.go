package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/pkg/broker"
)

const mendReplicas = "see to the servers that are away: nats server report jetstream"

// replicas looks whether the servers that keep a stream are all there and up to date. How
// many there should be is a matter of how the stream is declared.
func replicas(ctx context.Context, b *broker.Broker) []Finding {
	const check = "replicas"
	var found []Finding
	several := false
	for _, name := range b.Names().AllStreams() {
		s, err := b.JetStream().Stream(ctx, name)
		if err != nil {
			continue // told with the streams
		}
		info := s.CachedInfo()
		if info.Cluster == nil {
			continue // a server that is alone
		}
		several = several || info.Config.Replicas > 1
		if info.Cluster.Leader == "" {
			found = append(found, red(check, mendReplicas, "stream %s has no leader: it takes nothing and gives nothing", name))
			continue
		}
		if away := behind(info.Cluster.Replicas); len(away) > 0 {
			found = append(found, warning(check, mendReplicas, "stream %s: %s", name, strings.Join(away, ", ")))
		}
	}
	switch {
	case len(found) > 0:
		return found
	case several:
		return []Finding{green(check, "all are up to date")}
	}
	return []Finding{green(check, "each stream is kept by one server")}
}

// behind says of those that are away or not up to date what they are.
func behind(peers []*jetstream.PeerInfo) []string {
	var all []string
	for _, peer := range peers {
		switch {
		case peer.Offline:
			all = append(all, peer.Name+" is away")
		case !peer.Current:
			all = append(all, fmt.Sprintf("%s lacks %d messages", peer.Name, peer.Lag))
		}
	}
	return all
}
