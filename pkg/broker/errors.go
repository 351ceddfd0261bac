package broker

import "errors"

var (
	// ErrConflict tells that a message with an expectation was refused: another
	// one stands already where it should go. Broker.Last reads that one.
	ErrConflict = errors.New("another message is already there")

	// ErrFull tells that the stream refuses messages because it is full.
	ErrFull = errors.New("the stream is full")

	// ErrUnknown tells that no answer came, so that a message may or may not
	// have been stored. With an expectation it can simply be published again.
	ErrUnknown = errors.New("the broker did not confirm the message, it may have been stored")

	// ErrNotFound tells that no message lies under a subject.
	ErrNotFound = errors.New("no such message")

	// ErrLost is the cause with which the context of a message ends when its
	// heartbeats went unanswered for the ack wait: another replica may have it.
	ErrLost = errors.New("the message may have gone to another replica")

	// ErrClosed is the cause with which the context of a message ends when it
	// was still being handled after SubscriberConfig.CloseTimeout, and what
	// Subscribe returns after Close.
	ErrClosed = errors.New("the subscriber is closed")
)
