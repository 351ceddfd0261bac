package sweep

import (
	"context"

	"github.com/usher-events/usher/pkg/bucket"
)

// forgotten is how long after its end an import has no use for its upload: the
// stream has forgotten the import's request by then.
const forgotten = 30 * day

// listKept is how long a list of users is kept for a replay, or for the start of what was
// checked: it holds passwords in plain. One that is imported is gone by itself.
const listKept = day

// archives removes the uploads of imports that ended so long ago that nobody can
// replay them, of lists sooner, and what is left of those that were taken back.
func archives(ctx context.Context, r *round) error {
	for items, err := range r.blobs(ctx, bucket.Archives) {
		if err != nil {
			return err
		}
		known, err := r.standings(ctx, items)
		if err != nil {
			return err
		}
		for _, it := range items {
			s := known[it.importID]
			unused := s.State.TakenBack() && s.ended(r.begun, settled) || s.Kind.List() && s.ended(r.begun, listKept)
			if !unused && s.ended(r.begun, forgotten) {
				request, err := r.requested(ctx, it.importID)
				if err != nil {
					return err
				}
				unused = request.gone
			}
			if !unused {
				continue
			}
			if err := r.removeBlob(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}
