package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	wmnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
)

// aloneFromTry is the try from which on a message is handled alone in its
// process. Two failures may be bad luck or bad company.
const aloneFromTry = 3

// The confirmation of an ack: how long one request waits, and the rest between two.
const (
	ackTimeout = 5 * time.Second
	ackRest    = 250 * time.Millisecond
)

// delivered is one message in flight.
type delivered struct {
	raw     *nats.Msg
	at      Delivery
	ackWait time.Duration
	// ours ends when the message is settled (no cause but context.Canceled),
	// when it may belong to another replica (ErrLost) and when the subscription
	// waits no longer (ErrClosed).
	ours context.Context
	log  *slog.Logger
}

// handle brings one message from its arrival to its settlement.
func (s *subscription) handle(raw *nats.Msg, ackWait time.Duration) {
	ours, release := context.WithCancelCause(s.values)
	defer release(nil)
	defer context.AfterFunc(s.late, func() { release(ErrClosed) })()
	go keepAlive(ours, s.b.nc, raw.Reply, ackWait, func() { release(ErrLost) })

	d := delivered{raw: raw, ackWait: ackWait, ours: ours, log: s.log}
	meta, err := raw.Metadata()
	if err != nil {
		// Not a message of JetStream: there is nobody to acknowledge it to.
		s.log.Error("what arrived is no message of a stream", "subject", raw.Subject, "error", err)
		return
	}
	d.at = Delivery{
		Subject: raw.Subject, Sequence: meta.Sequence.Stream,
		Try: int(min(meta.NumDelivered, 1<<30)), Time: meta.Timestamp,
	}
	d.log = s.log.With("subject", d.at.Subject, "sequence", d.at.Sequence, "try", d.at.Try)

	msg, err := decode(d)
	switch {
	case err != nil:
		s.bury(d, msg, err)
	case d.at.Try > s.s.cfg.MaxTries:
		s.giveUp(d, msg)
	default:
		s.try(d, msg)
	}
}

// try has the message handled, once more for each outage that ends, and
// settles it by what the handler says.
func (s *subscription) try(d delivered, msg *message.Message) {
	waiting, cancel := context.WithCancel(d.ours)
	defer cancel()
	defer context.AfterFunc(s.leaving, cancel)()
	held := false
	for {
		leave := s.enter(waiting, d.at.Try)
		if leave == nil {
			// We stop, or the message is another's by now. Nobody handles it
			// here. One that was held in an outage would meet it again at once.
			if held {
				d.nak(s.s.cfg.Backoff(d.at.Try))
			} else {
				d.nak(0)
			}
			return
		}
		emitted := msg.Copy()
		verdict := s.emit(waiting, d, emitted)
		leave()
		switch verdict {
		case acked:
			d.ack()
			return
		case notEmitted:
			d.nak(0)
			return
		case abandoned:
			// Nobody answered for it after CloseTimeout; the heartbeats have
			// ended and the broker gives it to another after the ack wait.
			return
		case nacked:
			if errors.Is(context.Cause(d.ours), ErrClosed) {
				d.nak(0) // cut short by us: no reason to let it rest
				return
			}
			if waiting.Err() == nil {
				if err := s.s.outage.check(waiting); err != nil && waiting.Err() == nil {
					s.s.outage.begin(err)
					held = true
					continue
				}
			}
			d.nak(restOf(emitted, func() time.Duration { return s.s.cfg.Backoff(d.at.Try) }))
			return
		}
	}
}

// enter waits until there is no outage and until the company allows this try,
// and returns what to call afterwards; nil when ctx ended first. Who waits in an
// outage holds no place in the company, so that a message that must be alone is
// not kept waiting by what another subscriber has to hold.
func (s *subscription) enter(ctx context.Context, try int) (leave func()) {
	var weight int64 = 1
	if try >= aloneFromTry {
		weight = everyone
	}
	for {
		if s.s.outage.ready(ctx) == nil {
			return nil
		}
		if s.b.company.Acquire(ctx, weight) != nil {
			return nil
		}
		if healthy := s.s.outage.ready(ctx); healthy != nil && healthy.Err() == nil {
			return func() { s.b.company.Release(weight) }
		}
		s.b.company.Release(weight)
	}
}

// verdict is what became of an emitted message.
type verdict int

const (
	notEmitted verdict = iota
	acked
	nacked
	abandoned
)

// emit hands a message to the handler and waits for its answer. Even after the
// message may have been lost it waits: the handler still occupies its worker.
func (s *subscription) emit(waiting context.Context, d delivered, msg *message.Message) verdict {
	ctx, cancel := context.WithCancel(d.ours)
	defer cancel()
	msg.SetContext(ctx)
	select {
	case s.out <- msg:
	case <-waiting.Done():
		return notEmitted
	}
	select {
	case <-msg.Acked():
		return acked
	case <-msg.Nacked():
		return nacked
	case <-s.gone.Done():
		return abandoned
	}
}

// ack tells the broker that the message is done and waits for its confirmation.
// Where that does not come the message does: the handler is idempotent.
//
// A message that may have been lost is acknowledged as well: its work is done,
// whoever has it now would do it for nothing.
//
// The attempts end after an ack wait, though the heartbeats are answered: a
// broker that was killed may have forgotten that it ever delivered the message.
// It confirms no ack of it before it has delivered it again, and that may have
// to be to this very worker.
func (d delivered) ack() {
	until, cancel := context.WithTimeout(d.ours, d.ackWait)
	defer cancel()
	for {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ours), min(ackTimeout, d.ackWait))
		err := d.raw.AckSync(nats.Context(ctx))
		cancel()
		if err == nil {
			return
		}
		if !pause(until, ackRest) {
			d.log.Warn("the ack was not confirmed, the message will come again", "error", err)
			return
		}
	}
}

// nak gives the message back, to come again after the delay. One that may have
// been lost is not ours to give back: it would be taken from who has it now.
// Nobody confirms it, since without it the message comes after the ack wait.
func (d delivered) nak(delay time.Duration) {
	if errors.Is(context.Cause(d.ours), ErrLost) {
		d.log.Warn("the heartbeats of the message went unanswered, another replica may have it")
		return
	}
	if err := d.raw.NakWithDelay(delay); err != nil {
		d.log.Warn("the message could not be given back, it comes after the ack wait", "error", err)
	}
}

// bury puts away what cannot be decoded. It is acknowledged, because no other
// replica could decode it either; only the burial has to succeed first.
func (s *subscription) bury(d delivered, msg *message.Message, reason error) {
	d.log.Error("the message cannot be decoded, it is buried", "error", reason)
	if err := s.b.Bury(d.ours, s.consumer, msg, reason.Error()); err != nil {
		d.log.Error("the message could not be buried", "error", err)
		d.nak(s.s.cfg.Backoff(d.at.Try))
		return
	}
	d.ack()
}

// giveUp settles a message that has used up its tries.
func (s *subscription) giveUp(d delivered, msg *message.Message) {
	msg.SetContext(d.ours)
	giveUp := s.s.cfg.GiveUp
	if giveUp == nil {
		giveUp = func(ctx context.Context, msg *message.Message) error {
			return s.b.Bury(ctx, s.consumer, msg, fmt.Sprintf("given up after %d tries", s.s.cfg.MaxTries))
		}
	}
	d.log.Warn("the message has used up its tries")
	if err := giveUp(d.ours, msg); err != nil {
		d.log.Warn("the message could not be settled without being handled, it comes again", "error", err)
		d.nak(s.s.cfg.Backoff(d.at.Try))
		return
	}
	d.ack()
}

// decode makes a message of Watermill with its delivery in the metadata. With
// an error it returns what can be shown of the message.
func decode(d delivered) (*message.Message, error) {
	msg, err := marshaler.Unmarshal(d.raw)
	if err != nil {
		msg = message.NewMessage(d.raw.Header.Get(wmnats.WatermillUUIDHdr), d.raw.Data)
		for key, values := range d.raw.Header {
			if key != wmnats.WatermillUUIDHdr {
				msg.Metadata.Set(key, strings.Join(values, ", "))
			}
		}
	}
	forgetExpectation(msg.Metadata)
	noteDelivery(msg.Metadata, d.at)
	return msg, err
}
