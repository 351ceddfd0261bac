package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usher-events/usher/services/standalone/internal/bench/rowbyrow"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// The sessions and speakers of an event of 20 records: rooms, sponsors, tracks and types
// of sessions are the rest.
const smallSessions, smallSpeakers = 2, 1

// imports compares imports with the same ones done row by row and with the least that they
// could cost: a small one, and a real one without media and with it.
func imports(ctx context.Context, w *world) (_ Table, err error) {
	t := Table{
		Title: fmt.Sprintf("One import: a small event, and one of %d sessions and %d speakers", w.cfg.Sessions, w.cfg.Speakers),
		Notes: []string{
			fmt.Sprintf("Usher: from the start of the POST until a client that looks every %s sees SUCCESS.", lookEvery),
			"Row by row: one commit per record, with the row and the status in it; media one by one, each synced;",
			"from the archive in memory, without upload, check, broker, notification or mail.",
			"The floor: one COPY for each table of the very rows that Usher has made, into tables with the same columns, indexes",
			"and foreign keys, one transaction per stage; media synced, 8 at once; one synced publish per stage. Nothing is read.",
			"They take turns; each ratio is of neighbours.",
		},
	}
	baseline, err := rowbyrow.Open(ctx, w.server.URL(), w.folder)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, baseline.Close(context.WithoutCancel(ctx))) }()
	least, err := openFloor(ctx, w.server.URL(), w.usher.nats, w.folder)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, least.close()) }()
	for _, event := range []struct {
		sessions, speakers int
		media              sample.Media
	}{
		{smallSessions, smallSpeakers, sample.NoMedia},
		{w.cfg.Sessions, w.cfg.Speakers, sample.NoMedia},
		{w.cfg.Sessions, w.cfg.Speakers, sample.Photographs},
	} {
		a, err := newArchive(event.sessions, event.speakers, event.media)
		if err != nil {
			return t, err
		}
		ways := importWays{w: w, baseline: baseline, floor: least, archive: a}
		for i := range w.cfg.Runs + 1 {
			if err := ways.once(ctx, i%2 == 1); err != nil {
				return t, err
			}
		}
		t.Measures = append(t.Measures, ways.measures()...)
	}
	return t, nil
}

// importWays are the three ways in which an archive is imported, and how long each took. The
// first time is the warm-up.
type importWays struct {
	w        *world
	baseline *rowbyrow.Importer
	floor    *floor
	archive  archive

	usher, rowByRow, least []time.Duration
}

// once does all three, one after the other. The floor needs the rows that Usher has made.
func (i *importWays) once(ctx context.Context, usherFirst bool) error {
	first, second := i.byRow, i.byUsher
	if usherFirst {
		first, second = second, first
	}
	if err := first(ctx); err != nil {
		return err
	}
	return second(ctx)
}

func (i *importWays) byUsher(ctx context.Context) error {
	one, err := i.w.usher.imports(ctx, bytes.NewReader(i.archive.content))
	if err != nil {
		return err
	}
	i.usher = append(i.usher, one.took)
	all, err := i.floor.of(ctx, one.id, i.archive.media)
	if err != nil {
		return err
	}
	took, err := i.floor.importOnce(ctx, all)
	i.least = append(i.least, took)
	return err
}

func (i *importWays) byRow(ctx context.Context) error {
	begin := time.Now()
	err := i.baseline.Import(ctx, i.archive.content)
	i.rowByRow = append(i.rowByRow, time.Since(begin))
	return err
}

func (i *importWays) measures() []Measure {
	of := ", " + i.archive.text
	usher, rowByRow, least := durations("Usher"+of, i.usher[1:]), durations("row by row"+of, i.rowByRow[1:]), durations("the floor"+of, i.least[1:])
	return []Measure{
		usher, rowByRow, least,
		ratios("row by row / Usher"+of, rowByRow, usher), ratios("Usher / the floor"+of, usher, least),
	}
}
