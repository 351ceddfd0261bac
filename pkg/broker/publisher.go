package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	wmnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// publishRetries and publishWait span the election of a stream's new leader,
// during which nobody answers and nothing is stored.
const (
	publishRetries = 8
	publishWait    = 250 * time.Millisecond
)

// publishTimeout bounds a publish whose context has no deadline of its own.
const publishTimeout = 5 * time.Second

// marshaler is the wire format: the payload is the body, UUID and metadata are headers.
var marshaler = &wmnats.NATSMarshaler{}

// Publisher implements Watermill's message.Publisher: the topic is the subject.
// It is safe for concurrent use.
type Publisher struct{ b *Broker }

var _ message.Publisher = (*Publisher)(nil)

// Publisher returns a publisher on this connection.
func (b *Broker) Publisher() *Publisher { return &Publisher{b: b} }

// ExpectLast makes the publication of msg depend on what is there: it is stored
// only if the last message under pattern, which may have wildcards, has the
// sequence seq; 0 means that there is none. Otherwise Publish returns ErrConflict.
func ExpectLast(msg *message.Message, seq uint64, pattern string) {
	// The metadata becomes the headers of the message, so NATS's own names say
	// it without any translation on the way.
	msg.Metadata.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(seq, 10))
	msg.Metadata.Set(jetstream.ExpectedLastSubjSeqSubjHeader, pattern)
}

// Publish sends messages one after the other and waits for each to be stored,
// within the message's context or five seconds. The error of the first that was
// not is ErrConflict, ErrFull, ErrUnknown or another one, which says that the
// message was certainly not stored; those after it were not sent.
//
// Nothing is retried after an unknown outcome: that would hide it, and whoever
// publishes with an expectation can repeat it without harm.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	for _, msg := range messages {
		if err := p.b.publish(msg.Context(), topic, msg); err != nil {
			return fmt.Errorf("publish %s to %q: %w", msg.UUID, topic, err)
		}
	}
	return nil
}

// Close does nothing: each Publish has been confirmed, and the connection is
// the broker's.
func (p *Publisher) Close() error { return nil }

func (b *Broker) publish(ctx context.Context, subject string, msg *message.Message) (err error) {
	ctx, end := published(ctx, subject, msg)
	began := time.Now()
	defer func() {
		result := resultOf(err)
		b.metrics.published.WithLabelValues(result).Observe(time.Since(began).Seconds())
		end(result)
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	sent := msg.Copy()
	forgetDelivery(sent.Metadata)
	m, err := marshaler.Marshal(subject, sent)
	if err != nil {
		return err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, publishTimeout)
		defer cancel()
	}
	_, err = b.js.PublishMsg(ctx, m,
		jetstream.WithRetryAttempts(publishRetries), jetstream.WithRetryWait(publishWait))
	return publishError(err)
}

// Codes of the server that the client has no names for.
const (
	codeWrongLastSequenceConstant jetstream.ErrorCode = 10164
	codeStoreFailed               jetstream.ErrorCode = 10077
	codeInsufficientResources     jetstream.ErrorCode = 10023
	codeAccountResources          jetstream.ErrorCode = 10002
)

// publishError names what a failed publish means for the sender. Whatever is
// not known to have left nothing behind is unknown.
func publishError(err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch refused.ErrorCode {
		case jetstream.JSErrCodeStreamWrongLastSequence, codeWrongLastSequenceConstant:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case codeInsufficientResources, codeAccountResources:
			return fmt.Errorf("%w: %w", ErrFull, err)
		case codeStoreFailed:
			// One code for all that keeps a message out; only the text tells.
			if strings.Contains(refused.Description, "maximum") && strings.Contains(refused.Description, "exceeded") {
				return fmt.Errorf("%w: %w", ErrFull, err)
			}
		}
		return err
	}
	for _, unsent := range []error{
		jetstream.ErrNoStreamResponse, nats.ErrReconnectBufExceeded, nats.ErrInvalidConnection,
		nats.ErrMaxPayload, nats.ErrBadSubject, nats.ErrHeadersNotSupported,
	} {
		if errors.Is(err, unsent) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

// Tell sends data without waiting for it to be stored: for progress, of which
// losing one message costs nothing. It fails at once while there is no connection.
func (b *Broker) Tell(subject string, data []byte) error {
	if err := b.nc.Publish(subject, data); err != nil {
		return fmt.Errorf("tell %q: %w", subject, err)
	}
	return nil
}
