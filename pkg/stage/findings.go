package stage

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// findings collects the issues of one run. It is safe for concurrent use.
//
// Beyond contracts.MaxIssuesKept the least telling of them go, the last ones first: what
// is no error before errors, which are why the import fails, and both before what is of
// the input as a whole, which no number of bad records is to hide.
type findings struct {
	mu     sync.Mutex
	counts contracts.IssueCounts
	// taken is how many have come.
	taken                  int
	whole, errors, smaller []finding
}

// finding is an issue and its turn among all that have come.
type finding struct {
	contracts.Issue
	turn int
}

// maxWhole is how many issues are kept as those of the input as a whole. Where there are
// more, the next ones count as those of records.
const maxWhole = 100

func (f *findings) report(i contracts.Issue) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts.Add(i.Severity)
	one := finding{i, f.taken}
	f.taken++
	switch {
	case i.RecordIndex == nil && i.SourceID == "" && len(f.whole) < maxWhole:
		f.whole = append(f.whole, one)
	case i.Severity == contracts.Error:
		f.errors = append(f.errors, one)
	default:
		f.smaller = append(f.smaller, one)
	}
	switch {
	case len(f.whole)+len(f.errors)+len(f.smaller) <= contracts.MaxIssuesKept:
	case len(f.smaller) > 0:
		f.smaller = f.smaller[:len(f.smaller)-1]
	default:
		f.errors = f.errors[:len(f.errors)-1]
	}
}

// counted returns how many issues there were of all.
func (f *findings) counted() contracts.IssueCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts
}

// snapshot returns the issues that are kept, in the order in which they came, and how
// many there were of all.
func (f *findings) snapshot() ([]contracts.Issue, contracts.IssueCounts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := slices.Concat(f.whole, f.errors, f.smaller)
	slices.SortFunc(all, func(a, b finding) int { return a.turn - b.turn })
	kept := make([]contracts.Issue, len(all))
	for n, one := range all {
		kept[n] = one.Issue
	}
	return kept, f.counts
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
