package bucket

import (
	"context"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// OpenBlob opens a blob to be read from its beginning or, after Seek, from any
// other place; ErrNotFound where there is none. Reading is bound to ctx. Close it.
func (b *Bucket) OpenBlob(ctx context.Context, key string) (*blob.Reader, error) {
	_, op := b.begin(ctx, "open")
	r, err := b.NewReader(ctx, key, nil)
	err = failure(ctx, "open", key, err)
	op.end(err)
	return r, err
}

// Link returns an address at which the store itself serves a blob to whoever
// knows the address, until the time is over. It is empty where the store has no
// such addresses, as a folder and the memory have none, or gives none out.
func (b *Bucket) Link(ctx context.Context, key string, lasting time.Duration) (string, error) {
	if b.withoutLinks {
		return "", nil
	}
	link, err := b.SignedURL(ctx, key, &blob.SignedURLOptions{Expiry: lasting})
	if gcerrors.Code(err) == gcerrors.Unimplemented {
		return "", nil
	}
	return link, failure(ctx, "link to", key, err)
}
