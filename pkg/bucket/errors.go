package bucket

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"gocloud.dev/gcerrors"
)

// ErrNotFound is returned where no blob has the key.
var ErrNotFound = errors.New("no such blob")

// ErrUnavailable is returned where the store itself did not do what it was
// asked: unreachable, refused, full. Such an error says nothing about the blob,
// so trying again later is right and blaming the input is not.
var ErrUnavailable = errors.New("bucket unavailable")

// failure wraps what the store answered, so that a caller can tell the three
// cases apart: no such blob, the caller's own context, everything else. A
// deadline that the caller did not set is a store that is too slow.
func failure(ctx context.Context, op, key string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s blob %q: %w", op, key, ctx.Err())
	case gcerrors.Code(err) == gcerrors.NotFound:
		return fmt.Errorf("%s blob %q: %w", op, key, ErrNotFound)
	}
	return fmt.Errorf("%s blob %q: %w: %w", op, key, ErrUnavailable, withoutQueries(err))
}

// scrubbed is an error whose text was cleaned; the chain below it is kept for
// errors.Is and errors.As.
type scrubbed struct {
	text string
	err  error
}

func (s *scrubbed) Error() string { return s.text }
func (s *scrubbed) Unwrap() error { return s.err }

var queryOfURL = regexp.MustCompile(`(https?://[^\s"'?]+)\?[^\s"']+`)

// withoutQueries takes the query out of every URL in the error's text: net/http
// puts the whole request URL into its errors, and where a store is reached by
// signed URLs the query is the credential.
func withoutQueries(err error) error {
	text := err.Error()
	if clean := queryOfURL.ReplaceAllString(text, "$1?…"); clean != text {
		return &scrubbed{text: clean, err: err}
	}
	return err
}
