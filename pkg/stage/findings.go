package stage

import (
	"context"
	"fmt"
	"sync"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// findings collects the issues of one run. It is safe for concurrent use.
type findings struct {
	mu     sync.Mutex
	kept   []contracts.Issue
	counts contracts.IssueCounts
	// passed is how many of kept, from its end, are known to be errors once it is full.
	passed int
}

func (f *findings) report(i contracts.Issue) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts.Add(i.Severity)
	if len(f.kept) < contracts.MaxIssuesKept {
		f.kept = append(f.kept, i)
		return
	}
	if i.Severity != contracts.Error {
		return
	}
	// An error takes the place of what is none: it is why the import fails.
	for ; f.passed < len(f.kept); f.passed++ {
		if last := &f.kept[len(f.kept)-1-f.passed]; last.Severity != contracts.Error {
			*last = i
			return
		}
	}
}

func (f *findings) snapshot() ([]contracts.Issue, contracts.IssueCounts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept, f.counts
}

// first returns those issues that travel with the message, errors before others.
func (f *findings) first() []contracts.Issue {
	kept, _ := f.snapshot()
	first := make([]contracts.Issue, 0, min(len(kept), contracts.MaxIssuesInMessage))
	for _, severity := range []contracts.Severity{contracts.Error, contracts.Warning, contracts.Info} {
		for _, i := range kept {
			if len(first) == contracts.MaxIssuesInMessage {
				return first
			}
			if i.Severity == severity {
				first = append(first, i)
			}
		}
	}
	return first
}

type issueRow struct {
	bun.BaseModel `bun:"table:issues"`

	ImportID    string `bun:"import_id,type:uuid"`
	Stage       string
	Attempt     int
	N           int `bun:"n"`
	Severity    string
	Code        string
	File        string
	Pointer     string
	Line        int
	Column      int    `bun:"col"`
	SourceID    string `bun:"source_id"`
	RecordIndex *int
	Message     string
	Value       string
	Hint        string
}

// store writes the issues of a run and takes those of its earlier attempts away.
func (f *findings) store(ctx context.Context, tx bun.Tx, run *Run) error {
	kept, _ := f.snapshot()
	table := run.table("issues")
	if run.Attempt > 1 {
		_, err := tx.NewDelete().ModelTableExpr("? AS i", table).
			Where("import_id = ? AND stage = ? AND attempt < ?", run.ImportID, run.stage.Name, run.Attempt).Exec(ctx)
		if err != nil {
			return fmt.Errorf("issues of earlier attempts: %w", err)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	rows := make([]issueRow, len(kept))
	for n, i := range kept {
		rows[n] = issueRow{
			ImportID: run.ImportID, Stage: string(run.stage.Name), Attempt: run.Attempt, N: n,
			Severity: string(i.Severity), Code: i.Code, File: i.File, Pointer: i.Pointer,
			Line: i.Line, Column: i.Column, SourceID: i.SourceID, RecordIndex: i.RecordIndex,
			Message: i.Message, Value: i.Value, Hint: i.Hint,
		}
	}
	if _, err := tx.NewInsert().Model(&rows).ModelTableExpr("?", table).Exec(ctx); err != nil {
		return fmt.Errorf("issues: %w", err)
	}
	return nil
}
