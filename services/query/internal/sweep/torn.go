package sweep

import (
	"context"
)

// torn removes what processes have left in a folder that died while they stored. A
// blob that is still being stored was written to within a day.
func (r *round) torn(ctx context.Context) error {
	for b, err := range r.bucket.Torn(ctx) {
		if err != nil {
			return err
		}
		if !b.Time.Before(r.begun.Add(-day)) {
			continue
		}
		if err := r.removeBlob(ctx, item{name: b.Key, size: b.Size, at: b.Time}); err != nil {
			return err
		}
	}
	return nil
}
