package event

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

// none are the rows that a check makes.
var none = map[string]int{"event.events": 0, "event.social_links": 0, "event.custom_forms": 0, "event.identifiers": 0}

func TestCheckStageKeepsThePromisesOfAStage(t *testing.T) {
	t.Parallel()
	stagetest.Exercise(t, stagetest.Subject{Stage: checkStage(), Migrations: service.Migrations(Service()), Rows: none})
}

// checked runs the check of an archive and returns its outcome; nil is an archive
// that is gone.
func checked(t *testing.T, mode contracts.Mode, archive []byte) contracts.Payload {
	t.Helper()
	w := stagetest.NewWorld(t, service.Migrations(Service())...)
	env := stagetest.NewEnvelope(contracts.EventCheck)
	blob := "gone"
	if archive != nil {
		blob = w.Upload(t, env.Import, archive)
	}
	data, err := contracts.Encode(env, &contracts.ImportRequested{Blob: blob, Options: contracts.Options{Mode: mode}})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, stage.NewRunner(checkStage(), w.Resources).Handle(msg))
	_, payload, ok := w.Outcome(t.Context(), t, checkStage(), env.Import, 1)
	require.True(t, ok)
	for table := range none {
		n, err := w.DB.NewSelect().TableExpr(table).Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, table)
	}
	return payload
}

func TestCheckTellsWhatAnImportWouldMakeAndMakesNothing(t *testing.T) {
	t.Parallel()
	done, ok := checked(t, contracts.DefaultMode, stagetest.Archive(t)).(*contracts.EventImported)
	require.True(t, ok)
	require.Nil(t, done.Event)
	require.Equal(t, "Lantern Days", done.EventName)
	require.Empty(t, done.Counts)
	require.Equal(t, 2, done.Totals[contracts.Sessions])
	require.Equal(t, 1, done.Totals[contracts.Events])
}

func TestCheckFailsAsTheImportWould(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode    contracts.Mode
		archive []byte
		code    string
	}{
		"with errors":            {contracts.DefaultMode, stagetest.BrokenArchive(t), stage.CodeInvalidArchive},
		"no archive":             {contracts.Lenient, []byte("PK\x03\x04 this is no archive"), stage.CodeInvalidArchive},
		"gone":                   {contracts.DefaultMode, nil, stage.CodeArchiveGone},
		"strict, with a warning": {contracts.Strict, archiveOf(t, `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "timezone": "Europe/Atlantis"}`), stage.CodeInvalidArchive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed, ok := checked(t, test.mode, test.archive).(*contracts.StageFailed)
			require.True(t, ok)
			require.Equal(t, test.code, failed.Code)
		})
	}
	_, ok := checked(t, contracts.DefaultMode, archiveOf(t, `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "timezone": "Europe/Atlantis"}`)).(*contracts.EventImported)
	require.True(t, ok, "what fails a strict check is a warning else")
}

// archiveOf is an archive of an event alone.
func archiveOf(t *testing.T, event string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("event")
	require.NoError(t, err)
	_, err = io.WriteString(w, event)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// A record may hold more than the broker takes in one message, and each message of
// an import repeats the name.
func TestNameOfMegabytesIsToldByItsBeginning(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Lantern Nächte ", 1<<17)
	archive := archiveOf(t, `{"id": 7, "name": "`+long+`", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`)
	checked, ok := checked(t, contracts.DefaultMode, archive).(*contracts.EventImported)
	require.True(t, ok)
	require.Less(t, len(checked.EventName), 1025)
	require.True(t, strings.HasPrefix(long, strings.TrimSuffix(checked.EventName, "…")))

	w := stagetest.NewWorld(t, service.Migrations(Service())...)
	env := stagetest.NewEnvelope(contracts.EventArchive)
	data, err := contracts.Encode(env, &contracts.ImportRequested{Blob: w.Upload(t, env.Import, archive)})
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, stage.NewRunner(archiveStage(), w.Resources).Handle(msg))
	_, payload, found := w.Outcome(t.Context(), t, archiveStage(), env.Import, 1)
	require.True(t, found)
	imported, ok := payload.(*contracts.EventImported)
	require.True(t, ok)
	require.Equal(t, checked.EventName, imported.Event.Name)
	var kept string
	require.NoError(t, w.DB.NewSelect().Table("event.events").Column("name").Scan(t.Context(), &kept))
	require.True(t, strings.TrimSpace(long) == strings.TrimSpace(kept), "the row has all of it") //nolint:testifylint // a difference would be megabytes
}
