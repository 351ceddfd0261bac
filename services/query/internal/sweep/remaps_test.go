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
	gone = append(gone, removed)
	require.Equal(t, Swept{Sweep: "remaps", Count: len(gone), Bytes: swept.Bytes, Examples: swept.Examples}, swept)
	require.ElementsMatch(t, gone, swept.Examples)
	require.Positive(t, swept.Bytes)
	require.ElementsMatch(t, append(kept, "not.ours"), b.keys(t))
	_, err = b.remaps.Get(t.Context(), kept[0])
	require.NoError(t, err)
	stream, _ := contracts.BucketStream(b.broker.Names().RemapsBucket())
	state, err := b.broker.JetStream().Stream(t.Context(), stream)
	require.NoError(t, err)
	require.Equal(t, uint64(len(kept)+1), state.CachedInfo().State.Msgs, "removed keys leave nothing behind")
}
