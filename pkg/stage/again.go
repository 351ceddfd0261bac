package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
)

// What a run depends on, in words for people.
const (
	database = "database"
	store    = "file store"
	queue    = "message broker"
)

// tryAgain tells why a try did not succeed and when the next one is. Where
// something does not answer the subscriber keeps the message until it does, and
// the try does not count.
func (r *Runner) tryAgain(ctx context.Context, msg *message.Message, run *Run, err error) {
	r.res.Metrics.tried(run, triedAgain)
	attrs := []any{"of", r.res.MaxTries, "error", err}
	if crash, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, "stack", string(crash.stack))
	}
	run.Log.WarnContext(ctx, "try did not succeed", attrs...)
	if ctx.Err() != nil {
		return // the message may be another's by now, who tells how it goes on
	}
	if away := r.away(ctx); len(away) > 0 {
		run.tell(contracts.Progress{Note: strings.Join(away.names(), " and ") + " unavailable, it goes on when that is back"})
		return
	}
	rest := broker.Backoff(run.try)
	broker.Rest(msg, rest)
	run.tell(contracts.Progress{Note: fmt.Sprintf("%s, try %d of %d, next in %s",
		trouble(err), run.try, r.res.MaxTries, max(rest, time.Second).Round(time.Second))})
}

// trouble says in a few words what went wrong. The error itself is for the log:
// it may name what only operators should see.
func trouble(err error) string {
	switch { // the database last: what it takes for its own may be an error of a network or of a file
	case errors.Is(err, bucket.ErrUnavailable):
		return store + " unavailable"
	case errors.Is(err, broker.ErrUnknown), errors.Is(err, broker.ErrFull):
		return queue + " unavailable"
	case postgres.IsLockTimeout(err):
		return "another process works on the import"
	case postgres.IsUnavailable(err):
		return database + " unavailable"
	}
	return "unexpected error"
}

// outages are the parts that do not answer, with what they say.
type outages []outage

type outage struct {
	name string
	err  error
}

func (o outages) names() []string {
	names := make([]string, len(o))
	for i, away := range o {
		names[i] = away.name
	}
	return names
}

// pingTimeout is how long each thing that a run depends on has to answer.
const pingTimeout = 5 * time.Second

// away asks everything that a run depends on. What does not answer in time is away.
// All are asked side by side: one that is frozen takes no time of the others, and is
// the only one to be blamed.
func (r *Runner) away(ctx context.Context) outages {
	ask := func(name string, ping func(context.Context) error) <-chan outage {
		answer := make(chan outage, 1)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, pingTimeout)
			defer cancel()
			answer <- outage{name, ping(ctx)}
		}()
		return answer
	}
	asked := []<-chan outage{
		ask(database, func(ctx context.Context) error { return postgres.PingWritable(ctx, r.res.DB) }),
		ask(queue, r.res.Broker.Ping),
	}
	if r.res.Bucket != nil {
		asked = append(asked, ask(store, r.res.Bucket.Ping))
	}
	var all outages
	for _, answer := range asked {
		if part := <-answer; part.err != nil {
			all = append(all, part)
		}
	}
	return all
}

// healthy tells whether what a run needs answers. Where it does not, the
// subscriber holds its messages and pulls no more until it does again, so that
// an outage burns no tries.
func (r *Runner) healthy(ctx context.Context) error {
	var errs []error
	for _, away := range r.away(ctx) {
		errs = append(errs, fmt.Errorf("%s: %w", away.name, away.err))
	}
	return errors.Join(errs...)
}
