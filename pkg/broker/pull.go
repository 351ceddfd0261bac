package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The long pull: an idle replica sends one small request a minute, and one that
// the broker has forgotten is noticed after two heartbeats.
const (
	pullExpiry    = time.Minute
	pullHeartbeat = 10 * time.Second
)

// drainTimeout bounds the wait for a message that the broker has sent before it
// learned that we stop.
const drainTimeout = 2 * time.Second

// What a pull ends with beside a message. All of them but errPullEnded are a
// reason to look for the consumer again.
var (
	errPullEnded   = errors.New("the pull has ended")
	errPullSilent  = errors.New("the broker has forgotten the pull")
	errPullRefused = errors.New("the broker refused the pull")
	errPullCut     = errors.New("the connection was lost in a pull")
)

// puller asks one consumer for one message at a time, and only in next. It is
// used by one goroutine.
//
// It speaks the request of JetStream's pull consumers itself. The iterator of
// nats.go 1.55 (Messages with PullMaxMessages(1)) notes that a request is under
// way until after it was sent; a message that is answered, handled and
// acknowledged before that note is taken back makes the next call send nothing
// and sleep for two heartbeats. Fetch does not, but what the broker sends while
// a Fetch is being canceled rests for the ack wait.
type puller struct {
	nc      *nats.Conn
	subject string
	arrived chan *nats.Msg
	sub     *nats.Subscription
	// drained is closed, once, when nothing more can arrive.
	drained chan struct{}
	once    sync.Once
	closed  bool
	// status tells when the connection is lost, and the request with it.
	status chan nats.Status
	// expiry and heartbeat are what a request asks for.
	expiry, heartbeat time.Duration
}

// newPuller opens an inbox of its own for each puller, so that the answer to a
// request that an earlier one has given up cannot reach this one.
func newPuller(nc *nats.Conn, stream, consumer string) (*puller, error) {
	p := &puller{
		nc:        nc,
		expiry:    pullExpiry,
		heartbeat: pullHeartbeat,
		subject:   jetstream.DefaultAPIPrefix + "CONSUMER.MSG.NEXT." + stream + "." + consumer,
		arrived:   make(chan *nats.Msg, 4), // one message, and what is said about its request
		drained:   make(chan struct{}),
		status:    nc.StatusChanged(nats.RECONNECTING, nats.CLOSED),
	}
	var err error
	if p.sub, err = nc.ChanSubscribe(nc.NewInbox(), p.arrived); err != nil {
		nc.RemoveStatusListener(p.status)
		return nil, fmt.Errorf("pull from %s: %w", consumer, err)
	}
	p.sub.SetClosedHandler(p.end)
	return p, nil
}

// end notes that the subscription has ended. It may be told twice: a drain that
// we cut short, because the broker is silent, ends when the broker answers.
func (p *puller) end(string) { p.once.Do(func() { close(p.drained) }) }

// next asks for a message and waits for it until the context ends. With any
// error the puller is of no more use. A message that the broker sent before it
// knew that we stop is still received.
func (p *puller) next(until context.Context) (*nats.Msg, error) {
	select {
	case <-p.status: // lost since the last call: this inbox may be known no more
		p.close()
		return nil, errPullCut
	default:
	}
	if until.Err() != nil { // ended while we came here: what would arrive is not wanted
		p.close()
		return nil, errPullEnded
	}
	if err := p.ask(); err != nil {
		p.close()
		return nil, err
	}
	silence := time.NewTimer(2 * p.heartbeat)
	defer silence.Stop()
	for {
		var err error
		select {
		case m := <-p.arrived:
			switch status := statusOf(m); status {
			case "":
				return m, nil
			case "100": // a heartbeat
			case "404", "408": // expired
				err = p.ask()
			default:
				err = fmt.Errorf("%w: %s %s", errPullRefused, status, m.Header.Get("Description"))
			}
			silence.Reset(2 * p.heartbeat)
		case <-silence.C:
			err = errPullSilent
		case <-p.status:
			err = errPullCut
		case <-until.Done():
			if m := p.drain(); m != nil {
				return m, nil
			}
			return nil, errPullEnded
		}
		if err != nil {
			p.close()
			if m := p.waiting(); m != nil {
				return m, nil
			}
			return nil, err
		}
	}
}

// ask sends a request for one message.
func (p *puller) ask() error {
	body, err := json.Marshal(struct {
		Batch     int           `json:"batch"`
		Expires   time.Duration `json:"expires"`
		Heartbeat time.Duration `json:"idle_heartbeat"`
	}{1, p.expiry, p.heartbeat})
	if err != nil {
		return err
	}
	return p.nc.PublishRequest(p.subject, p.sub.Subject, body)
}

// drain closes the puller and returns the message that was on its way, if any.
func (p *puller) drain() *nats.Msg {
	defer p.close()
	if !p.nc.IsConnected() || p.sub.Drain() != nil {
		return nil // nothing can come
	}
	select {
	case <-p.drained:
	case <-time.After(drainTimeout):
	}
	return p.waiting()
}

// waiting returns the message that has arrived and nobody took, if any.
func (p *puller) waiting() *nats.Msg {
	for {
		select {
		case m := <-p.arrived:
			if statusOf(m) == "" {
				return m
			}
		default:
			return nil
		}
	}
}

// close lets the broker forget the request: it drops one whose inbox nobody
// listens to. It is safe to call twice.
func (p *puller) close() {
	p.closed = true
	_ = p.sub.Unsubscribe() // an error says that it is closed already
	p.nc.RemoveStatusListener(p.status)
}

// statusOf is the code of what the broker says about a request, empty for a
// message of the stream.
func statusOf(m *nats.Msg) string {
	if len(m.Data) > 0 {
		return "" // a header of that name is the sender's
	}
	return m.Header.Get("Status")
}
