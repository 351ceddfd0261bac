// Package doctor looks at everything that Usher stands on and says how it stands, what
// is wrong and what to do about it. It changes nothing, but for a small blob that it
// stores and removes again. There is one file for each thing that it looks at.
package doctor

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/service"
)

// Patient is what is looked at.
type Patient struct {
	Config service.Config
	// Services are those whose migrations the database should have.
	Services []service.Service
	// Embedded is how to reach a broker of this process, empty for one that the settings
	// name. It belongs to nobody else, so no stages are expected to run.
	Embedded []nats.Option
	// Monitoring are the addresses of the monitoring of the broker's servers, such as
	// http://nats-0:8222; only there can be seen how they sync.
	Monitoring []string
	// Now is the clock of this machine.
	Now func() time.Time
}

// patience is how long a look may take. What does not answer by then is red.
const patience = 15 * time.Second

// look is how one thing is looked at.
type look struct {
	// check and todo are what is said where it does not answer in time.
	check, todo string
	see         func(ctx context.Context) []Finding
}

// Examine looks at everything and returns what it found, in a fixed order. It ends
// within a minute, whatever does not answer. Of what stands on something that is away
// nothing is said.
func Examine(ctx context.Context, p Patient) []Finding {
	brokers, databases := make(chan *broker.Broker, 1), make(chan *bun.DB, 1)
	first := together(ctx,
		look{"settings", correctSettings, func(context.Context) []Finding { return settings(p) }},
		look{"broker", startBroker, func(ctx context.Context) []Finding { return connect(ctx, p, brokers) }},
		look{"database", startDatabase, func(ctx context.Context) []Finding { return open(ctx, p, databases) }},
		look{"bucket", mendBucket, func(ctx context.Context) []Finding { return tryBucket(ctx, p.Config.BucketURL) }},
		look{"mail server", mendMail, func(ctx context.Context) []Finding { return greetMailServer(ctx, p.Config) }},
	)
	b, db := opened(brokers), opened(databases)
	var atBroker, atDatabase []look
	if b != nil {
		defer b.Close()
		atBroker = brokerLooks(p, b)
	}
	if db != nil {
		defer db.Close() //nolint:errcheck // it was only read
		atDatabase = databaseLooks(p, db, b)
	}
	then := together(ctx, append(atBroker, atDatabase...)...)
	return slices.Concat(first[0],
		first[1], slices.Concat(then[:len(atBroker)]...),
		first[2], slices.Concat(then[len(atBroker):]...),
		first[3], first[4])
}

// together looks at several things side by side. One that goes on beyond its time is
// left to itself.
func together(ctx context.Context, looks ...look) [][]Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answers := make([]chan []Finding, len(looks))
	for i, l := range looks {
		answers[i] = make(chan []Finding, 1)
		go func() { answers[i] <- l.see(ctx) }()
	}
	// A look that heeds its context says better itself what did not answer.
	late := time.NewTimer(patience + patience/3)
	defer late.Stop()
	all := make([][]Finding, len(looks))
	for i, l := range looks {
		select {
		case all[i] = <-answers[i]:
		case <-late.C:
			late.Reset(0)
			all[i] = []Finding{red(l.check, l.todo, "nothing answers within %s", patience)}
		}
	}
	return all
}

// opened is what a look has opened, nil where it has not in time.
func opened[T any](from <-chan *T) *T {
	select {
	case there := <-from:
		return there
	default:
		return nil
	}
}
