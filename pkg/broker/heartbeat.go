package broker

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
)

// inProgress is the acknowledgement that asks for more time.
var inProgress = []byte("+WPI")

// keepAlive tells the broker every third of the ack wait that a message is
// still being handled, until ctx ends. When no heartbeat has been confirmed for
// a whole ack wait the broker may have given the message to another replica:
// then it calls lost and ends.
//
// It asks for a confirmation, which the client's own InProgress does not: a
// heartbeat that only reached the socket proves nothing. The time counts from
// before the confirmed heartbeat was sent, so we always give up before the
// broker does.
func keepAlive(ctx context.Context, nc *nats.Conn, reply string, ackWait time.Duration, lost func()) {
	last := time.Now()
	wait := ackWait / 3
	for pause(ctx, wait) {
		left := ackWait - time.Since(last)
		if left <= 0 {
			lost()
			return
		}
		sent := time.Now()
		req, cancel := context.WithTimeout(ctx, min(left, ackWait/3))
		_, err := nc.RequestWithContext(req, reply, inProgress)
		cancel()
		if err == nil {
			last, wait = sent, ackWait/3
		} else {
			// No connection, or the consumer's leader is being elected.
			wait = min(ackWait/10, max(0, ackWait-time.Since(last)))
		}
	}
}
