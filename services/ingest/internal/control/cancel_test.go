package control

import (
	"net/http"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestCancelTakesBackAnImportThatHasNotEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, i := range map[string]*imported{
		"just uploaded": b.imported(t).requested(),
		"in the middle": b.imported(t).requested().completed(contracts.Event, contracts.People),
		"nearly there":  b.imported(t).requested().through(),
		"replayed":      replayed(t, b.imported(t).requested().failed(contracts.Event).ended(contracts.Event)),
	} {
		t.Run(name, func(t *testing.T) {
			b.cancel(t, i.id).taken(t, i.attempt)
			env, payload := i.last()
			require.Equal(t, &contracts.CancelRequested{By: ada.Owner()}, payload)
			require.Equal(t, i.attempt, env.Attempt)
			require.Equal(t, ada.Owner(), env.Owner)
			require.Equal(t, "ingest", env.Source)

			before := i.commands()
			b.cancel(t, i.id).taken(t, i.attempt)
			require.Equal(t, before, i.commands(), "asking again adds nothing")
		})
	}
}

func TestWhatHasEndedIsNotCanceled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, test := range map[string]struct {
		i    *imported
		code string
	}{
		"succeeded":           {b.imported(t).requested().through().succeeded(), "import_ended"},
		"succeeded, edited":   {b.imported(t).requested().through().succeeded().edited("name"), "import_ended"},
		"failed":              {b.imported(t).requested().failed(contracts.Event).ended(contracts.Event), "import_ended"},
		"failed, not told of": {b.imported(t).requested().failed(contracts.Event), "import_ended"},
		"discarded":           {b.imported(t).requested().failed(contracts.Event).ended(contracts.Event).discarded(), "import_discarded"},
	} {
		t.Run(name, func(t *testing.T) {
			before := test.i.commands()
			b.cancel(t, test.i.id).refused(t, http.StatusConflict, test.code)
			require.Equal(t, before, test.i.commands())
		})
	}
}

func TestOfTheEndAndACancelTheBrokerTakesOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.imported(t).requested().through()
	ended := false
	b.Publisher = &publisher{Publisher: b.Publisher, publish: func(next message.Publisher, topic string, msg *message.Message) error {
		if !ended {
			ended = true
			i.succeeded()
		}
		return next.Publish(topic, msg)
	}}
	b.cancel(t, i.id).refused(t, http.StatusConflict, "import_ended")
	require.Equal(t, 1, i.commands())
}

func TestCommandsAreForTheOwnerAndAdministrators(t *testing.T) {
	t.Parallel()
	b := setup(t)
	running, ended := b.imported(t).requested(), b.imported(t).requested().failed(contracts.Event).ended(contracts.Event)
	b.who = paul
	b.cancel(t, running.id).refused(t, http.StatusNotFound, "not_found")
	b.discard(t, ended.id, "").refused(t, http.StatusNotFound, "not_found")
	b.cancel(t, "not-an-id").refused(t, http.StatusNotFound, "not_found")
	b.who = root
	b.cancel(t, running.id).taken(t, 1)
	b.discard(t, ended.id, "").taken(t, 1)
	_, payload := ended.last()
	require.Equal(t, &contracts.DiscardRequested{By: root.Owner()}, payload)
}
