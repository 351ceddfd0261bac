package sweep

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/services/query/internal/export"
)

// archived makes the archive of an export and its row.
func (b *bench) archived(t *testing.T, i *imported, expires time.Duration) string {
	t.Helper()
	key := b.store(t, bucket.ExportKey(i.id, 1, "try", "lantern.zip"), 0)
	row := export.Row{ImportID: i.id, Attempt: 1, Blob: key, FileName: "lantern.zip", Size: 5, SHA256: "00", ExpiresAt: time.Now().Add(expires)}
	_, err := b.db.NewInsert().Model(&row).Exec(t.Context())
	require.NoError(t, err)
	return key
}

func TestArchivesOfExportsGoWhenTheyHaveExpired(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	expired := b.archived(t, b.imported(t, contracts.EventExport).succeeded(t), time.Hour)
	kept := b.archived(t, b.imported(t, contracts.EventExport).succeeded(t), 3*time.Hour)
	require.Equal(t, []string{expired}, b.sweep(t, 2*time.Hour, "exports").Examples)
	require.Equal(t, []string{kept}, b.blobs(t))
}

func TestArchivesOfTriesThatCameToNothingGoWhenTheirExportHasEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	left := func(i *imported) string { return b.store(t, bucket.ExportKey(i.id, 1, "dead", "lantern.zip"), 0) }
	succeeded := b.imported(t, contracts.EventExport).succeeded(t)
	kept := b.archived(t, succeeded, 7*day)
	gone := []string{left(succeeded), left(b.imported(t, contracts.EventExport).failed(t, contracts.Query))}
	running := left(b.imported(t, contracts.EventExport))
	unknown := b.store(t, bucket.ExportKey(uuid.NewString(), 1, "dead", "lantern.zip"), 0)

	require.Zero(t, b.sweep(t, 5*time.Minute, "exports").Count)
	require.ElementsMatch(t, gone, b.sweep(t, time.Hour, "exports").Examples)
	require.ElementsMatch(t, []string{kept, running, unknown}, b.blobs(t))
	require.Equal(t, []string{unknown}, b.sweep(t, 25*time.Hour, "exports").Examples)
}
