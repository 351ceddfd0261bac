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
	var names contracts.Names
	all := make(map[string]*course)
	stream, err := w.js.Stream(ctx, names.ImportsStream())
	if err != nil {
		return nil, err
	}
	last := stream.CachedInfo().State.LastSeq
	if last == 0 {
		return all, nil
	}
	consumer, err := w.js.OrderedConsumer(ctx, names.ImportsStream(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		return nil, err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return nil, err
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextMaxWait(30 * time.Second))
		if err != nil {
			return nil, fmt.Errorf("stream IMPORTS: %w", err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return nil, err
		}
		env, payload, err := contracts.Decode(m.Data())
		if err != nil {
			return nil, err
		}
		c := all[env.Import]
		if c == nil {
			c = &course{outcomes: make(map[place][]string), ends: make(map[int][]string)}
			all[env.Import] = c
		}
		c.hear(env, payload)
		if meta.Sequence.Stream >= last {
			return all, nil
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
	case *contracts.StageFailed:
		outcome(p.Stage)
	case *contracts.ReplayRequested:
		c.attempt, c.state, c.code = env.Attempt, contracts.Started, ""
	case *contracts.ImportFinished:
		c.ends[env.Attempt] = append(c.ends[env.Attempt], env.ID)
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
