package broker

import (
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"
)

// Delivery is what the broker knows about a message beside its content.
type Delivery struct {
	// Subject is the concrete one that the message was published to.
	Subject string
	// Sequence is the message's place in its stream.
	Sequence uint64
	// Try counts the deliveries of the message from 1.
	Try int
	// Time is when the broker stored the message.
	Time time.Time
}

// The keys under which a delivery travels from the subscriber to the handler.
// They never leave the process: Publisher takes them out.
const (
	keySubject  = "_usher_subject"
	keySequence = "_usher_sequence"
	keyTry      = "_usher_try"
	keyTime     = "_usher_time"
)

// keyRest is the key under which a handler says how long its message is to rest.
const keyRest = "_usher_rest"

// Rest has a message that its handler is about to refuse rest for d before the
// next try, instead of as long as SubscriberConfig.Backoff says. So a handler can
// tell people when that will be.
func Rest(msg *message.Message, d time.Duration) { msg.Metadata.Set(keyRest, d.String()) }

// restOf returns what Rest has set, else the given wait.
func restOf(msg *message.Message, otherwise func() time.Duration) time.Duration {
	if d, err := time.ParseDuration(msg.Metadata.Get(keyRest)); err == nil {
		return d
	}
	return otherwise()
}

// DeliveryOf returns the delivery of a message that a Subscriber has emitted,
// and the zero Delivery for any other.
func DeliveryOf(msg *message.Message) Delivery {
	// Errors leave zero values: only noteDelivery writes these keys.
	seq, _ := strconv.ParseUint(msg.Metadata.Get(keySequence), 10, 64)
	try, _ := strconv.Atoi(msg.Metadata.Get(keyTry))
	at, _ := time.Parse(time.RFC3339Nano, msg.Metadata.Get(keyTime))
	return Delivery{Subject: msg.Metadata.Get(keySubject), Sequence: seq, Try: try, Time: at}
}

func noteDelivery(md message.Metadata, d Delivery) {
	md.Set(keySubject, d.Subject)
	md.Set(keySequence, strconv.FormatUint(d.Sequence, 10))
	md.Set(keyTry, strconv.Itoa(d.Try))
	md.Set(keyTime, d.Time.UTC().Format(time.RFC3339Nano))
}

func forgetDelivery(md message.Metadata) {
	for _, key := range []string{keySubject, keySequence, keyTry, keyTime, keyRest} {
		delete(md, key)
	}
}

// forgetExpectation keeps a handler that hands metadata on from publishing
// under the expectation of the message that it consumed.
func forgetExpectation(md message.Metadata) {
	delete(md, jetstream.ExpectedLastSubjSeqHeader)
	delete(md, jetstream.ExpectedLastSubjSeqSubjHeader)
}
