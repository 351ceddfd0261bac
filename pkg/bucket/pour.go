package bucket

import (
	"context"
	"io"
)

// Pour writes a blob of a known size to w, piece by piece. A piece that the store does not
// give is asked for again, so that what was poured before need not be. buffer is what the
// pieces are read into, so its length is theirs. ErrNotFound says that there is no such
// blob, unless it would be an empty one; errors of w are returned as they are.
func (b *Bucket) Pour(ctx context.Context, w io.Writer, key string, size int64, buffer []byte) error {
	for poured := int64(0); poured < size; {
		piece := buffer[:min(int64(len(buffer)), size-poured)]
		err := b.insistOn(ctx, key, poured, piece)
		if err != nil {
			return err
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
		poured += int64(len(piece))
	}
	return nil
}
