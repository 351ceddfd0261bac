package control

import (
	"net/http"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestDiscardTakesBackAnImportThatHasEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, i := range map[string]*imported{
		"failed":              b.imported(t).requested().failed(contracts.Event).ended(contracts.Event),
		"failed, not told of": b.imported(t).requested().failed(contracts.Event),
		"succeeded":           b.imported(t).requested().through().succeeded(),
		"canceled":            b.imported(t).requested().canceled(),
	} {
		t.Run(name, func(t *testing.T) {
			b.discard(t, i.id, "").taken(t, 1)
			env, payload := i.last()
			require.Equal(t, &contracts.DiscardRequested{By: ada.Owner()}, payload)
			require.Equal(t, 1, env.Attempt)

			before := i.commands()
			b.discard(t, i.id, "").taken(t, 1)
			require.Equal(t, before, i.commands(), "asking again adds nothing")
		})
	}
}

func TestARunningImportIsCanceledAndNotDiscarded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.discard(t, b.imported(t).requested().id, "").refused(t, http.StatusConflict, "import_running")
	b.discard(t, b.imported(t).requested().id, "?force=true").refused(t, http.StatusConflict, "import_running")
}

func TestWhatPeopleHaveChangedIsDiscardedByForceOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through().succeeded().edited("name", "starts-at")
	a := b.discard(t, i.id, "")
	a.refused(t, http.StatusConflict, "event_edited")
	require.Equal(t, []any{"name", "starts-at"}, a.body["changed"])
	b.discard(t, i.id, "?force=false").refused(t, http.StatusConflict, "event_edited")
	b.discard(t, i.id, "?force=perhaps").refused(t, http.StatusBadRequest, "bad_parameter")
	b.discard(t, i.id, "?force=true").taken(t, 1)
}

func TestAChangeAtTheSameMomentIsNotDiscardedUnasked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through().succeeded()
	changed := false
	b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
		if !changed {
			changed = true
			i.edited("name")
		}
		return next.Publish(topic, msg)
	}}
	b.discard(t, i.id, "").refused(t, http.StatusConflict, "import_moved_on")
	b.discard(t, i.id, "").refused(t, http.StatusConflict, "event_edited")
}
