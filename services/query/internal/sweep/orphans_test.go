package sweep

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

func TestUploadsThatNoImportWasRequestedWithGoAfterADay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	orphan := b.store(t, bucket.ArchiveKey(uuid.NewString(), "upload"), 0)
	young := b.store(t, bucket.ArchiveKey(uuid.NewString(), "upload"), -2*time.Hour)
	// From before the broker and the database that would have to know of it.
	old := b.store(t, bucket.ArchiveKey(uuid.NewString(), "upload"), time.Hour)
	foreign := b.store(t, "archives/somebody/else", 0)
	projected := b.imported(t, contracts.EventArchive).forgotten(t)
	inStream := b.imported(t, contracts.EventArchive)
	// Sent twice, because the first answer was lost: the import is of the other file.
	again := b.store(t, bucket.ArchiveKey(inStream.id, "before"), 0)
	running := b.imported(t, contracts.EventArchive)
	b.folded(t)
	twin := b.store(t, bucket.ArchiveKey(running.id, "before"), 0)
	_, err := b.db.ExecContext(t.Context(), `DELETE FROM query.imports WHERE id = ?`, inStream.id)
	require.NoError(t, err)
	kept := []string{young, old, foreign, b.store(t, projected.carried.Blob, 0), b.store(t, inStream.carried.Blob, 0), b.store(t, running.carried.Blob, 0)}

	require.Zero(t, b.sweep(t, 23*time.Hour, "orphans").Count)
	swept := b.sweep(t, 25*time.Hour, "orphans")
	require.ElementsMatch(t, []string{orphan, again, twin}, swept.Examples)
	require.Equal(t, int64(15), swept.Bytes)
	require.ElementsMatch(t, kept, b.blobs(t))
}

func TestMendedRowsStayAsLongAsTheirAttemptMayNeedThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mended := func(i *imported) string { return b.store(t, bucket.MendedKey(i.id, uuid.NewString()), 0) }
	// People may be paused for longer than a day.
	waiting := b.imported(t, contracts.UserList).succeeded(t).replayed(t, contracts.People)
	begun := mended(waiting)
	// It has just failed and can be replayed.
	failed := b.imported(t, contracts.UserList).succeeded(t).replayed(t, contracts.People).failed(t, contracts.People)
	b.folded(t)
	_, err := b.db.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = finished_at + interval '24 hours' WHERE id = ?`, failed.id)
	require.NoError(t, err)
	again := mended(failed)
	unknown := b.store(t, bucket.MendedKey(uuid.NewString(), uuid.NewString()), 0)

	require.Equal(t, []string{unknown}, b.sweep(t, 25*time.Hour, "orphans").Examples)
	require.ElementsMatch(t, []string{begun, again}, b.blobs(t))
	require.Equal(t, []string{again}, b.sweep(t, 49*time.Hour, "archives").Examples)
	require.Equal(t, []string{begun}, b.blobs(t))
}

func TestMediaWithoutARowGoAfterADay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.imported(t, contracts.EventArchive).succeeded(t)
	unknown := uuid.NewString()
	running := b.imported(t, contracts.EventArchive)
	var kept []string
	// Rows of an event that lives, of one that runs, and of one that was forgotten.
	for _, id := range []string{made.id, running.id, unknown} {
		pending := bucket.MediaKey(id, b.media(t, id, nil))
		elsewhere := bucket.MediaKey(id, "by-another-name")
		b.media(t, id, map[string]any{"state": "stored", "blob": elsewhere})
		kept = append(kept, b.store(t, pending, 0), b.store(t, elsewhere, 0))
	}
	other := b.media(t, made.id, nil)
	orphans := []string{
		b.store(t, bucket.MediaKey(made.id, "999999"), 0),
		b.store(t, bucket.MediaKey(unknown, other), 0), // the row is another import's
	}
	kept = append(kept,
		b.store(t, bucket.MediaKey(running.id, "999999"), 0),
		b.store(t, bucket.MediaKey(made.id, "999998"), -2*time.Hour),
		b.store(t, bucket.MediaKey(made.id, "999997"), time.Hour))

	require.Zero(t, b.sweep(t, 23*time.Hour, "orphans").Count)
	swept := b.sweep(t, 25*time.Hour, "orphans")
	require.ElementsMatch(t, orphans, swept.Examples)
	require.ElementsMatch(t, kept, b.blobs(t))
}
