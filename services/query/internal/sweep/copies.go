package sweep

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/services/query/internal/files"
)

// current ends the names of those copies that would be made in the same way today.
var current = fmt.Sprintf("-%d", files.Recipe)

// original is what a copy is made of: the bytes of a file of an import.
type original struct{ ImportID, SHA256 string }

// copies removes copies of pictures whose original is gone, with its import or
// alone, and those that are made in another way by now. Removing one too many costs
// making it again.
func copies(ctx context.Context, r *round) error {
	for items, err := range r.blobs(ctx, bucket.Cache) {
		if err != nil {
			return err
		}
		there, err := r.originals(ctx, items)
		if err != nil {
			return err
		}
		for _, it := range items {
			if there[originalOf(it)] && strings.HasSuffix(it.rest, current) {
				continue
			}
			if err := r.removeBlob(ctx, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// originalOf reads of what a copy is, whose name begins with the original's hash.
func originalOf(it item) original {
	sha256, _, _ := strings.Cut(it.rest, "-")
	return original{it.importID, sha256}
}

// originals are those originals of some copies that there are.
func (r *round) originals(ctx context.Context, items []item) (map[original]bool, error) {
	var hashes []string
	for _, it := range items {
		hashes = append(hashes, originalOf(it).SHA256)
	}
	var rows []original
	err := r.db.NewSelect().TableExpr("media.api_media").ColumnExpr("DISTINCT import_id, sha256").
		Where("import_id IN (?) AND sha256 IN (?)", bun.List(importsOf(items)), bun.List(hashes)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	there := make(map[original]bool)
	for _, row := range rows {
		there[row] = true
	}
	return there, nil
}
