package sweep

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
)

// litter leaves something for the facts and for the orphans.
func (b *bench) litter(t *testing.T) {
	t.Helper()
	b.imported(t, contracts.EventCheck).completed(t, contracts.Event).succeeded(t)
	b.store(t, bucket.ArchiveKey(uuid.NewString(), "upload"), 0)
}

func TestOneSweepsAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.litter(t)
	b.folded(t)
	before := b.everything(t)
	lock, mine, err := postgres.TryAdvisoryLock(t.Context(), b.db, lockName)
	require.NoError(t, err)
	require.True(t, mine)
	for _, dry := range []bool{true, false} {
		swept, err := b.later(25*time.Hour).Sweep(t.Context(), dry)
		require.ErrorIs(t, err, ErrRunning)
		require.Empty(t, swept)
	}
	require.Equal(t, before, b.everything(t))
	lock.Release()
	require.Equal(t, 1, b.sweep(t, 25*time.Hour, "facts").Count)
}

func TestNothingIsSweptWhileTheProjectionIsBehind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.litter(t)
	b.folded(t)
	b.stop()
	sweeper := b.later(25 * time.Hour)
	sweeper.patience = time.Second
	before := b.everything(t)
	for _, change := range []string{
		`UPDATE query.checkpoint SET sequence = sequence - 1`,
		`UPDATE query.checkpoint SET sequence = sequence + 1, created_at = created_at - interval '1 day'`,
		`DELETE FROM query.checkpoint`,
	} {
		_, err := b.db.ExecContext(t.Context(), change)
		require.NoError(t, err)
		_, err = sweeper.Sweep(t.Context(), false)
		require.ErrorIs(t, err, ErrBehind, change)
		require.Equal(t, before, b.everything(t), change)
	}
}

func TestNothingIsSweptOfWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.litter(t)
	b.folded(t)
	blobs := b.blobs(t)
	require.NoError(t, b.bucket.Close())
	swept, err := b.later(25*time.Hour).Sweep(t.Context(), false)
	require.ErrorContains(t, err, "sweep archives")
	require.ErrorContains(t, err, "sweep exports")
	require.ErrorContains(t, err, "sweep orphans")
	require.ErrorContains(t, err, "sweep cache")
	require.Equal(t, []int{1, 0, 0, 0, 0, 0}, []int{swept[0].Count, swept[1].Count, swept[2].Count, swept[3].Count, swept[4].Count, swept[5].Count}, "the others are done")
	b.bucket, err = bucket.Open(t.Context(), "file://"+b.folder)
	require.NoError(t, err)
	require.Equal(t, blobs, b.blobs(t))

	_, err = b.db.ExecContext(t.Context(), `ALTER SCHEMA media RENAME TO elsewhere`)
	require.NoError(t, err)
	b.store(t, bucket.MediaKey(uuid.NewString(), "1"), 0)
	b.store(t, bucket.CacheKey(uuid.NewString(), "x-1-1"), 0)
	swept, err = b.later(25*time.Hour).Sweep(t.Context(), false)
	require.ErrorContains(t, err, "sweep orphans: media")
	require.Equal(t, 1, swept[4].Count, "of which the database and the stream have told")
	require.Len(t, b.blobs(t), 2)

	b.broker.Close()
	_, err = b.later(25*time.Hour).Sweep(t.Context(), false)
	require.Error(t, err)
	require.Len(t, b.blobs(t), 2)
}

func TestASweepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.later(0).Sweep(ctx, false)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, b.later(0).Run(ctx), "and so does the loop")
}

func TestOneOfAllReplicasSweepsByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.litter(t)
	b.folded(t)
	before := b.everything(t)
	lock, mine, err := postgres.TryAdvisoryLock(t.Context(), b.db, turnName)
	require.NoError(t, err)
	require.True(t, mine)
	sweeper := b.later(25 * time.Hour)
	sweeper.beginning = 0
	require.NoError(t, sweeper.turn(t.Context()), "it is another one's turn")
	require.Equal(t, before, b.everything(t))
	told, err := sweeper.Sweep(t.Context(), true)
	require.NoError(t, err, "who asks for it has it")
	require.Equal(t, 1, told[0].Count)
	lock.Release()

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- sweeper.Run(ctx) }()
	require.Eventually(t, func() bool { return len(b.blobs(t)) == 0 }, soon, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
}

func TestASweepEndsThoughTheStoreNeverAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.folded(t)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	blobs, err := bucket.Open(t.Context(), "s3://usher?region=us-east-1&use_path_style=true&anonymous=true&endpoint="+silent.URL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blobs.Close()) })
	sweeper := New(b.db, b.broker, blobs, b.log)
	sweeper.interval = time.Second
	_, err = sweeper.Sweep(t.Context(), false)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Eventually(t, func() bool { // PostgreSQL notices that a connection has gone, but not at once
		lock, mine, err := postgres.TryAdvisoryLock(t.Context(), b.db, lockName)
		if err == nil && mine {
			lock.Release()
		}
		return err == nil && mine
	}, soon, 10*time.Millisecond, "the next one may begin")
}
