package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/semaphore"

	"github.com/usher-events/usher/contracts"
)

// Broker is a connection to NATS and what Usher keeps there. It is safe for
// concurrent use.
type Broker struct {
	cfg   Config
	names contracts.Names
	nc    *nats.Conn
	js    jetstream.JetStream
	log   *slog.Logger

	metrics *Metrics

	// company is held in part by each message that is being handled and as a
	// whole by one that has to be alone in the process; see Subscriber.
	company *semaphore.Weighted
}

// everyone is the weight of the whole of Broker.company.
const everyone = math.MaxInt64

// Connect opens a connection. The first one has to succeed; once connected, it
// is restored for ever. Errors and logs never show the credentials of the URL.
//
// The options are for what an operator does not set: the connection to an
// embedded server, a name.
func Connect(ctx context.Context, cfg Config, log *slog.Logger, opts ...nats.Option) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.URL == "" && !inProcess(opts) {
		return nil, errors.New("USHER_NATS_URL is not set")
	}
	names, err := contracts.ParseNames(cfg.Prefix)
	if err != nil {
		return nil, err
	}
	all := []nats.Option{
		nats.Name("usher"),
		// A server on a busy machine is slow to greet, and is not away for that. One that
		// refuses is told at once.
		nats.Timeout(10 * time.Second),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		// Also where a server refuses the account: while passwords are being changed they
		// differ for a moment, and else the second refusal would be the end.
		nats.IgnoreAuthErrorAbort(),
		// While there is no connection, sending fails at once instead of being
		// kept for later: the sender is told, and decides.
		nats.ReconnectBufSize(-1),
		// A silent connection is noticed within half a minute.
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil is Close
				log.Warn("connection to the broker lost", "error", cfg.scrub(err))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info("connection to the broker restored", "server", nc.ConnectedUrlRedacted())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			log.Warn("broker", "subject", subject, "error", cfg.scrub(err))
		}),
	}
	if cfg.Creds != "" {
		all = append(all, nats.UserCredentials(cfg.Creds))
	}
	if cfg.CA != "" {
		all = append(all, nats.RootCAs(cfg.CA))
	}
	nc, err := nats.Connect(cfg.URL, append(all, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", cfg.redacted(), cfg.scrub(err))
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("connect to NATS at %s: %w", cfg.redacted(), err)
	}
	b := &Broker{cfg: cfg, names: names, nc: nc, js: js, log: log, metrics: NewMetrics(), company: semaphore.NewWeighted(everyone)}
	if err := b.Ping(ctx); err != nil {
		nc.Close()
		return nil, fmt.Errorf("connect to NATS at %s: %w", cfg.redacted(), err)
	}
	return b, nil
}

// inProcess tells whether the options lead to an embedded server.
func inProcess(opts []nats.Option) bool {
	var o nats.Options
	for _, set := range opts {
		_ = set(&o) // what is wrong with it Connect says
	}
	return o.InProcessServer != nil
}

// Names returns the names under this installation's prefix.
func (b *Broker) Names() contracts.Names { return b.names }

// JetStream gives the client of NATS to those who read streams in ways of their own.
func (b *Broker) JetStream() jetstream.JetStream { return b.js }

// Remaps opens the bucket of the remaps.
func (b *Broker) Remaps(ctx context.Context) (jetstream.KeyValue, error) {
	return b.bucket(ctx, b.names.RemapsBucket())
}

// Uploads opens the bucket of the uploads.
func (b *Broker) Uploads(ctx context.Context) (jetstream.KeyValue, error) {
	return b.bucket(ctx, b.names.UploadsBucket())
}

func (b *Broker) bucket(ctx context.Context, name string) (jetstream.KeyValue, error) {
	kv, err := b.js.KeyValue(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	return kv, nil
}

// Ping proves by a round trip that JetStream answers. It fails at once while
// there is no connection.
func (b *Broker) Ping(ctx context.Context) error {
	if _, err := b.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("ping JetStream: %w", b.cfg.scrub(err))
	}
	return nil
}

// Close ends the connection after what was sent has left. Subscribers are to be
// closed before. It is safe to call twice.
func (b *Broker) Close() { b.nc.Close() }
