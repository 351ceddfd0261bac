package control

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

func TestImportWhoseUploadIsGoneIsReplayedOnlyWhereNobodyReadsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	read := b.imported(t).requested().completed(contracts.Event).failed(contracts.People).ended(contracts.People)
	told := b.imported(t).requested().completed(contracts.Event, contracts.People, contracts.Schedule, contracts.Media).failed(contracts.Notify)
	for _, i := range []*imported{read, told} {
		require.NoError(t, b.Bucket.Delete(t.Context(), i.carried.Blob))
	}
	b.replay(t, read.id, "").refused(t, http.StatusGone, "upload_gone")
	b.replay(t, told.id, `{"from": "media"}`).refused(t, http.StatusGone, "upload_gone")
	b.replay(t, told.id, "").accepted(t, 2, contracts.Notify)
}

func TestReplayWaitsForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event).ended(contracts.Event)
	require.NoError(t, b.Bucket.Close())
	a := b.replay(t, i.id, "")
	a.refused(t, http.StatusServiceUnavailable, "storage_unavailable")
	require.NotEmpty(t, a.header.Get("Retry-After"))
}

func TestReplaySaysThatTheImportWasTakenBackRatherThanThatItsUploadIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().failed(contracts.Event).ended(contracts.Event)
	read := b.Last
	var once sync.Once
	b.Last = func(ctx context.Context, stream, subject string) (broker.Stored, error) {
		stored, err := read(ctx, stream, subject)
		if subject == b.Names.Control(i.kind, i.id) {
			once.Do(func() { // behind the look of the replay
				i.discarded()
				require.NoError(t, b.Bucket.Delete(t.Context(), i.carried.Blob))
			})
		}
		return stored, err
	}
	b.replay(t, i.id, "").refused(t, http.StatusConflict, "import_discarded")
}
