package projection

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
)

// received is one message of a stream. Where it cannot be folded its payload is nil.
type received struct {
	source   *source
	sequence uint64
	stored   time.Time
	envelope contracts.Envelope
	payload  contracts.Payload
	// unread is why it cannot be folded.
	unread error
}

func read(from *source, m jetstream.Msg) (received, error) {
	meta, err := m.Metadata()
	if err != nil {
		return received{}, fmt.Errorf("message of %s: %w", from.stream, err)
	}
	r := received{source: from, sequence: meta.Sequence.Stream, stored: meta.Timestamp}
	r.envelope, r.payload, r.unread = contracts.Decode(m.Data())
	if r.unread == nil {
		r.unread = check(r.envelope)
	}
	if r.unread != nil {
		r.payload = nil
	}
	return r, nil
}

// check refuses what no row could be made of.
func check(env contracts.Envelope) error {
	id, err := uuid.Parse(env.Import)
	if err != nil || id.String() != env.Import {
		return fmt.Errorf("%q is no id of an import", env.Import)
	}
	if env.Attempt < 1 {
		return errors.New("attempts are counted from 1")
	}
	if _, ok := contracts.PipelineOf(env.Kind); !ok {
		return fmt.Errorf("unknown kind of import %q", env.Kind)
	}
	return nil
}
