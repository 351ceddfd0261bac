package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// last reads the last command of the import, and its sequence.
func (d desk) last(t *testing.T) (contracts.Payload, uint64) {
	t.Helper()
	names := d.Broker.Names()
	stored, err := d.Broker.Last(t.Context(), names.ImportsStream(), names.Control(d.env.Kind, d.env.Import))
	require.NoError(t, err)
	_, payload, err := contracts.Decode(stored.Data)
	require.NoError(t, err)
	return payload, stored.Sequence
}

func TestEachAttributeThatIsChangedIsToldOnceAmongTheCommands(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.finished(t)
	for _, change := range []struct {
		attributes string
		told       []string
	}{
		{`{"name":"Lantern Nights"}`, []string{"name"}},
		{`{"starts-at":"2031-05-02T11:00:00+02:00","ends-at":"2031-05-02T12:00:00Z"}`, []string{"ends-at", "name", "starts-at"}},
	} {
		status, problem := d.patch(t, olga, change.attributes)
		require.Equal(t, http.StatusNoContent, status, problem)
		payload, _ := d.last(t)
		require.Equal(t, &contracts.EventEdited{Attributes: change.told, By: olga.Owner()}, payload)
	}
	_, before := d.last(t)
	status, _ := d.patch(t, olga, `{"name":"Lantern Mornings"}`)
	require.Equal(t, http.StatusNoContent, status)
	_, after := d.last(t)
	require.Equal(t, before, after, "there is nothing new to tell")

	status, _ = d.ask(t, olga, http.MethodDelete, "1a2b3c4d", "")
	require.Equal(t, http.StatusNoContent, status, "who deletes an event means it, changes and all")
}

func TestEventIsNotChangedWhileAnAttemptMakesIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	refused := func(code string) {
		t.Helper()
		status, problem := d.patch(t, olga, `{"name":"Lantern Nights"}`)
		require.Equal(t, http.StatusConflict, status)
		require.Equal(t, code, problem["code"])
		require.Equal(t, "Lantern Days", d.column(t, "name"))
	}
	refused("import_running")
	d.finished(t)
	d.command(t, 2, &contracts.ReplayRequested{Carried: contracts.Carried{Blob: "archives/a"}, From: contracts.Event, By: olga.Owner()})
	refused("import_running")
	d.command(t, 2, &contracts.ImportFinished{State: contracts.Failure, Failure: "It failed.", FailedStage: contracts.Event, Code: "tries_exhausted"})
	refused("import_failed")
}

func TestEventIsChangedAlsoWhenTheStreamHasForgottenItsImport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.DB.NewRaw("UPDATE event.stage_run SET committed_at = now() - interval '31 days'").Exec(t.Context())
	require.NoError(t, err)
	status, problem := d.patch(t, olga, `{"name":"Lantern Nights"}`)
	require.Equal(t, http.StatusNoContent, status, problem)
	require.Equal(t, "Lantern Nights", d.column(t, "name"))
}
