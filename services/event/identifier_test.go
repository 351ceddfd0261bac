package event

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

// door is a world in which archives of one event each come to the stage.
type door struct {
	stagetest.World
	runner *stage.Runner
}

func newDoor(t *testing.T) door {
	t.Helper()
	w := stagetest.NewWorld(t, service.Migrations(Service())...)
	return door{World: w, runner: stage.NewRunner(archiveStage(), w.Resources)}
}

// enter runs the stage for an archive whose event has the given identifier, in
// JSON, and returns the one that the event got, and the issues about it.
func (d door) enter(t *testing.T, env contracts.Envelope, identifier string) (string, []string) {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("event")
	require.NoError(t, err)
	_, err = fmt.Fprintf(w, `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "identifier": %s}`, identifier)
	require.NoError(t, err)
	for _, list := range []string{"forms", "microlocations", "sponsors", "speakers", "tracks", "session_types", "sessions"} {
		w, err := z.Create(list)
		require.NoError(t, err)
		_, err = io.WriteString(w, "[]")
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())

	data, err := contracts.Encode(env, &contracts.ImportRequested{
		Blob: d.Upload(t, env.Import, archive.Bytes()), FileName: "lantern.zip", Size: int64(archive.Len()), SHA256: "00",
	})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, d.runner.Handle(msg))

	_, payload, ok := d.Outcome(t.Context(), t, archiveStage(), env.Import, env.Attempt)
	require.True(t, ok)
	done, ok := contracts.CompletedOf(payload)
	require.True(t, ok, "%+v", payload)
	var stored string
	require.NoError(t, d.DB.NewRaw("SELECT identifier FROM event.api_events WHERE import_id = ?", env.Import).Scan(t.Context(), &stored))
	require.Equal(t, stored, done.Event.Identifier)
	var codes []string
	require.NoError(t, d.DB.NewRaw("SELECT code FROM event.api_issues WHERE import_id = ? ORDER BY n", env.Import).Scan(t.Context(), &codes))
	return stored, codes
}

func TestIdentifierIsKeptWhereItIsFree(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	env := stagetest.NewEnvelope(contracts.EventArchive)
	for env.Attempt = 1; env.Attempt <= 3; env.Attempt++ {
		identifier, issues := d.enter(t, env, `"lantern-days_31"`)
		require.Equal(t, "lantern-days_31", identifier)
		require.Empty(t, issues)
	}
}

func TestTakenIdentifierIsReplacedByTheSameOneInEveryAttempt(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	first := stagetest.NewEnvelope(contracts.EventArchive)
	d.enter(t, first, `"b548bcfc"`)
	second := stagetest.NewEnvelope(contracts.EventArchive)
	got, issues := d.enter(t, second, `"b548bcfc"`)
	require.Regexp(t, "^[0-9a-f]{8}$", got)
	require.NotEqual(t, "b548bcfc", got)
	require.Equal(t, []string{"identifier_taken"}, issues)

	// Also when the other event has gone by then.
	_, err := d.DB.NewRaw("DELETE FROM event.identifiers WHERE import_id = ?", first.Import).Exec(t.Context())
	require.NoError(t, err)
	second.Attempt = 2
	again, issues := d.enter(t, second, `"b548bcfc"`)
	require.Equal(t, got, again)
	require.Equal(t, []string{"identifier_taken"}, issues)
}

func TestIdentifierThatFitsIntoNoAddressIsReplaced(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, odd := range []string{`"../x"`, `"a b"`, `"24"`, `"ünïcode"`} {
		env := stagetest.NewEnvelope(contracts.EventArchive)
		first, issues := d.enter(t, env, odd)
		require.Regexp(t, "^[0-9a-f]{8}$", first)
		require.Equal(t, []string{"invalid_identifier"}, issues)
		env.Attempt = 2
		second, _ := d.enter(t, env, odd)
		require.Equal(t, first, second)
	}
	none, issues := d.enter(t, stagetest.NewEnvelope(contracts.EventArchive), `null`)
	require.Regexp(t, "^[0-9a-f]{8}$", none)
	require.Empty(t, issues)
}
