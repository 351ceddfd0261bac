package sweep

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/services/query/internal/export"
)

// exports removes the archives of exports that are not kept any longer, and what tries
// have left that came to nothing, of exports that have ended.
func exports(ctx context.Context, r *round) error {
	for items, err := range r.blobs(ctx, bucket.Exports) {
		if err != nil {
			return err
		}
		known, err := r.standings(ctx, items)
		if err != nil {
			return err
		}
		until, err := r.keptUntil(ctx, items)
		if err != nil {
			return err
		}
		for _, it := range items {
			expires, recorded := until[it.name]
			standing, ok := known[it.importID]
			switch {
			case recorded && !r.begun.After(expires):
				continue
			case !recorded && ok && !standing.ended(r.begun, settled): // perhaps it is just being recorded
				continue
			case !recorded && it.at.After(r.begun.Add(-settled)): // or of an attempt that is not known yet
				continue
			case !recorded && !ok && !r.ofAge(it):
				continue
			}
			if err := r.removeBlob(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// keptUntil says until when archives are kept that exports have come to, by their keys.
func (r *round) keptUntil(ctx context.Context, items []item) (map[string]time.Time, error) {
	var rows []export.Row
	err := r.db.NewSelect().Model(&rows).Where("import_id IN (?)", bun.List(importsOf(items))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("exports: %w", err)
	}
	until := make(map[string]time.Time)
	for _, row := range rows {
		until[row.Blob] = row.ExpiresAt
	}
	return until, nil
}
