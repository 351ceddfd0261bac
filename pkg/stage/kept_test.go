package stage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestRecordsOfAFileThatIsNeededTwiceAreKeptWhereTheyAreFew(t *testing.T) {
	t.Parallel()
	reading := func(records int) *Run {
		run := &Run{stage: Stage{Entities: []Entity{{Type: contracts.Sessions}, {
			Type:  contracts.SessionSpeakers,
			keeps: func(of contracts.EntityType, rec any) (any, bool) { return rec, of == contracts.Sessions },
		}}}}
		for n := range records {
			run.keep(contracts.Tracks, -1)
			run.keep(contracts.Sessions, n)
		}
		return run
	}
	few := reading(maxKept)
	kept, all := few.kept.take(contracts.SessionSpeakers)
	require.True(t, all)
	require.Len(t, kept, maxKept)
	require.Equal(t, maxKept-1, kept[maxKept-1])
	_, all = few.kept.take(contracts.SessionSpeakers)
	require.False(t, all, "they are let go")

	many := reading(maxKept + 2)
	kept, all = many.kept.take(contracts.SessionSpeakers)
	require.False(t, all)
	require.Empty(t, kept)
	_, all = reading(0).kept.take(contracts.SessionSpeakers)
	require.False(t, all, "nothing was read before")
}
