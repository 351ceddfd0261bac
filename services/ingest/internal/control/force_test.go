package control

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestASuccessIsMadeAnewByForceOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through().succeeded()
	b.replay(t, i.id, `{"force":false}`).refused(t, http.StatusConflict, "import_succeeded")
	b.replay(t, i.id, `{"force":true}`).accepted(t, 2, contracts.Event)
	_, replay, _ := i.stored()
	require.Equal(t, "archives/a", replay.Blob)
	require.Nil(t, replay.Event, "it begins anew")
}

func TestASuccessIsMadeAnewFromAnyStageThatHasWhatItNeeds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, from := range []contracts.Stage{contracts.Event, contracts.Schedule, contracts.Media, contracts.Notify} {
		i := b.imported(t).requested().through().succeeded()
		b.replay(t, i.id, `{"force":true,"from":"`+string(from)+`"}`).accepted(t, 2, from)
	}
	b.replay(t, b.imported(t).requested().through().succeeded().id, `{"force":true,"from":"elsewhere"}`).
		refused(t, http.StatusUnprocessableEntity, "bad_stage")
}

func TestWhatPeopleHaveChangedIsNotMadeAnewEvenByForce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through().succeeded().edited("name")
	a := b.replay(t, i.id, `{"force":true}`)
	a.refused(t, http.StatusConflict, "event_edited")
	require.Equal(t, []any{"name"}, a.body["changed"])
}

func TestAStageWhosePredecessorsWordIsPurgedIsNotReplayed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through().succeeded()
	stream, err := b.broker.JetStream().Stream(t.Context(), b.Names.ImportsStream())
	require.NoError(t, err)
	last, err := b.Last(t.Context(), b.Names.ImportsStream(), b.Names.AnyOutcome(i.kind, contracts.People, i.id, 1))
	require.NoError(t, err)
	require.NoError(t, stream.DeleteMsg(t.Context(), last.Sequence))
	b.replay(t, i.id, `{"force":true,"from":"schedule"}`).refused(t, http.StatusGone, "import_purged")
	b.replay(t, i.id, `{"force":true}`).accepted(t, 2, contracts.Event)
}

func TestAnAttemptThatBeganBeforeThePurgeIsReplayedFromItsOwnBeginning(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through().succeeded()
	b.replay(t, i.id, `{"force":true,"from":"media"}`).accepted(t, 2, contracts.Media)
	_, first, _ := i.stored()
	i.attempt = 2
	i.failed(contracts.Media).ended(contracts.Media)
	stream, err := b.broker.JetStream().Stream(t.Context(), b.Names.ImportsStream())
	require.NoError(t, err)
	for _, s := range []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media} {
		last, err := b.Last(t.Context(), b.Names.ImportsStream(), b.Names.AnyOutcome(i.kind, s, i.id, 1))
		require.NoError(t, err)
		require.NoError(t, stream.DeleteMsg(t.Context(), last.Sequence))
	}
	b.replay(t, i.id, "").accepted(t, 3, contracts.Media)
	_, again, _ := i.stored()
	require.Equal(t, first.Carried, again.Carried)
}

func TestACanceledImportIsNotReplayed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.replay(t, b.imported(t).requested().canceled().id, `{"force":true}`).refused(t, http.StatusConflict, "import_discarded")
}
