package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/picture"
)

const (
	// Recipe counts the ways in which copies have been made. Another one makes
	// all of them anew, under other names: they end with it.
	Recipe = 1
	// waiting is how long a copy waits for its turn, making how long it takes.
	waiting = 30 * time.Second
	making  = 30 * time.Second
)

// copies are smaller copies of pictures, made when first asked for. They lie in
// the bucket, below the import, and can be made again at any time.
type copies struct {
	bucket *bucket.Bucket
	log    *slog.Logger
	group  singleflight.Group
	// turns are the pixels that are decoded at once: one picture as large as
	// allowed, or several smaller ones.
	turns   *semaphore.Weighted
	refused *refusals
}

func newCopies(b *bucket.Bucket, log *slog.Logger) *copies {
	return &copies{bucket: b, log: log, turns: semaphore.NewWeighted(picture.MaxPixels), refused: newRefusals()}
}

// open opens the copy of a width, and makes it where it is not there yet.
func (c *copies) open(ctx context.Context, media api.Media, width int) (content, error) {
	name := fmt.Sprintf("%s-%d-%d", media.SHA256, width, Recipe)
	key := bucket.CacheKey(media.ImportID, name)
	blob, err := c.bucket.OpenBlob(ctx, key)
	if err == nil {
		contentType, err := sniff(blob)
		if err != nil {
			return content{}, errors.Join(err, blob.Close())
		}
		return content{blob, contentType, name}, nil
	}
	if !errors.Is(err, bucket.ErrNotFound) {
		return content{}, err
	}
	if err := c.refused.of(key); err != nil {
		return content{}, err
	}
	// Whoever leaves does not take it away from the others who wait for it.
	made := c.group.DoChan(key, func() (any, error) {
		return c.make(context.WithoutCancel(ctx), media, width, key)
	})
	select {
	case <-ctx.Done():
		return content{}, ctx.Err()
	case result := <-made:
		if result.Err != nil {
			return content{}, result.Err
		}
		made := result.Val.(picture.Copy)
		return content{inMemory{bytes.NewReader(made.Data)}, made.ContentType, name}, nil
	}
}

// make makes a copy and stores it.
func (c *copies) make(ctx context.Context, media api.Media, width int, key string) (picture.Copy, error) {
	made, err := c.shrink(ctx, media, width)
	if p := refusal(err); p != nil {
		c.refused.add(key, p)
		return made, p
	}
	if err != nil {
		return made, err
	}
	if _, err := c.bucket.Store(ctx, key, bytes.NewReader(made.Data), made.ContentType); err != nil {
		// It is good all the same; the next one who asks has it made again.
		c.log.WarnContext(ctx, "copy of a picture not kept", "media", media.ID, "error", err)
	}
	return made, nil
}

// shrink reads the original, when it is its turn.
func (c *copies) shrink(ctx context.Context, media api.Media, width int) (picture.Copy, error) {
	source, err := c.bucket.OpenBlob(ctx, media.Blob)
	if err != nil {
		return picture.Copy{}, err
	}
	defer source.Close() //nolint:errcheck // it was only read
	opening, cancel := context.WithTimeout(ctx, making)
	defer cancel()
	p, err := picture.Open(opening, source)
	if err != nil {
		return picture.Copy{}, err
	}
	queued, cancel := context.WithTimeout(ctx, waiting)
	defer cancel()
	if err := c.turns.Acquire(queued, p.Pixels()); err != nil {
		return picture.Copy{}, problem.New(http.StatusServiceUnavailable, "busy", "Too many pictures are being made; try again soon.")
	}
	defer c.turns.Release(p.Pixels())
	working, cancel := context.WithTimeout(ctx, making)
	defer cancel()
	return p.Shrink(working, width)
}

// refusal is the problem of a file that no copy can be made of, and nil for
// other errors.
func refusal(err error) *problem.Problem {
	switch {
	case errors.Is(err, picture.ErrNotPicture):
		return problem.New(http.StatusNotFound, "no_such_variant", "The file is no picture of which smaller copies can be made.").Because(err)
	case errors.Is(err, picture.ErrTooLarge):
		return problem.New(http.StatusUnprocessableEntity, "picture_too_large", fmt.Sprintf("The picture is too large to make a smaller copy of it: at most %d megapixels are possible.", picture.MaxPixels/1_000_000)).Because(err)
	case errors.Is(err, picture.ErrDamaged):
		return problem.New(http.StatusUnprocessableEntity, "picture_damaged", "The picture is damaged, so no smaller copy of it can be made.").Because(err)
	case errors.Is(err, context.DeadlineExceeded):
		return problem.New(http.StatusUnprocessableEntity, "picture_too_large", "It takes too long to make a smaller copy of this picture.").Because(err)
	}
	return nil
}

// sniff tells the type of a copy, which a folder does not keep.
func sniff(blob io.ReadSeeker) (string, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(blob, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	_, err = blob.Seek(0, io.SeekStart)
	return http.DetectContentType(head[:n]), err
}

// inMemory is a copy that was made just now.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
