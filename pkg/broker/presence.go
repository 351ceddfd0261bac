package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// presenceWindow is how long Presence waits for answers. Who is there answers in
// milliseconds; the rest is for a machine that has a lot to do.
const presenceWindow = time.Second

// What a process says of itself, and the version of that.
const (
	presenceVersion   = "1.0.0"
	presenceConsumers = "consumers"
	presenceHost      = "host"
	presenceSince     = "since"
)

// Instance is a process that runs a stage.
type Instance struct {
	// ID is unique per process and start.
	ID   string
	Host string
	// Since is when it began to run the stage, by its own clock.
	Since time.Time
}

// Announce has this process answer, until stop is called, that it runs the given
// consumers. It is a service of NATS' own discovery, so `nats micro info` shows
// it as well.
//
// Processes are asked rather than counted by what they last said: so there is
// nothing to expire, and one that is stopped in its tracks is not there.
func (b *Broker) Announce(consumers []string) (stop func(), err error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown" // it is for people only
	}
	announced, err := micro.AddService(b.nc, micro.Config{
		Name:        b.names.Presence(),
		Version:     presenceVersion,
		Description: "A process of Usher and the consumers that it runs.",
		Metadata: map[string]string{
			presenceConsumers: strings.Join(consumers, ","),
			presenceHost:      host,
			presenceSince:     time.Now().UTC().Format(time.RFC3339),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	return func() {
		_ = announced.Stop() // fails where the connection is closed, which ends it too
	}, nil
}

// Presence asks once which processes run which consumers, by the consumer's name.
// A consumer that none runs is not in the answer. That one is missing may mean
// that its process was too busy to answer, so whoever draws conclusions asks twice.
func (b *Broker) Presence(ctx context.Context) (map[string][]Instance, error) {
	answers, err := b.ask(ctx)
	if err != nil {
		return nil, fmt.Errorf("presence: %w", b.cfg.scrub(err))
	}
	there := make(map[string][]Instance)
	for _, a := range answers {
		since, _ := time.Parse(time.RFC3339, a.Metadata[presenceSince]) // zero where it says nothing
		for consumer := range strings.SplitSeq(a.Metadata[presenceConsumers], ",") {
			there[consumer] = append(there[consumer], Instance{ID: a.ID, Host: a.Metadata[presenceHost], Since: since})
		}
	}
	return there, nil
}

// ask gathers what comes within presenceWindow.
func (b *Broker) ask(ctx context.Context) ([]micro.Ping, error) {
	subject, err := micro.ControlSubject(micro.PingVerb, b.names.Presence(), "")
	if err != nil {
		return nil, err
	}
	inbox := b.nc.NewInbox()
	sub, err := b.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails where the connection is closed, which ends it too
	if err := b.nc.PublishRequest(subject, inbox, nil); err != nil {
		return nil, err
	}
	window, cancel := context.WithTimeout(ctx, presenceWindow)
	defer cancel()
	// A broker that is silent must not make everybody seem to be gone.
	if err := b.nc.FlushWithContext(window); err != nil {
		return nil, err
	}
	var answers []micro.Ping
	for {
		m, err := sub.NextMsgWithContext(window)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			return answers, nil
		case errors.Is(err, nats.ErrNoResponders):
			return nil, nil
		case err != nil:
			return nil, err
		}
		var a micro.Ping
		if json.Unmarshal(m.Data, &a) == nil && a.Type == micro.PingResponseType {
			answers = append(answers, a)
		}
	}
}
