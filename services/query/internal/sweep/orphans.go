package sweep

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/bucket"
)

// orphans removes blobs that nothing names, a day after they were stored: uploads
// that no import was requested with, as of a process that died in between, files of
// media without a row, and what was not stored to its end. Of what is older than
// database and stream can know nobody knows whose it is.
func orphans(ctx context.Context, r *round) error {
	if err := r.orphanUploads(ctx); err != nil {
		return err
	}
	if err := r.orphanMedia(ctx); err != nil {
		return err
	}
	return r.torn(ctx)
}

// ofAge tells whether a blob is old enough, and not too old, to be judged.
func (r *round) ofAge(b item) bool { return b.at.After(r.since) && b.at.Before(r.begun.Add(-day)) }

func (r *round) orphanUploads(ctx context.Context) error {
	for items, err := range r.blobs(ctx, bucket.Archives) {
		if err != nil {
			return err
		}
		known, err := r.standings(ctx, items)
		if err != nil {
			return err
		}
		for _, it := range items {
			if !r.ofAge(it) {
				continue
			}
			// Mended rows are named by the attempt that began with them, which may wait
			// for long; the sweep of archives removes them after their list has ended.
			_, ok := known[it.importID]
			if ok && bucket.IsMended(it.name) {
				continue
			}
			// Of an upload that was sent again the first one stays, where its answer
			// was lost, under the same import.
			request, err := r.requested(ctx, it.importID)
			if err != nil {
				return err
			}
			if request.uses(it.name) || ok && request.gone {
				continue
			}
			if err := r.removeBlob(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *round) orphanMedia(ctx context.Context) error {
	for items, err := range r.blobs(ctx, bucket.Media) {
		if err != nil {
			return err
		}
		known, err := r.standings(ctx, items)
		if err != nil {
			return err
		}
		wanted, err := r.wantedMedia(ctx, items)
		if err != nil {
			return err
		}
		for _, it := range items {
			if s, ok := known[it.importID]; ok && !s.ended(r.begun, settled) || wanted[it.name] || !r.ofAge(it) {
				continue
			}
			if err := r.removeBlob(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// wantedMedia are the keys of those blobs that have a row. A row that is pending
// does not name its blob yet, but the key follows from it.
func (r *round) wantedMedia(ctx context.Context, items []item) (map[string]bool, error) {
	keys := make([]string, len(items))
	for n, it := range items {
		keys[n] = it.name
	}
	var rows []struct{ Own, Blob string }
	own := "? || import_id || '/' || id"
	err := r.db.NewSelect().TableExpr("media.api_media").
		ColumnExpr(own+" AS own", bucket.Media).ColumnExpr("coalesce(blob, '') AS blob").
		Where("import_id IN (?)", bun.List(importsOf(items))).
		Where("("+own+" IN (?) OR blob IN (?))", bucket.Media, bun.List(keys), bun.List(keys)).
		Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	wanted := make(map[string]bool)
	for _, row := range rows {
		wanted[row.Own], wanted[row.Blob] = true, true
	}
	return wanted, nil
}
