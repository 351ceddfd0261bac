package sweep

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/bucket"
)

// portion is how many items one query of the database asks about.
const portion = 500

// item is something that belongs to an import: a blob or a remap.
type item struct {
	importID string
	// name is its key, rest what comes behind the import in it.
	name, rest string
	size       int64
	at         time.Time
}

// itemOf reads whom a key belongs to, which begins with the id of an import and a
// mark. It is false for what is none of ours.
func itemOf(key, behind, mark string) (item, bool) {
	id, rest, ok := strings.Cut(strings.TrimPrefix(key, behind), mark)
	if parsed, err := uuid.Parse(id); !ok || err != nil || parsed.String() != id {
		return item{}, false
	}
	return item{importID: id, name: key, rest: rest}, true
}

// blobs gives the blobs below one of the first parts of the keys, in portions, but
// for torn ones.
func (r *round) blobs(ctx context.Context, below string) iter.Seq2[[]item, error] {
	return inPortions(func(yield func(item, error) bool) {
		for b, err := range r.bucket.Below(ctx, below) {
			it, ours := itemOf(b.Key, below, "/")
			ours = ours && !bucket.IsTorn(b.Key)
			it.size, it.at = b.Size, b.Time
			if (err != nil || ours) && !yield(it, err) {
				return
			}
		}
	})
}

// inPortions gathers items, so that memory is bounded and the database is not asked
// about each alone.
func inPortions(items iter.Seq2[item, error]) iter.Seq2[[]item, error] {
	return func(yield func([]item, error) bool) {
		var some []item
		for it, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			if some = append(some, it); len(some) == portion {
				if !yield(some, nil) {
					return
				}
				some = nil
			}
		}
		if len(some) > 0 {
			yield(some, nil)
		}
	}
}

// importsOf are the ids of the imports of some items, each once.
func importsOf(items []item) []string {
	var ids []string
	known := make(map[string]bool)
	for _, it := range items {
		if !known[it.importID] {
			known[it.importID] = true
			ids = append(ids, it.importID)
		}
	}
	return ids
}
