package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	wmnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Stored is a message as a stream keeps it.
type Stored struct {
	Subject  string
	Sequence uint64
	Data     []byte
	Header   nats.Header
	// Time is when the broker stored it.
	Time time.Time
}

// ID is the UUID that the message had in Watermill, empty for a message of
// another sender. By it an author recognizes the own message in what
// ErrConflict met: a repetition after an ErrUnknown meets itself.
func (s Stored) ID() string { return s.Header.Get(wmnats.WatermillUUIDHdr) }

// Last reads the newest message of a stream under a subject, which may have
// wildcards; ErrNotFound where there is none. What it returns is never older
// than what had been confirmed before the call: the stream's leader answers,
// since no stream of ours allows direct reads from followers.
func (b *Broker) Last(ctx context.Context, stream, subject string) (Stored, error) {
	stored, err := b.read(ctx, stream, func(s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return s.GetLastMsgForSubject(ctx, subject)
	})
	if err != nil {
		return Stored{}, fmt.Errorf("last of %q in %s: %w", subject, stream, err)
	}
	return stored, nil
}

// Next reads the message of a subject that comes after a sequence; ErrNotFound
// where there is none. After an ErrConflict it is the one that was first,
// whatever has been stored behind it since.
func (b *Broker) Next(ctx context.Context, stream, subject string, after uint64) (Stored, error) {
	stored, err := b.read(ctx, stream, func(s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return s.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(subject))
	})
	if err != nil {
		return Stored{}, fmt.Errorf("next of %q in %s after %d: %w", subject, stream, after, err)
	}
	return stored, nil
}

func (b *Broker) read(ctx context.Context, stream string, get func(jetstream.Stream) (*jetstream.RawStreamMsg, error)) (Stored, error) {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return Stored{}, err
	}
	m, err := get(s)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Stored{}, ErrNotFound
	}
	if err != nil {
		return Stored{}, err
	}
	return Stored{Subject: m.Subject, Sequence: m.Sequence, Data: m.Data, Header: m.Header, Time: m.Time}, nil
}
