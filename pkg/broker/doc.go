// Package broker is Usher's connection to NATS JetStream: it makes the streams
// and consumers that contracts declares, publishes with exactly one outcome,
// and subscribes without losing or doubling work. pkg/stage and the services
// call it; embedded starts a server for it inside the process.
//
// Publisher and Subscriber are those of Watermill, with the wire format of
// watermill-nats (NATSMarshaler): either side may be exchanged for theirs. The
// subscribers of watermill-nats are not used because they prefetch, drop their
// messages on close, and acknowledge what nobody has handled.
//
// The package passes Watermill's conformance suite with these features declared:
//
//   - Persistent: messages outlive every publisher and subscriber.
//   - ConsumerGroups: each durable consumer gets all messages of its stream.
//   - GuaranteedOrder, with a single subscriber: one worker handles one message
//     at a time, in stream order as long as none is nacked; several replicas
//     share a consumer and order nothing among each other.
//
// Not declared are ExactlyOnceDelivery, which is at least once with idempotent
// handlers; NewSubscriberReceivesOldMessages, since a subscriber joins its
// consumer where that stands; ContextPreserved, since a context does not
// travel. Reconnecting has tests of its own, which restart an embedded server.
package broker
