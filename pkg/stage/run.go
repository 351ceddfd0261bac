package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/remap"
)

// Run is one try of one stage at one attempt of one import. Hooks get it; it
// belongs to the goroutine that they are called on, but for Report and Progress.
type Run struct {
	Scope
	Resources

	// Envelope and Trigger are of the message that started the run.
	Envelope contracts.Envelope
	Trigger  contracts.Payload
	// Carried is what the import knows so far; hooks add to it.
	Carried contracts.Carried
	// Input is what the hook Before has made ready for the rows to come, of the
	// stage's own type; nil for a stage that reads an archive.
	Input any

	stage    Stage
	try      int
	began    time.Time
	span     trace.Span
	findings findings
	counts   map[contracts.EntityType]int
	progress progress
	kept     kept
}

// newRun makes the run of ctx, whose span is its own.
func newRun(ctx context.Context, s Stage, res Resources, env contracts.Envelope, trigger contracts.Payload, try int) *Run {
	carried, _ := contracts.CarriedBy(trigger)
	run := &Run{
		Resources: res,
		Envelope:  env,
		Trigger:   trigger,
		Carried:   carried,
		stage:     s,
		try:       try,
		began:     time.Now().UTC(),
		span:      trace.SpanFromContext(ctx),
		counts:    make(map[contracts.EntityType]int),
	}
	run.Log = res.Log.With("import", env.Import, "stage", s.Name, "attempt", env.Attempt, "try", try)
	run.Scope = Scope{
		ImportID: env.Import,
		Attempt:  env.Attempt,
		Owner:    env.Owner,
		Options:  carried.Options,
		Zone:     time.UTC,
		Report:   run.report,
		remaps:   make(map[contracts.EntityType]remap.Map),
		made:     make(map[contracts.EntityType][]int64),
	}
	if carried.Event != nil {
		run.SetEvent(*carried.Event)
	}
	return run
}

// report takes a finding: in a strict import a warning is as bad as an error.
func (r *Run) report(i contracts.Issue) {
	i.Severity = r.Options.Mode.Severity(i.Severity)
	r.findings.report(i)
}

// SetEvent makes the event known to the mappings of this stage and to all later ones.
func (r *Run) SetEvent(e contracts.EventFacts) {
	r.Carried.Event = &e
	r.Event = e
	if zone, err := time.LoadLocation(e.Timezone); err == nil {
		r.Zone = zone
	}
}

// OpenUpload opens the file that was uploaded, for range requests. One that is
// gone is a permanent error.
func (r *Run) OpenUpload(ctx context.Context) (*bucket.ReaderAt, error) {
	// Read on after the part of the run that has opened it.
	reader, err := r.Bucket.ReaderAt(trace.ContextWithSpan(ctx, r.span), r.Carried.Blob)
	if errors.Is(err, bucket.ErrNotFound) {
		return nil, Permanent(CodeArchiveGone, "The uploaded file is not there any more; upload it again.")
	}
	if err != nil {
		return nil, fmt.Errorf("uploaded file: %w", err)
	}
	return reader, nil
}

// OpenArchive opens the import's archive; it is read over range requests, so that
// opening costs its directory only. A file that is no archive, or that is gone,
// is a permanent error.
func (r *Run) OpenArchive(ctx context.Context) (*openevent.Archive, error) {
	if r.Archive != nil {
		return r.Archive, nil
	}
	reader, err := r.OpenUpload(ctx)
	if err != nil {
		return nil, err
	}
	a, err := openevent.Open(reader, reader.Size(), openevent.Limits{})
	if refused, ok := errors.AsType[*openevent.Error](err); ok {
		r.Report(contracts.Issue{Severity: contracts.Error, Code: refused.Code, Message: refused.Message})
		return nil, r.Invalid()
	}
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	a.Mode, a.Fetched = r.Options.Mode, r.Options.FetchMedia
	a.Rebuild(r.Carried.Rebuilt...)
	r.Archive = a
	return a, nil
}

// Count adds to the number of entities of a type that the stage made.
func (r *Run) Count(t contracts.EntityType, n int) { r.counts[t] += n }

// Logger returns the log of this run: each record tells import, stage, attempt and try.
func (r *Run) Logger() *slog.Logger { return r.Log }

// table names one of the runtime's tables in the stage's schema.
func (r *Run) table(name string) bun.Ident { return bun.Ident(string(r.stage.Name) + "." + name) }

// Invalid is the error that ends a run whose input has errors, nil where none was
// reported so far. The runtime asks for it after Before and after the entities; a
// hook does where it would go on to do something in vain.
func (r *Run) Invalid() error {
	if r.findings.counted().Error == 0 {
		return nil
	}
	found, counts := r.findings.snapshot()
	return Permanent(invalidCode(r.stage.Kind), contracts.Summary(found, counts))
}

// makeEntities writes the rows of all entities in the given transaction.
func (r *Run) makeEntities(ctx context.Context, tx *postgres.Tx) error {
	if len(r.stage.Entities) == 0 {
		return nil
	}
	r.counts, r.kept = make(map[contracts.EntityType]int), nil
	for _, e := range r.stage.Entities {
		err := part(ctx, "write "+string(e.Type), func(ctx context.Context) error {
			n, err := r.write(ctx, tx, e)
			if err == nil {
				r.Count(e.Type, n)
				trace.SpanFromContext(ctx).SetAttributes(recordsKey.Int(n))
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", e.Type, err)
		}
	}
	if err := r.deleteOlder(ctx, tx); err != nil {
		return err
	}
	return r.Invalid()
}

// madeSome tells whether the run has made any entities.
func (r *Run) madeSome() bool {
	for _, n := range r.counts {
		if n > 0 {
			return true
		}
	}
	return false
}

// write writes the rows of one entity.
func (r *Run) write(ctx context.Context, tx *postgres.Tx, e Entity) (int, error) {
	if e.write != nil {
		return e.write(ctx, tx, r)
	}
	if r.hasNone(e) {
		return 0, nil
	}
	return postgres.Upsert(ctx, tx, e.model, r.watched(e.Type, e.rows(ctx, r)), r.remembering(e))
}

// hasNone tells whether it is known that the archive makes none of an entity: then its file
// need not be read.
func (r *Run) hasNone(e Entity) bool {
	total, counted := r.Carried.Totals[e.Type]
	return e.write == nil && counted && total == 0
}

// deleteOlder deletes the rows of earlier attempts that this one did not make
// again: they are gone from the input. The last made goes first, because it
// refers to those before.
func (r *Run) deleteOlder(ctx context.Context, tx *postgres.Tx) error {
	if r.Attempt == 1 {
		return nil // there was none before
	}
	for _, e := range slices.Backward(r.stage.Entities) {
		if _, err := postgres.DeleteOlder(ctx, tx, e.model, r.ImportID, r.Attempt); err != nil {
			return fmt.Errorf("%s of earlier attempts: %w", e.Type, err)
		}
	}
	return nil
}
