package sweep

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
)

var archiveStages = []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media}

func TestFactsOfASuccessGoButNotItsRequestItsCommandsAndItsHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.imported(t, contracts.EventArchive).completed(t, archiveStages...).succeeded(t)
	list := b.imported(t, contracts.UserList).completed(t, contracts.People).succeeded(t)
	checked := b.imported(t, contracts.EventCheck).completed(t, contracts.Event).succeeded(t)
	others := []*imported{
		b.imported(t, contracts.EventArchive).completed(t, contracts.Event).failed(t, contracts.People),
		b.imported(t, contracts.EventArchive).completed(t, contracts.Event, contracts.People),
		b.imported(t, contracts.EventArchive).completed(t, archiveStages...).succeeded(t).discarded(t),
	}
	b.folded(t)
	history, err := b.db.NewSelect().Table("query.history").Count(t.Context())
	require.NoError(t, err)
	before := b.subjects(t)
	require.Zero(t, b.sweep(t, 9*time.Minute, "facts").Count, "what has just ended is left alone")

	swept := b.sweep(t, 11*time.Minute, "facts")
	require.Equal(t, 6, swept.Count)
	require.Positive(t, swept.Bytes)
	require.Len(t, swept.Examples, maxExamples)
	var gone []string
	for _, i := range []*imported{made, list, checked} {
		for _, s := range archiveStages {
			gone = append(gone, i.subject(s, contracts.OutcomeCompleted))
		}
	}
	require.Equal(t, slices.DeleteFunc(before, func(s string) bool { return slices.Contains(gone, s) }), b.subjects(t))
	for _, i := range others {
		require.Contains(t, b.subjects(t), i.subject(contracts.Event, contracts.OutcomeCompleted))
	}
	after, err := b.db.NewSelect().Table("query.history").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, history, after)
}

func TestFactsOfTheAttemptsThatFailedGoWithThoseOfTheSuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.imported(t, contracts.EventArchive).completed(t, contracts.Event).failed(t, contracts.People)
	require.Zero(t, b.sweep(t, time.Hour, "facts").Count)
	i.replayed(t, contracts.People).completed(t, contracts.People, contracts.Schedule, contracts.Media).succeeded(t)
	require.Equal(t, 5, b.sweep(t, time.Hour, "facts").Count)
	control := b.broker.Names().Control(i.kind, i.id)
	require.Equal(t, []string{control, control, control, b.broker.Names().Outcome(i.kind, contracts.Ingest, i.id, 1, contracts.OutcomeCompleted)}, b.subjects(t))
	// A success that is replayed all the same has new ones.
	i.replayed(t, contracts.Event).completed(t, archiveStages...)
	require.Zero(t, b.sweep(t, time.Hour, "facts").Count)
	i.succeeded(t)
	require.Equal(t, 4, b.sweep(t, time.Hour, "facts").Count)
}

func TestFactsOfAnAttemptThatBeginsMeanwhileStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.imported(t, contracts.EventArchive).completed(t, archiveStages...).succeeded(t)
	b.folded(t)
	i.replayed(t, contracts.Event).completed(t, contracts.Event) // behind the look of the sweep
	r := &round{Sweeper: b.later(time.Hour)}
	require.NoError(t, r.purgeFacts(t.Context(), projection.Import{ID: i.id, Kind: i.kind, Attempt: 1}))
	require.Equal(t, 4, r.swept.Count)
	require.Contains(t, b.subjects(t), i.subject(contracts.Event, contracts.OutcomeCompleted))
}

func TestFactsAreSweptInPortions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const n = portion + 3
	for range n {
		b.imported(t, contracts.EventCheck).completed(t, contracts.Event).succeeded(t)
	}
	require.Equal(t, n, b.sweep(t, time.Hour, "facts").Count)
	require.Len(t, b.subjects(t), 2*n)
}
