package stage

import (
	"context"
	"log/slog"

	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/remap"
)

// Stage declares one step of one pipeline. Every hook is optional, must be
// safe to call for several imports at once and may be called again for the
// same one after a crash.
type Stage struct {
	Kind contracts.Kind
	// Name is the stage's place in the pipeline and its Postgres schema.
	Name contracts.Stage

	// Needs names what earlier stages made and the mappings of this one look up.
	Needs []contracts.EntityType
	// Before runs ahead of any transaction, for what must hold before a row is written.
	Before func(ctx context.Context, run *Run) error
	// Prepare runs in the transaction, behind the fence, before the entities.
	Prepare func(ctx context.Context, tx bun.Tx, run *Run) error
	// Entities are made in this order, in one transaction.
	Entities []Entity
	// Effects does what cannot be rolled back, after the entities are committed,
	// and returns the function that records it in the closing transaction. It is
	// not called where the stage has entities and made none.
	Effects func(ctx context.Context, run *Run) (Record, error)
	// Finish makes the outcome, inside the closing transaction. Without it the
	// stage reports its Completion.
	Finish func(ctx context.Context, tx bun.Tx, run *Run) (contracts.Payload, error)

	// Failed keeps, in the transaction that commits a failure of the run, what is to be
	// known of it beside its issues: what the run has written itself is rolled back.
	Failed func(ctx context.Context, tx bun.Tx, run *Run) error

	// After runs once the outcome stands with the broker, before the message is
	// acked: for what nobody needs any more then. It gets the outcome's payload.
	After func(ctx context.Context, run *Run, outcome contracts.Payload) error

	// Discard deletes, behind the fence, what belongs to an import that was taken
	// back beside the rows of Entities.
	Discard func(ctx context.Context, tx bun.Tx, importID string) error
	// DiscardEffects removes what Effects left, after the rows are gone.
	DiscardEffects func(ctx context.Context, res Resources, importID string) error
}

// Record writes in the closing transaction what Effects did.
type Record func(ctx context.Context, tx bun.Tx) error

// Resources is what the runtime works with.
type Resources struct {
	DB     *bun.DB
	Broker *broker.Broker
	Bucket *bucket.Bucket
	Remaps *remap.Store
	Log    *slog.Logger
	// Metrics counts the tries; nil counts nothing.
	Metrics *Metrics
	// Tracer begins the span of each try; nil begins none.
	Tracer trace.Tracer
	// MaxTries is after how many tries a stage is given up; 0 is DefaultMaxTries.
	MaxTries int
	// Reached is called at each step of a run. It is nil but in tests, which end
	// the run there as a crash would.
	Reached func(Step)
}

// DefaultMaxTries takes, with the delays between the tries, about a quarter of an
// hour; an outage does not count.
const DefaultMaxTries = 8
