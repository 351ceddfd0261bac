package broker

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// Listen calls heard with whatever is told under a subject, which may have
// wildcards, one message at a time, until stop is called. Nothing is kept for a
// listener: what is told while there is no connection does not come again, and
// once there is one, listening goes on by itself. heard must be quick and may keep
// the data.
func (b *Broker) Listen(subject string, heard func(subject string, data []byte)) (stop func(), err error) {
	sub, err := b.nc.Subscribe(subject, func(m *nats.Msg) { heard(m.Subject, m.Data) })
	if err != nil {
		return nil, fmt.Errorf("listen to %q: %w", subject, err)
	}
	return func() {
		_ = sub.Unsubscribe() // fails where the connection is closed, which ends it too
	}, nil
}
