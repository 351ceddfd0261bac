package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

const startBroker = "start the broker, or correct USHER_NATS_URL"

// The oldest version of the broker that knows all that the streams are declared with:
// asynchronous persistence came with it.
const brokerMajor, brokerMinor = 2, 12

// connect looks whether the broker is there and fit to be used, and hands on the
// connection.
func connect(ctx context.Context, p Patient, to chan<- *broker.Broker) []Finding {
	const check = "broker"
	b, err := broker.Connect(ctx, p.Config.Broker, slog.New(slog.DiscardHandler), append(p.Embedded, p.Config.Broker.InboxOf(contracts.Provisioner))...)
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled):
		return []Finding{red(check, `start it with JetStream: nats-server --jetstream, or a block "jetstream" in its configuration`, "it has no JetStream")}
	case errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return []Finding{red(check, "enable JetStream for the account of this user", "it has no JetStream for this account")}
	case err != nil:
		return []Finding{red(check, startBroker, "%s", err)}
	}
	to <- b
	version := b.JetStream().Conn().ConnectedServerVersion()
	if tooOld(version) {
		return []Finding{red(check, "update its servers", "it is version %s, and %d.%d is needed", version, brokerMajor, brokerMinor)}
	}
	return []Finding{green(check, "version %s answers", version)}
}

// tooOld judges a version such as 2.15.2. One that cannot be read is somebody's own.
func tooOld(version string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major < brokerMajor || major == brokerMajor && minor < brokerMinor
}

// brokerLooks are those at a broker that is there.
func brokerLooks(p Patient, b *broker.Broker) []look {
	looks := []look{
		{"broker sync", askMonitoring, func(ctx context.Context) []Finding { return syncs(ctx, p) }},
		{"streams", startBroker, func(ctx context.Context) []Finding { return declared(ctx, b) }},
		{"replicas", startBroker, func(ctx context.Context) []Finding { return replicas(ctx, b) }},
		{"broker storage", startBroker, func(ctx context.Context) []Finding { return room(ctx, b) }},
		{"dead messages", startBroker, func(ctx context.Context) []Finding { return dead(ctx, b) }},
		{"broker clock", startBroker, func(ctx context.Context) []Finding { return brokerClock(ctx, p, b) }},
	}
	if len(p.Embedded) == 0 {
		looks = append(looks, look{"stages", startBroker, func(ctx context.Context) []Finding { return stages(ctx, b) }})
	}
	return looks
}
