package bucket

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"gocloud.dev/blob"
)

// Listed is a blob in a list.
type Listed struct {
	Key  string
	Size int64
	// Time is when it was stored, by the clock of the store.
	Time time.Time
}

// Below gives every blob whose key begins with prefix, page by page as the store
// lists them. Whoever reads them may delete blobs. It ends with the first error.
func (b *Bucket) Below(ctx context.Context, prefix string) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		list := b.List(&blob.ListOptions{Prefix: prefix})
		for {
			object, err := list.Next(ctx)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Listed{}, failure(ctx, "list", prefix, err))
				return
			}
			if !yield(Listed{Key: object.Key, Size: object.Size, Time: object.ModTime}, nil) {
				return
			}
		}
	}
}
