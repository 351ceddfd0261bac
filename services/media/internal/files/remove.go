package files

import (
	"context"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/stage"
)

// Remove takes the files of a discarded import out of the bucket, and what was
// derived from them.
func Remove(ctx context.Context, res stage.Resources, importID string) error {
	if err := res.Bucket.DeleteBelow(ctx, bucket.MediaKey(importID, "")); err != nil {
		return err
	}
	return res.Bucket.DeleteBelow(ctx, bucket.CacheKey(importID, ""))
}
