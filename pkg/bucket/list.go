package bucket

import (
	"context"
	"errors"
	"fmt"
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
// lists them. Whoever reads them may delete blobs. It insists on each page, and ends
// with the first error.
func (b *Bucket) Below(ctx context.Context, prefix string) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		ctx, op := b.begin(ctx, "list")
		var failed error
		defer func() { op.end(failed) }()
		list := b.List(&blob.ListOptions{Prefix: prefix})
		for {
			object, err := next(ctx, list, prefix)
			if errors.Is(err, io.EOF) {
				return
			}
			if failed = err; err != nil {
				yield(Listed{}, err)
				return
			}
			if !yield(Listed{Key: object.Key, Size: object.Size, Time: object.ModTime}, nil) {
				return
			}
		}
	}
}

// next insists on the next object of a list. After an error a list goes on where it
// was.
func next(ctx context.Context, list *blob.ListIterator, prefix string) (object *blob.ListObject, err error) {
	err = Insist(ctx, func() error {
		object, err = list.Next(ctx)
		if err == nil || errors.Is(err, io.EOF) {
			return err
		}
		if err = failure(ctx, "list", prefix, err); errors.Is(err, ErrNotFound) {
			// A folder says so when a file goes while it is being listed, such as a
			// temporary one that gets its name.
			return fmt.Errorf("list blobs below %q: %w: the list changed", prefix, ErrUnavailable)
		}
		return err
	})
	return object, err
}
