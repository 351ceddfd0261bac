package sweep

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

func TestArchivesGoWhenNobodyCanReplayTheirImportAnyMore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	store := func(i *imported) string { return b.store(t, i.carried.Blob, 0) }
	made := store(b.imported(t, contracts.EventArchive).succeeded(t).forgotten(t))
	failed := b.imported(t, contracts.EventCheck).failed(t, contracts.Event).forgotten(t)
	gone := []string{made, store(failed), b.store(t, bucket.ArchiveKey(failed.id, "of-a-loser"), 0)}
	remembered := store(b.imported(t, contracts.EventArchive).failed(t, contracts.Event))
	running := store(b.imported(t, contracts.EventArchive).forgotten(t))
	discarded := store(b.imported(t, contracts.EventArchive).failed(t, contracts.Event).discarded(t))
	canceled := store(b.imported(t, contracts.EventArchive).canceled(t))
	foreign := b.store(t, "archives/readme", 0)
	unknown := b.store(t, bucket.ArchiveKey(uuid.NewString(), "upload"), -29*day)

	swept := b.sweep(t, 29*day, "archives")
	require.ElementsMatch(t, []string{discarded, canceled}, swept.Examples, "these at once, the others not yet")
	require.Equal(t, int64(10), swept.Bytes)
	swept = b.sweep(t, 30*day+time.Hour, "archives")
	require.ElementsMatch(t, gone, swept.Examples)
	require.ElementsMatch(t, []string{remembered, running, foreign}, b.blobs(t))
	require.NotContains(t, b.blobs(t), unknown, "an orphan by now")
}

func TestArchivesOfWhatHasJustEndedStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.imported(t, contracts.EventArchive).failed(t, contracts.Event).discarded(t)
	b.store(t, i.carried.Blob, 0)
	require.Zero(t, b.sweep(t, 9*time.Minute, "archives").Count)
}

func TestListsGoADayAfterTheirEndBecauseOfThePasswordsInThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	store := func(i *imported) string { return b.store(t, i.carried.Blob, 0) }
	gone := []string{
		store(b.imported(t, contracts.UserList).failed(t, contracts.People)),
		store(b.imported(t, contracts.ListCheck).succeeded(t)),
	}
	kept := []string{
		store(b.imported(t, contracts.UserList)),
		store(b.imported(t, contracts.EventCheck).succeeded(t)),
	}
	require.Zero(t, b.sweep(t, 23*time.Hour, "archives").Count)
	require.ElementsMatch(t, gone, b.sweep(t, 25*time.Hour, "archives").Examples)
	require.ElementsMatch(t, kept, b.blobs(t))
}
