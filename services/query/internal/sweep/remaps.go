package sweep

import (
	"context"
	"iter"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// remaps removes the remaps of imports that have succeeded a day ago, or that were
// taken back. They are derived: whoever asks for one in spite of that makes it anew.
// It takes along what a stage leaves in the place of a key that it has removed.
func remaps(ctx context.Context, r *round) error {
	stream, prefix := contracts.BucketStream(r.broker.Names().RemapsBucket())
	for items, err := range inPortions(r.remapItems(ctx, stream, prefix)) {
		if err != nil {
			return err
		}
		known, err := r.standings(ctx, items)
		if err != nil {
			return err
		}
		for _, it := range items {
			s := known[it.importID]
			if !(s.State == contracts.Success && s.ended(r.begun, day)) && !(s.State.TakenBack() && s.ended(r.begun, settled)) {
				continue
			}
			if !r.dry {
				// Not as the bucket removes a key: that leaves a marker in its place.
				if err := r.broker.Purge(ctx, stream, prefix+it.name); err != nil {
					return err
				}
			}
			r.found(it.name, it.size)
		}
	}
	return nil
}

// remapItems gives the keys of the bucket, also those whose value was removed.
func (r *round) remapItems(ctx context.Context, stream, prefix string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for head, err := range r.broker.Heads(ctx, stream, prefix+">") {
			it, ours := itemOf(strings.TrimPrefix(head.Subject, prefix), "", ".")
			it.size, it.at = head.Size, head.Time
			if (err != nil || ours) && !yield(it, err) {
				return
			}
		}
	}
}
