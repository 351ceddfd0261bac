package doctor

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/bucket"
)

const mendBucket = "see to the store and to what this user may do there, or correct USHER_BUCKET_URL"

// bucketFolder is where probes lie; no service looks there.
const bucketFolder = "doctor/"

// tryBucket stores a blob, finds it in a list, reads it and removes it.
func tryBucket(ctx context.Context, url string) []Finding {
	const check = "bucket"
	if url == "" {
		return []Finding{red(check, "set it, such as to s3://name?region=eu-central-1", "USHER_BUCKET_URL is not set")}
	}
	b, err := bucket.Open(ctx, url)
	if err != nil {
		return []Finding{red(check, mendBucket, "%s", err)}
	}
	defer b.Close() //nolint:errcheck // what was stored is removed by then
	key := bucketFolder + uuid.NewString()
	content := []byte(key)
	stored := false
	for _, step := range []struct {
		fails string
		do    func() error
	}{
		{"it does not answer", func() error { return b.Ping(ctx) }},
		{"nothing can be stored", func() error {
			_, err := b.Store(ctx, key, bytes.NewReader(content), "")
			stored = err == nil
			return err
		}},
		{"what was stored is not listed", func() error {
			for listed, err := range b.Below(ctx, bucketFolder) {
				if err != nil || listed.Key == key {
					return err
				}
			}
			return errors.New("it is not there")
		}},
		{"what was stored cannot be read", func() error {
			r, err := b.OpenBlob(ctx, key)
			if err != nil {
				return err
			}
			defer r.Close() //nolint:errcheck // it was only read
			read, err := io.ReadAll(r)
			if err == nil && !bytes.Equal(read, content) {
				err = errors.New("it is something else")
			}
			return err
		}},
		{"what was stored cannot be removed", func() error {
			stored = false
			return b.Delete(ctx, key)
		}},
	} {
		if err := step.do(); err != nil {
			if stored {
				_ = b.Delete(context.WithoutCancel(ctx), key) // as far as it can be
			}
			return []Finding{red(check, mendBucket, "%s: %s", step.fails, err)}
		}
	}
	return []Finding{green(check, "blobs can be stored, listed, read and removed")}
}
