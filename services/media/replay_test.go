package media

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
	"github.com/usher-events/usher/services/media/internal/files"
)

// withDamagedLogo is a made-up archive whose event names a picture that is there
// and cannot be read.
func withDamagedLogo(t *testing.T) []byte {
	t.Helper()
	const picture = "there is a picture here"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"event": `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00",
			"timezone": "Europe/Lisbon", "logo": "/images/logo.png", "background_image": "/images/wide.png"}`,
		"images/logo.png": picture,
		"images/wide.png": "a wide one",
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return bytes.Replace(b.Bytes(), []byte(picture), bytes.ToUpper([]byte(picture)), 1) // its checksum is another's
}

// An import whose last stage has failed may be replayed from media, which had
// completed: what it finds then is what it has found before.
func TestReplayOfMediaFindsAgainWhatIsDamaged(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, service.Migrations(Service())...)
	runner := stage.NewRunner(archiveStage(files.Web{}), w.Resources)
	env := stagetest.NewEnvelope(contracts.EventArchive)
	carried := contracts.Carried{
		Blob:   w.Upload(t, env.Import, withDamagedLogo(t)),
		Event:  &contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "Europe/Lisbon"},
		Totals: map[contracts.EntityType]int{contracts.MediaFiles: 2},
	}
	ran := func(attempt int, payload contracts.Payload) contracts.Completed {
		env.Attempt = attempt
		data, err := contracts.Encode(env, payload)
		require.NoError(t, err)
		msg := message.NewMessage(uuid.NewString(), data)
		msg.SetContext(t.Context())
		require.NoError(t, runner.Handle(msg))
		_, outcome, ok := w.Outcome(t.Context(), t, archiveStage(files.Web{}), env.Import, attempt)
		require.True(t, ok)
		done, ok := contracts.CompletedOf(outcome)
		require.True(t, ok, "%+v", outcome)
		return done
	}
	first := ran(1, contracts.CompletionOf(contracts.Schedule, contracts.Completed{Carried: carried}))
	require.Equal(t, contracts.IssueCounts{Warning: 1}, first.Found)
	second := ran(2, &contracts.ReplayRequested{Carried: carried, From: contracts.Media})
	require.Equal(t, first.Found, second.Found)
	require.Equal(t, first.FirstIssues, second.FirstIssues)
	require.Equal(t, first.Counts, second.Counts)
	var states []string
	require.NoError(t, w.DB.NewSelect().Table("media.files").Column("state").Where("import_id = ?", env.Import).
		Order("state").Scan(t.Context(), &states))
	require.Equal(t, []string{"missing", "stored"}, states)
}

// The check of the whole archive knows the sizes and has told: once is enough.
func TestFileThatIsTooLargeIsLeftOutWithoutBeingToldAgain(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, service.Migrations(Service())...)
	s := archiveStage(files.Web{})
	before := s.Before
	s.Before = func(ctx context.Context, run *stage.Run) error {
		reader, err := run.OpenUpload(ctx)
		if err != nil {
			return err
		}
		run.Archive, err = openevent.Open(reader, reader.Size(), openevent.Limits{Media: 12}) // the logo is larger
		if err != nil || before == nil {
			return err
		}
		return before(ctx, run)
	}
	env := stagetest.NewEnvelope(contracts.EventArchive)
	data, err := contracts.Encode(env, contracts.CompletionOf(contracts.Schedule, contracts.Completed{Carried: contracts.Carried{
		Blob:   w.Upload(t, env.Import, withDamagedLogo(t)),
		Event:  &contracts.EventFacts{ID: "1", Identifier: "1a2b3c4d", Name: "Lantern Days", Timezone: "Europe/Lisbon"},
		Totals: map[contracts.EntityType]int{contracts.MediaFiles: 2},
	}}))
	require.NoError(t, err)
	msg := message.NewMessage(uuid.NewString(), data)
	msg.SetContext(t.Context())
	require.NoError(t, stage.NewRunner(s, w.Resources).Handle(msg))
	_, outcome, ok := w.Outcome(t.Context(), t, s, env.Import, 1)
	require.True(t, ok)
	done, ok := contracts.CompletedOf(outcome)
	require.True(t, ok, "%+v", outcome)
	require.Empty(t, done.Found)
	var states []string
	require.NoError(t, w.DB.NewSelect().Table("media.files").Column("state").Order("state").Scan(t.Context(), &states))
	require.Equal(t, []string{"missing", "stored"}, states)
}
