package bucket

import "context"

// Copy makes a blob of the same bytes under another key. When it returns nil the
// copy is complete and survives a power failure; when it returns an error there
// is no copy, as for Store. ErrNotFound says that there is nothing to copy.
func (b *Bucket) Copy(ctx context.Context, from, to string) (err error) {
	ctx, op := b.begin(ctx, "copy")
	defer func() { op.end(err) }()
	if b.root == "" {
		return failure(ctx, "copy", from, b.Bucket.Copy(ctx, to, from, nil))
	}
	// The driver of folders neither syncs what it copies nor its name.
	source, err := b.OpenBlob(ctx, from)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // it was only read
	_, err = b.Store(ctx, to, source, source.ContentType())
	return failure(ctx, "copy", from, err) // of either side
}
