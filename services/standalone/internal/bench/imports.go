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

// imports compares an import with the same one done row by row, without media
// and with it.
func imports(ctx context.Context, w *world) (_ Table, err error) {
	t := Table{
		Title: fmt.Sprintf("One import of %d sessions and %d speakers", w.cfg.Sessions, w.cfg.Speakers),
		Notes: []string{
			fmt.Sprintf("Usher: from the start of the POST until a client that polls every %s sees SUCCESS.", pollEvery),
			"Row by row: one commit per record, with the row and the status in it; media one by one, each synced;",
			"from the archive in memory, without upload, check, broker, notification or mail.",
			"The two take turns; each ratio is of two neighbours.",
		},
	}
	baseline, err := rowbyrow.Open(ctx, w.server.URL(), w.folder)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, baseline.Close(context.WithoutCancel(ctx))) }()
	for _, media := range []sample.Media{sample.NoMedia, sample.Photographs} {
		a, err := newArchive(w.cfg, media)
		if err != nil {
			return t, err
		}
		var ours, theirs []time.Duration
		for i := range w.cfg.Runs + 1 {
			pair, err := onePair(ctx, w, baseline, a, i%2 == 1)
			if err != nil {
				return t, err
			}
			if i == 0 {
				continue // the warm-up
			}
			ours, theirs = append(ours, pair.usher), append(theirs, pair.rowByRow)
		}
		usher, other := durations("Usher, "+a.text, ours), durations("row by row, "+a.text, theirs)
		t.Measures = append(t.Measures, usher, other, ratios("row by row / Usher, "+a.text, other, usher))
	}
	return t, nil
}

type pair struct{ usher, rowByRow time.Duration }

// onePair does both imports of an archive, one after the other.
func onePair(ctx context.Context, w *world, baseline *rowbyrow.Importer, a archive, usherFirst bool) (p pair, err error) {
	first, second := p.byRow, p.byUsher
	if usherFirst {
		first, second = second, first
	}
	if err = first(ctx, w, baseline, a); err == nil {
		err = second(ctx, w, baseline, a)
	}
	return p, err
}

func (p *pair) byUsher(ctx context.Context, w *world, _ *rowbyrow.Importer, a archive) error {
	one, err := w.usher.imports(ctx, bytes.NewReader(a.content))
	p.usher = one.took
	return err
}

func (p *pair) byRow(ctx context.Context, _ *world, baseline *rowbyrow.Importer, a archive) error {
	begin := time.Now()
	err := baseline.Import(ctx, a.content)
	p.rowByRow = time.Since(begin)
	return err
}
