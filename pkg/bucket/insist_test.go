package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func TestInsistRepeatsWhatTheStoreDidNotDoAndNothingElse(t *testing.T) {
	t.Parallel()
	away := fmt.Errorf("store: %w", bucket.ErrUnavailable)
	broken := errors.New("the archive is broken")
	for _, answers := range [][]error{
		{nil}, {away, away, nil}, {broken}, {away, broken}, {away, away, away, away, away, away},
	} {
		calls := 0
		err := bucket.Insist(t.Context(), func() error {
			calls++
			return answers[calls-1]
		})
		require.Equal(t, answers[len(answers)-1], err)
		require.Len(t, answers, calls)
	}
}

func TestInsistEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := bucket.Insist(ctx, func() error {
		calls++
		cancel()
		return bucket.ErrUnavailable
	})
	require.ErrorIs(t, err, bucket.ErrUnavailable)
	require.Equal(t, 1, calls)
}
