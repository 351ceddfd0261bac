package projection

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// entries reads the history of all imports.
func (b *bench) entries(t *testing.T) []Entry {
	t.Helper()
	var entries []Entry
	require.NoError(t, b.db.NewSelect().Model(&entries).Order("import_id", "attempt", "stored_at").Scan(t.Context()))
	return entries
}

func TestHistoryHasOneEntryOfEachMessageHoweverOftenItIsFolded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stories := []*story{replayed(), replayedTwice(), successful()}
	want := make(map[string]int)
	for _, s := range stories {
		b.publish(t, s.told...)
		for _, m := range s.told {
			if !m.status {
				want[s.id]++
			}
		}
	}
	stop := b.run(t, b.projector())
	for _, s := range stories {
		b.requireFolded(t, s)
	}
	stop()
	before := b.entries(t)
	have := make(map[string]int)
	for _, e := range before {
		have[e.ImportID]++
	}
	require.Equal(t, want, have)

	// From the beginning once more.
	_, err := b.db.NewUpdate().Model((*checkpoint)(nil)).Set("sequence = 0").Where("TRUE").Exec(t.Context())
	require.NoError(t, err)
	b.run(t, b.projector())
	imports := b.broker.Names().ImportsStream()
	require.Eventually(t, func() bool { return b.checkpoints(t)[imports] >= uint64(len(before)) }, soon, 10*time.Millisecond)
	require.Equal(t, before, b.entries(t))
}

func TestHistoryTakesTextsThatPostgresDoesNotStore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := newStory().requested().failed(contracts.Event, "odd\x00", "no\x00good", 0)
	b.publish(t, s.told...)
	b.run(t, b.projector())
	b.requireStates(t, map[string]contracts.State{s.id: contracts.Failure})
	require.Equal(t, "nogood", b.entries(t)[1].Reason)
}

func TestEntryIsOfWhatIsStoredForGoodOnly(t *testing.T) {
	t.Parallel()
	s := newStory().progress(contracts.Progress{Stage: contracts.Event}).tell(false, &contracts.DiscardRequested{By: olga})
	for _, m := range s.told {
		_, ok := EntryOf(m.env, m.payload, m.stored)
		require.False(t, ok, "%T", m.payload)
	}
}
