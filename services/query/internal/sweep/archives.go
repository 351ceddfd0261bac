package sweep

import (
	"context"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

// forgotten is how long after its end an import has no use for its upload: the
// stream has forgotten the import's request by then.
const forgotten = 30 * day

// archives removes the uploads of imports that ended so long ago that nobody can
// replay them, of lists sooner where their import has not removed them itself, and what
// is left of those that were taken back.
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
			unused := s.State.TakenBack() && s.ended(r.begun, settled) || s.Kind.List() && s.ended(r.begun, contracts.ListKept)
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
