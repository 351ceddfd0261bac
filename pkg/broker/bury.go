package broker

import (
	"context"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
)

// The metadata of a buried message. The first three are spelled as in
// Watermill's poison queue, so that its tools read them.
const (
	BuriedReason   = "reason_poisoned"
	BuriedSubject  = "topic_poisoned"
	BuriedConsumer = "subscriber_poisoned"
	BuriedID       = "id_poisoned"
)

// Bury stores a message that cannot be handled in the stream DEAD, with the
// reason, the consumer that met it, and the subject and id it had, and waits
// until it is there. The message itself is not changed and not acknowledged.
func (b *Broker) Bury(ctx context.Context, consumer string, msg *message.Message, reason string) error {
	dead := msg.Copy()
	forgetExpectation(dead.Metadata)
	dead.Metadata.Set(BuriedReason, reason)
	dead.Metadata.Set(BuriedSubject, DeliveryOf(msg).Subject)
	dead.Metadata.Set(BuriedConsumer, consumer)
	dead.Metadata.Set(BuriedID, msg.UUID)
	if err := b.publish(ctx, b.names.Dead(consumer), dead); err != nil {
		return fmt.Errorf("bury message %q of %s: %w", msg.UUID, consumer, err)
	}
	return nil
}
