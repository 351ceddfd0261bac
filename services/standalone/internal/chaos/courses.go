package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// course is what the stream IMPORTS says of one import.
type course struct {
	kind    contracts.Kind
	owner   contracts.Owner
	blob    string
	attempt int
	// outcomes are the ids of the outcomes of each stage and attempt, ends those of
	// each attempt.
	outcomes map[place][]string
	ends     map[int][]string
	// state is where the commands have left the import, and code why it failed.
	state contracts.State
	code  string
	// accounts are what the newest success has said of a list.
	accounts contracts.Accounts
	// succeeded tells that an attempt has, whatever came then.
	succeeded bool
	// failed tells that one has failed.
	failed bool
	// exported and counts are what the newest success has said of an export.
	exported *contracts.Exported
	counts   map[contracts.EntityType]int
	// last is what was said last, for people.
	last string
}

// place is where an outcome belongs.
type place struct {
	stage   contracts.Stage
	attempt int
}

// courses reads the whole stream.
func (w *world) courses(ctx context.Context) (map[string]*course, error) {
	all := make(map[string]*course)
	err := w.each(ctx, contracts.Names{}.ImportsStream(), func(env contracts.Envelope, payload contracts.Payload, _ time.Time) {
		c := all[env.Import]
		if c == nil {
			c = &course{outcomes: make(map[place][]string), ends: make(map[int][]string)}
			all[env.Import] = c
		}
		c.hear(env, payload)
	})
	return all, err
}

// cleared reads when the last stage has told of imports that it has taken them back.
func (w *world) cleared(ctx context.Context) (map[string]time.Time, error) {
	all := make(map[string]time.Time)
	err := w.each(ctx, contracts.Names{}.StatusStream(), func(env contracts.Envelope, payload contracts.Payload, at time.Time) {
		if p, ok := payload.(*contracts.StageCleared); ok && p.Stage == contracts.Notify && all[env.Import].IsZero() {
			all[env.Import] = at
		}
	})
	return all, err
}

// each reads a stream, with the time at which each message was stored.
func (w *world) each(ctx context.Context, name string, take func(contracts.Envelope, contracts.Payload, time.Time)) error {
	stream, err := w.js.Stream(ctx, name)
	if err != nil {
		return err
	}
	last := stream.CachedInfo().State.LastSeq
	if last == 0 {
		return nil
	}
	consumer, err := w.js.OrderedConsumer(ctx, name, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextMaxWait(30 * time.Second))
		if err != nil {
			return fmt.Errorf("stream %s: %w", name, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		env, payload, err := contracts.Decode(m.Data())
		if err != nil {
			return err
		}
		take(env, payload, meta.Timestamp)
		if meta.Sequence.Stream >= last {
			return nil
		}
	}
}

// hear folds the next message into the course.
func (c *course) hear(env contracts.Envelope, payload contracts.Payload) {
	c.last = fmt.Sprintf("%s of attempt %d, by %s", env.Type, env.Attempt, env.Source)
	outcome := func(s contracts.Stage) {
		at := place{s, env.Attempt}
		c.outcomes[at] = append(c.outcomes[at], env.ID)
	}
	switch p := payload.(type) {
	case *contracts.ImportRequested:
		c.kind, c.owner, c.blob, c.attempt, c.state = env.Kind, env.Owner, p.Blob, 1, contracts.Started
		outcome(contracts.Ingest)
	case *contracts.ExportRequested: // which reads no upload
		c.kind, c.owner, c.attempt, c.state = env.Kind, env.Owner, 1, contracts.Started
		outcome(contracts.Ingest)
	case *contracts.StageFailed:
		outcome(p.Stage)
	case *contracts.ReplayRequested:
		c.attempt, c.state, c.code = env.Attempt, contracts.Started, ""
	case *contracts.ImportFinished:
		c.ends[env.Attempt] = append(c.ends[env.Attempt], env.ID)
		c.succeeded = c.succeeded || p.State == contracts.Success
		c.failed = c.failed || p.State == contracts.Failure
		if p.Result != nil && p.Result.Accounts != nil {
			c.accounts = *p.Result.Accounts
		}
		if p.Result != nil && p.Result.Exported != nil {
			c.exported, c.counts = p.Result.Exported, p.Result.Counts
		}
		if c.state == contracts.Started {
			c.state, c.code = p.State, p.Code
		}
	default:
		if state, taken := contracts.TakenBack(payload); taken {
			c.state, c.code = state, ""
		}
		if _, completed := contracts.CompletedOf(payload); completed {
			outcome(contracts.Stage(env.Source))
		}
	}
}

// delivery is how far a consumer of a stage is.
type delivery struct {
	consumer string
	// given is how many messages it was given, those that came again counted again.
	given uint64
	// pending are those that nobody has, unacked those that somebody has.
	pending uint64
	unacked int
}

func (d delivery) String() string {
	return fmt.Sprintf("%s: %d pending, %d not acknowledged", d.consumer, d.pending, d.unacked)
}

// deliveries looks at the consumers of all stages.
func (w *world) deliveries(ctx context.Context) ([]delivery, error) {
	var names contracts.Names
	var all []delivery
	for _, c := range names.Consumers() {
		consumer, err := w.js.Consumer(ctx, c.Stream, c.Name)
		if err != nil {
			return nil, fmt.Errorf("consumer %s: %w", c.Name, err)
		}
		info := consumer.CachedInfo()
		all = append(all, delivery{c.Name, info.Delivered.Consumer, info.NumPending, info.NumAckPending})
	}
	return all, nil
}

// tries tells how many messages were delivered again.
func (w *world) tries(ctx context.Context) (uint64, error) {
	var names contracts.Names
	deliveries, err := w.deliveries(ctx)
	if err != nil {
		return 0, err
	}
	var given, different uint64
	for _, d := range deliveries {
		given += d.given
	}
	for _, c := range names.Consumers() {
		// One that has heard nothing yet has all of its messages before itself.
		fresh, err := w.js.CreateConsumer(ctx, c.Stream, jetstream.ConsumerConfig{
			FilterSubjects: c.Filters, AckPolicy: jetstream.AckNonePolicy, InactiveThreshold: time.Minute,
		})
		if err != nil {
			return 0, fmt.Errorf("consumer beside %s: %w", c.Name, err)
		}
		different += fresh.CachedInfo().NumPending
	}
	return given - min(given, different), nil
}

// behind tells how many messages of the stream the projection has yet to see.
func (w *world) behind(ctx context.Context) (uint64, error) {
	var names contracts.Names
	stream, err := w.js.Stream(ctx, names.ImportsStream())
	if err != nil {
		return 0, err
	}
	var seen uint64
	err = w.db.NewRaw(`SELECT coalesce(max(sequence), 0) FROM query.checkpoint WHERE stream = ?`, names.ImportsStream()).Scan(ctx, &seen)
	last := stream.CachedInfo().State.LastSeq
	return last - min(last, seen), err
}
