package bucket

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// How often something is asked of the store, and the first of the rests between,
// each of which is twice as long: three seconds in all.
const (
	insistence = 6
	firstRest  = 100 * time.Millisecond
)

// Insist does again what the store did not do, a few times, with a little rest
// between. A run that needs a hundred requests would never come to its end where
// each of them fails now and then, and begin anew each time. The error of a store
// that is away comes a few seconds later so; every other one comes at once.
//
// What is done has to be repeatable from its beginning.
func Insist(ctx context.Context, do func() error) error {
	rest := firstRest
	for range insistence - 1 {
		err := do()
		if !errors.Is(err, ErrUnavailable) {
			return err
		}
		select {
		case <-time.After(rest/2 + rand.N(rest)): // spread, so that what failed together does not come back together
		case <-ctx.Done():
			return err
		}
		rest *= 2
	}
	return do()
}
