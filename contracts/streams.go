package contracts

import "time"

// Topology is the version of the streams, consumers and buckets below. It is
// kept in each stream's metadata; provisioning never goes back to an older one.
const Topology = 5

// Stream declares a stream of the broker.
type Stream struct {
	Name     string
	Subjects []string
	// MaxAge is how long a message is kept.
	MaxAge time.Duration
	// MaxBytes bounds the stream; RefuseWhenFull says whether a full stream
	// refuses new messages (nothing accepted is ever dropped) or drops the oldest.
	MaxBytes       int64
	RefuseWhenFull bool
	// Relaxed streams may lose their last messages in a power failure; for
	// what costs nothing to lose.
	Relaxed bool
}

// Bucket declares a key-value bucket of the broker.
type Bucket struct {
	Name   string
	MaxAge time.Duration
	// Relaxed is as in Stream: for derived data.
	Relaxed bool
}

// Consumer declares the durable pull consumer of one stage and kind.
type Consumer struct {
	Name    string
	Stream  string
	Kind    Kind
	Stage   Stage
	Filters []string
}

const day = 24 * time.Hour

// ImportsKept is how long the messages of imports are kept, and with them what an
// Idempotency-Key has begun.
const ImportsKept = 30 * day

// Streams declares every stream.
func (n Names) Streams() []Stream {
	return []Stream{
		{
			Name: n.ImportsStream(), Subjects: []string{n.AllImports()},
			MaxAge: ImportsKept, MaxBytes: 8 << 30, RefuseWhenFull: true,
		},
		{
			Name: n.StatusStream(), Subjects: []string{n.AllStatus()},
			MaxAge: day, MaxBytes: 1 << 30, Relaxed: true,
		},
		{
			Name: n.DeadStream(), Subjects: []string{n.AllDead()},
			MaxAge: 90 * day, MaxBytes: 1 << 30,
		},
	}
}

// Buckets declares every key-value bucket.
func (n Names) Buckets() []Bucket {
	return []Bucket{
		{Name: n.RemapsBucket(), MaxAge: 30 * day, Relaxed: true},
		{Name: n.UploadsBucket(), MaxAge: 30 * day, Relaxed: true},
	}
}

// Consumers declares every stage's consumer: it hears the completion of the
// stage before, and the commands, which concern whatever has made something of
// an import. The last stage hears also the failure of every stage but its own,
// because it is the one that finishes an import.
func (n Names) Consumers() []Consumer {
	var all []Consumer
	for _, p := range Pipelines() {
		for _, s := range p.Stages {
			before, ok := p.Before(s)
			if !ok {
				continue
			}
			c := Consumer{
				Name: n.Consumer(p.Kind, s), Stream: n.ImportsStream(), Kind: p.Kind, Stage: s,
				Filters: []string{n.StageOutcomes(p.Kind, before, OutcomeCompleted), n.Controls(p.Kind)},
			}
			if s == p.Last() {
				for _, other := range p.Stages {
					if other != s && other != Ingest {
						c.Filters = append(c.Filters, n.StageOutcomes(p.Kind, other, OutcomeFailed))
					}
				}
			}
			all = append(all, c)
		}
	}
	return all
}

// ConsumersOf declares the consumers of one stage: one for each kind of import
// that it is a stage of.
func (n Names) ConsumersOf(s Stage) []Consumer {
	var own []Consumer
	for _, c := range n.Consumers() {
		if c.Stage == s {
			own = append(own, c)
		}
	}
	return own
}
