package sweep

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestRemapsGoADayAfterTheSuccessAndOnceTheImportIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.imported(t, contracts.EventArchive).failed(t, contracts.Event)
	gone := []string{made.remap(t, contracts.Events)}
	made.replayed(t, contracts.Event).succeeded(t)
	gone = append(gone, made.remap(t, contracts.Events), made.remap(t, contracts.Speakers))
	removed := made.remap(t, contracts.Tracks)
	require.NoError(t, b.remaps.Delete(t.Context(), made.id, contracts.Tracks))
	failed := b.imported(t, contracts.EventArchive).failed(t, contracts.Event)
	running := b.imported(t, contracts.EventArchive)
	kept := []string{failed.remap(t, contracts.Events), running.remap(t, contracts.Events)}
	discarded := b.imported(t, contracts.EventArchive).failed(t, contracts.Event).discarded(t)
	canceled := b.imported(t, contracts.EventArchive).canceled(t)
	early := []string{discarded.remap(t, contracts.Events), canceled.remap(t, contracts.Events)}
	kv, err := b.broker.Remaps(t.Context())
	require.NoError(t, err)
	_, err = kv.Put(t.Context(), "not.ours", []byte("x"))
	require.NoError(t, err)
	require.NotContains(t, b.keys(t), removed)

	swept := b.sweep(t, time.Hour, "remaps")
	require.Equal(t, early, swept.Examples)
	swept = b.sweep(t, 25*time.Hour, "remaps")
	require.Equal(t, Swept{Sweep: "remaps", Count: 3, Bytes: swept.Bytes, Examples: gone}, swept)
	require.Positive(t, swept.Bytes)
	require.ElementsMatch(t, append(kept, "not.ours"), b.keys(t))
	_, err = b.remaps.Get(t.Context(), kept[0])
	require.NoError(t, err)
}
