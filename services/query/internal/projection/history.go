package projection

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// What says what an entry of the history tells.
type What string

// What there is to tell: an attempt was asked for, a stage has come to one of
// its outcomes, or the last stage has ended the attempt.
const (
	Requested What = "requested"
	Completed What = "completed"
	Failed    What = "failed"
	Ended     What = "ended"
)

// Entry is what the history keeps of one message: a request that begins an
// attempt, the outcome of a stage, or the end of the attempt.
type Entry struct {
	bun.BaseModel `bun:"table:query.history,alias:h"`

	ImportID  string `bun:"import_id,pk,type:uuid"`
	MessageID string `bun:"message_id,pk"`
	Attempt   int
	// StoredAt and StartedAt are by the clock of the broker.
	StoredAt time.Time
	What     What
	// Stage is the one that has ended, or with which the attempt begins.
	Stage contracts.Stage

	// ByIss, BySub and ByEmail say who has asked for the attempt.
	ByIss, BySub, ByEmail string

	// State is that of the end of an attempt.
	State contracts.State

	StartedAt *time.Time
	// Code, Reason and Tries are those of a failure.
	Code, Reason string
	Tries        int
	// Issues are those that the stage itself has found, Counts what it has made.
	Issues *contracts.IssueCounts       `bun:"type:json"`
	Counts map[contracts.EntityType]int `bun:"type:json"`
}

// EntryOf makes the entry of a message, and false for one that the history has
// no use for.
func EntryOf(env contracts.Envelope, payload contracts.Payload, stored time.Time) (Entry, bool) {
	pipeline, ok := contracts.PipelineOf(env.Kind)
	if !ok {
		return Entry{}, false
	}
	e := Entry{
		ImportID: env.Import, MessageID: storable(env.ID), Attempt: env.Attempt,
		StoredAt: stored.UTC().Truncate(time.Microsecond),
	}
	switch m := payload.(type) {
	case *contracts.ImportRequested, *contracts.ExportRequested:
		e.What = Requested
		e.Stage, _ = pipeline.After(contracts.Ingest)
		e.by(env.Owner)
	case *contracts.ReplayRequested:
		e.What, e.Stage = Requested, m.From
		e.by(m.By)
	case *contracts.StageFailed:
		e.What = Failed
		e.Stage, e.Code, e.Reason, e.Tries = m.Stage, storable(m.Code), storable(m.Reason), m.Tries
		e.Issues = &m.Found
		e.StartedAt = new(began(env, m.StartedAt, e.StoredAt))
	case *contracts.ImportFinished:
		e.What, e.Stage, e.State = Ended, pipeline.Last(), m.State
	default:
		done, ok := contracts.CompletedOf(payload)
		if !ok {
			return Entry{}, false
		}
		e.What = Completed
		e.Stage, e.Counts, e.Issues = stageOf(pipeline, payload), done.Counts, &done.Found
		e.StartedAt = new(began(env, done.StartedAt, e.StoredAt))
	}
	return e, true
}

func (e *Entry) by(o contracts.Owner) {
	e.ByIss, e.BySub, e.ByEmail = storable(o.Issuer), storable(o.Subject), storable(o.Email)
}

// chronicle adds the messages of a batch to the history. One that comes again
// is there already, and its entry is the same whatever has come in between.
func chronicle(ctx context.Context, tx bun.Tx, batch []received) error {
	var entries []Entry
	for _, r := range batch {
		if r.payload == nil {
			continue
		}
		if e, ok := EntryOf(r.envelope, r.payload, r.stored); ok {
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&entries).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}
