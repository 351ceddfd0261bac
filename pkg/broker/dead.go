package broker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Buried is a message of the stream DEAD, with what Bury has noted of it.
type Buried struct {
	Sequence uint64
	// Time is when it was buried.
	Time time.Time
	// Reason says why it could not be handled, Consumer who met it; Subject and ID
	// are those that it had.
	Reason, Consumer, Subject, ID string
	// Size is that of the payload in bytes.
	Size int64
	// Payload is nil in a list.
	Payload []byte
}

func buried(sequence uint64, at time.Time, header nats.Header) Buried {
	return Buried{
		Sequence: sequence, Time: at, Reason: header.Get(BuriedReason), Consumer: header.Get(BuriedConsumer),
		Subject: header.Get(BuriedSubject), ID: header.Get(BuriedID),
	}
}

// ListBuried returns what is buried, the newest first, without the first offset
// and at most limit of them, and how many there are.
func (b *Broker) ListBuried(ctx context.Context, offset, limit int) (page []Buried, total int, err error) {
	s, err := b.js.Stream(ctx, b.names.DeadStream())
	if err != nil {
		return nil, 0, fmt.Errorf("list what is buried: %w", err)
	}
	// Sequences have gaps, so the way to the end of a page is through all before.
	total = int(s.CachedInfo().State.Msgs)
	first, end := max(0, total-offset-limit), total-offset
	n := 0
	for head, err := range b.Heads(ctx, b.names.DeadStream(), b.names.AllDead()) {
		if err != nil {
			return nil, 0, err
		}
		if n >= end {
			break
		}
		if n >= first {
			entry := buried(head.Sequence, head.Time, head.Header)
			entry.Size = head.Size
			page = append(page, entry)
		}
		n++
	}
	slices.Reverse(page)
	return page, total, nil
}

// Buried reads one message of DEAD; ErrNotFound where there is none of that sequence.
func (b *Broker) Buried(ctx context.Context, sequence uint64) (Buried, error) {
	stored, err := b.read(ctx, b.names.DeadStream(), func(s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return s.GetMsg(ctx, sequence)
	})
	if err != nil {
		return Buried{}, fmt.Errorf("buried message %d: %w", sequence, err)
	}
	entry := buried(stored.Sequence, stored.Time, stored.Header)
	entry.Payload = append([]byte{}, stored.Data...) // an empty one is not nil either
	entry.Size = int64(len(stored.Data))
	return entry, nil
}

// DiscardBuried removes one message of DEAD for good; ErrNotFound where there is
// none of that sequence.
func (b *Broker) DiscardBuried(ctx context.Context, sequence uint64) error {
	if _, err := b.Buried(ctx, sequence); err != nil {
		return err
	}
	s, err := b.js.Stream(ctx, b.names.DeadStream())
	if err == nil {
		err = s.DeleteMsg(ctx, sequence)
	}
	if err == nil {
		return nil
	}
	if _, gone := b.Buried(ctx, sequence); gone != nil { // another one was quicker
		return gone
	}
	return fmt.Errorf("discard buried message %d: %w", sequence, err)
}
