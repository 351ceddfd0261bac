// Package core maps the core of an archive's event to rows, and holds what the
// event stage does around them: the check of the whole archive, and the choice
// of the event's public identifier.
package core

import (
	"context"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// Check reads every file of the archive once, before any stage writes a row, so
// that bad input fails before it has effects. It leaves the totals for all
// stages to come; the runtime fails the stage where it reported errors.
func Check(ctx context.Context, run *stage.Run) error {
	_, err := check(ctx, run)
	return err
}

// CheckOnly is Check for an archive of which nothing is to be made: the event has
// no row to be known by, so its name is told.
func CheckOnly(ctx context.Context, run *stage.Run) error {
	summary, err := check(ctx, run)
	run.Carried.EventName = contracts.EventName(summary.Event)
	return err
}

func check(ctx context.Context, run *stage.Run) (openevent.Summary, error) {
	archive, err := run.OpenArchive(ctx)
	if err != nil {
		return openevent.Summary{}, err
	}
	summary, err := openevent.Check(archive, run.Report)
	if err != nil {
		return openevent.Summary{}, err
	}
	run.Carried.Totals, run.Carried.Rebuilt = summary.Totals, summary.Rebuilt
	return summary, nil
}
