package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// messageBytes is how long a message is, about as long as an outcome.
	messageBytes = 1024
	// publishers publish side by side, and consumers handle side by side, as many as a stage
	// has workers.
	publishers, consumers = 16, 4
	// alone and pings are which parts of the messages are published by one publisher,
	// and one after the other has been handled.
	alone, pings = 4, 8
	perSecond    = "messages/s"
)

// brokerWay is a way to publish messages and to consume them. What it publishes is stored
// when publish returns; what it consumes is acknowledged, and that confirmed, once handle
// has returned.
type brokerWay struct {
	// name is that of how it consumes; publisher is "" where it publishes as another one does.
	name, publisher string
	publish         func(ctx context.Context, payload []byte) error
	// consume handles messages until stop is called.
	consume func(ctx context.Context, handle func()) (stop func() error, err error)
	// clear removes all messages.
	clear func(context.Context) error
}

// brokerTimes are what a way came to, by round.
type brokerTimes struct{ one, many, consumed, delays []float64 }

// brokerPath compares publishing and consuming by Usher with what others would use, on the
// broker of a running Usher.
func brokerPath(ctx context.Context, w *world) (t Table, err error) {
	t = Table{
		Title: fmt.Sprintf("Publishing and consuming %d messages of %d bytes", w.cfg.Messages, messageBytes),
		Notes: []string{
			"The broker is that of `usher up`, which syncs every write; all ways share a stream with the consumers that Usher has.",
			fmt.Sprintf("Each publish waits until the message is stored. By one publisher: %d messages.", w.cfg.Messages/alone),
			fmt.Sprintf("Each message is acknowledged, and that confirmed, by %d workers; all messages are there before.", consumers),
			fmt.Sprintf("On the way: from the start of a publish until the handler has it, one message after the other, median of %d.", w.cfg.Messages/pings),
			"nats.go, one at a time: each worker asks for a message when it is free, as those of Usher do; prefetching: Consume.",
			"watermill-nats: its pkg/nats, with a push consumer and manual acks, which it needs not to lose messages.",
			"They take turns; each ratio is of neighbours, above 1 where Usher is slower.",
		},
	}
	ways, end, err := openBrokerWays(ctx, w.usher.nats)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, end()) }()
	times := make([]brokerTimes, len(ways))
	for i := range w.cfg.Runs + 1 {
		for n := range ways {
			n = (n + i) % len(ways)
			into := &times[n]
			if i == 0 {
				into = new(brokerTimes) // the warm-up
			}
			if err := ways[n].measure(ctx, w.cfg.Messages, into); err != nil {
				return t, fmt.Errorf("%s: %w", ways[n].name, err)
			}
		}
	}
	t.Measures = brokerMeasures(ways, times)
	return t, nil
}

// measure does one round of a way.
func (way brokerWay) measure(ctx context.Context, messages int, into *brokerTimes) error {
	one, many := messages/alone, messages
	took, err := way.publishAll(ctx, one, 1)
	if err != nil {
		return err
	}
	into.one = append(into.one, float64(one)/took.Seconds())
	if took, err = way.publishAll(ctx, many, publishers); err != nil {
		return err
	}
	into.many = append(into.many, float64(many)/took.Seconds())

	c := &counter{target: int64(one + many), reached: make(chan struct{}), each: make(chan time.Time, 1)}
	stop, err := way.consume(ctx, c.handle)
	if err != nil {
		return err
	}
	err = c.wait(ctx)
	if err == nil {
		into.consumed = append(into.consumed, float64(c.target-1)/c.last.Sub(c.first).Seconds())
		var delay float64
		delay, err = way.ping(ctx, c, messages/pings)
		into.delays = append(into.delays, delay)
	}
	return errors.Join(err, stop(), way.clear(ctx))
}

// publishAll publishes so many messages, and tells how long it took.
func (way brokerWay) publishAll(ctx context.Context, messages, publishers int) (time.Duration, error) {
	payload := bytes.Repeat([]byte("x"), messageBytes)
	begin := time.Now()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range publishers {
		group.Go(func() error {
			for next.Add(1) <= int64(messages) {
				if err := way.publish(ctx, payload); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return time.Since(begin), err
}

// ping publishes messages one after the other, and returns how long the median was on its
// way, in milliseconds.
func (way brokerWay) ping(ctx context.Context, c *counter, messages int) (float64, error) {
	payload := bytes.Repeat([]byte("x"), messageBytes)
	var delays []float64
	for range messages {
		begin := time.Now()
		if err := way.publish(ctx, payload); err != nil {
			return 0, err
		}
		select {
		case at := <-c.each:
			delays = append(delays, milliseconds(at.Sub(begin)))
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	slices.Sort(delays)
	return delays[len(delays)/2], nil
}

// counter counts what is handled: up to a target, and each message behind that.
type counter struct {
	target, handled int64
	first, last     time.Time
	// reached is closed at the target, and each has the time of each message after that.
	reached chan struct{}
	each    chan time.Time
}

func (c *counter) handle() {
	switch n := atomic.AddInt64(&c.handled, 1); {
	case n == c.target:
		c.last = time.Now()
		close(c.reached)
	case n > c.target:
		c.each <- time.Now()
	case n == 1:
		c.first = time.Now()
	}
}

func (c *counter) wait(ctx context.Context) error {
	select {
	case <-c.reached:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// brokerMeasures sums up what all ways came to. The first of them is Usher.
func brokerMeasures(ways []brokerWay, times []brokerTimes) []Measure {
	publisher := func(way brokerWay) string { return way.publisher }
	name := func(way brokerWay) string { return way.name }
	var all []Measure
	for _, quantity := range []struct {
		name, unit string
		of         func(brokerTimes) []float64
		// by names a way, "" where it is left out.
		by func(brokerWay) string
	}{
		{"published by one", perSecond, func(t brokerTimes) []float64 { return t.one }, publisher},
		{fmt.Sprintf("published by %d", publishers), perSecond, func(t brokerTimes) []float64 { return t.many }, publisher},
		{"consumed", perSecond, func(t brokerTimes) []float64 { return t.consumed }, name},
		{"on the way", "ms", func(t brokerTimes) []float64 { return t.delays }, name},
	} {
		var usher Measure
		var compared []Measure
		for n, way := range ways {
			by := quantity.by(way)
			if by == "" {
				continue
			}
			m := newMeasure(quantity.name+", "+by, quantity.unit, quantity.of(times[n]))
			all = append(all, m)
			switch {
			case n == 0:
				usher = m
			case quantity.unit == perSecond:
				compared = append(compared, ratios(fmt.Sprintf("%s, %s / Usher", quantity.name, by), m, usher))
			default:
				compared = append(compared, ratios(fmt.Sprintf("%s, Usher / %s", quantity.name, by), usher, m))
			}
		}
		all = append(all, compared...)
	}
	return all
}
