package projection

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
)

// source is one stream and how far it is folded.
type source struct {
	stream string
	// created is the stream's own time, position the sequence of the last
	// message that is folded and committed.
	created  time.Time
	position uint64
}

// checkpoint is a source as the database keeps it.
type checkpoint struct {
	bun.BaseModel `bun:"table:query.checkpoint,alias:c"`

	Stream    string `bun:"stream,pk"`
	Sequence  uint64
	CreatedAt time.Time
}

// open finds out where to go on with a stream. A checkpoint of another stream
// of that name, or beyond the end of this one, starts over: Fold takes what it
// knows already without a change.
func (p *Projector) open(ctx context.Context, stream string) (*source, error) {
	created, last, err := lookAt(ctx, p.broker, stream)
	if err != nil {
		return nil, err
	}
	at := checkpoint{Stream: stream, CreatedAt: created}
	if _, err := p.db.NewInsert().Model(&at).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return nil, fmt.Errorf("checkpoint of %s: %w", stream, err)
	}
	if err := p.db.NewSelect().Model(&at).WherePK().Scan(ctx); err != nil {
		return nil, fmt.Errorf("checkpoint of %s: %w", stream, err)
	}
	if !at.CreatedAt.Equal(created) || at.Sequence > last {
		p.log.WarnContext(ctx, "stream was reset, starting over", "stream", stream, "checkpoint", at.Sequence, "last", last)
		at.Sequence, at.CreatedAt = 0, created
		if _, err := p.db.NewUpdate().Model(&at).WherePK().Exec(ctx); err != nil {
			return nil, fmt.Errorf("checkpoint of %s: %w", stream, err)
		}
	}
	return &source{stream: stream, created: created, position: at.Sequence}, nil
}

// verify returns errReset where the source is not the stream any more that it was.
func (p *Projector) verify(ctx context.Context, s *source) error {
	created, last, err := lookAt(ctx, p.broker, s.stream)
	if err != nil {
		return err
	}
	if !created.Equal(s.created) || last < s.position {
		return fmt.Errorf("%s: %w", s.stream, errReset)
	}
	return nil
}

// lookAt tells when a stream was made, and its last sequence.
func lookAt(ctx context.Context, b *broker.Broker, stream string) (created time.Time, last uint64, err error) {
	s, err := b.JetStream().Stream(ctx, stream)
	if err != nil {
		return created, 0, fmt.Errorf("stream %s: %w", stream, err)
	}
	info := s.CachedInfo()
	return info.Created.UTC().Truncate(time.Microsecond), info.State.LastSeq, nil
}

// follow sends what comes after the source's position until the returned
// function is called. Interruptions heal by themselves.
func (p *Projector) follow(ctx context.Context, s *source, to chan<- received) (stop func(), err error) {
	consumer, err := p.broker.JetStream().OrderedConsumer(ctx, s.stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   s.position + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", s.stream, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		r, err := read(s, m)
		if err != nil {
			p.log.ErrorContext(ctx, "message without a place in its stream", "stream", s.stream, "error", err)
			return
		}
		select {
		case to <- r:
		case <-ctx.Done():
		}
	}, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		p.log.DebugContext(ctx, "following a stream was interrupted", "stream", s.stream, "error", err)
	}))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("follow %s: %w", s.stream, err)
	}
	return func() {
		cancel()
		consuming.Stop()
	}, nil
}
