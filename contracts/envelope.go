package contracts

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Envelope is what every message carries beside its payload. On the wire it is
// one JSON object whose member "data" is the payload.
type Envelope struct {
	// Type is the payload's versioned name, such as "usher.import.requested.v1".
	Type string `json:"type"`
	// ID is unique per message.
	ID string `json:"id"`
	// Time is when the message was made, in UTC.
	Time time.Time `json:"time"`
	// Source is the service that made the message.
	Source string `json:"source"`
	// Import is the id of the import, a UUID in its lower-case text form.
	Import string `json:"import"`
	Kind   Kind   `json:"kind"`
	// Attempt counts the runs of an import from 1; a replay is the next one.
	Attempt int `json:"attempt"`
	// Owner is who uploaded, as their token names them.
	Owner Owner `json:"owner"`
	// Correlation is the id of the request that began it all, for logs.
	Correlation string `json:"correlation,omitempty"`
	// TraceParent and TraceState are the W3C trace context headers.
	TraceParent string `json:"traceparent,omitempty"`
	TraceState  string `json:"tracestate,omitempty"`
}

// Owner is the identity that an import belongs to. Issuer and Subject are the
// key; Email is only where mail goes.
type Owner struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
	Email   string `json:"email,omitempty"`
}

// Is tells whether both are the same person: issuer and subject decide.
func (o Owner) Is(p Owner) bool { return o.Issuer == p.Issuer && o.Subject == p.Subject }

// Payload is the part of a message that differs from type to type.
type Payload interface {
	// MessageType returns the versioned type name, for example "usher.import.requested.v1".
	MessageType() string
}

// ErrUnknownType is returned for a message of a type that this version of the
// contracts does not know.
var ErrUnknownType = errors.New("unknown message type")

type wire struct {
	Envelope
	Data json.RawMessage `json:"data"`
}

// Encode gives the message as it travels. It sets env.Type from the payload.
func Encode(env Envelope, p Payload) ([]byte, error) {
	env.Type = p.MessageType()
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", env.Type, err)
	}
	return json.Marshal(wire{Envelope: env, Data: data})
}

// Decode reads what Encode wrote. Members that this version does not know are
// ignored. The payload is a pointer to one of the types of Registry;
// ErrUnknownType tells of any other.
func Decode(b []byte) (Envelope, Payload, error) {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return Envelope{}, nil, fmt.Errorf("decode envelope: %w", err)
	}
	make, ok := Registry()[w.Type]
	if !ok {
		return w.Envelope, nil, fmt.Errorf("%w: %q", ErrUnknownType, w.Type)
	}
	p := make()
	if err := json.Unmarshal(w.Data, p); err != nil {
		return w.Envelope, nil, fmt.Errorf("decode %s: %w", w.Type, err)
	}
	return w.Envelope, p, nil
}
