package broker

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
)

func TestWhatIsBuriedCanBeListedReadAndDiscarded(t *testing.T) {
	t.Parallel()
	b := provisioned(t)
	page, total, err := b.ListBuried(t.Context(), 0, 5)
	require.NoError(t, err)
	require.Zero(t, total)
	require.Empty(t, page)
	_, err = b.Buried(t.Context(), 1)
	require.ErrorIs(t, err, ErrNotFound)

	for _, id := range []string{"a", "b", "c", "d"} {
		require.NoError(t, b.Bury(t.Context(), "event-archive-media", message.NewMessage(id, []byte("{"+id)), "no JSON: "+id))
	}
	require.NoError(t, b.DiscardBuried(t.Context(), 3))
	require.ErrorIs(t, b.DiscardBuried(t.Context(), 3), ErrNotFound)

	ids := func(offset, limit int) (all []string) {
		page, total, err := b.ListBuried(t.Context(), offset, limit)
		require.NoError(t, err)
		require.Equal(t, 3, total)
		for _, m := range page {
			require.Nil(t, m.Payload)
			all = append(all, m.ID)
		}
		return all
	}
	require.Equal(t, []string{"d", "b", "a"}, ids(0, 20))
	require.Equal(t, []string{"d", "b"}, ids(0, 2))
	require.Equal(t, []string{"a"}, ids(2, 2))
	require.Empty(t, ids(3, 2))
	require.Empty(t, ids(1000, 2))

	m, err := b.Buried(t.Context(), 4)
	require.NoError(t, err)
	require.False(t, m.Time.IsZero())
	want := Buried{Sequence: 4, Time: m.Time, Reason: "no JSON: d", Consumer: "event-archive-media", ID: "d", Size: 2, Payload: []byte("{d")}
	require.Equal(t, want, m)
	empty := message.NewMessage("e", nil)
	require.NoError(t, b.Bury(t.Context(), "event-archive-media", empty, "nothing"))
	m, err = b.Buried(t.Context(), 5)
	require.NoError(t, err)
	require.NotNil(t, m.Payload)
	require.NoError(t, b.DiscardBuried(t.Context(), 5))
	page, _, err = b.ListBuried(t.Context(), 0, 1)
	require.NoError(t, err)
	want.Payload = nil
	require.True(t, want.Time.Equal(page[0].Time))
	page[0].Time = want.Time
	require.Equal(t, []Buried{want}, page)
}
