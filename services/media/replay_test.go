package media

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/media/internal/files"
)

// withDamagedLogo is a made-up archive whose event names a picture that is there
// and cannot be read.
func withDamagedLogo(t *testing.T) []byte {
	t.Helper()
	const wide, logo = "GIF89a, and wide", "GIF89a, in small letters"
	b := archiveOf(t, map[string]string{
		"event":           eventWith(`, "logo": "/images/logo.png", "background_image": "/images/wide.png"`),
		"images/logo.png": logo,
		"images/wide.png": wide,
	})
	return bytes.Replace(b, []byte(logo), bytes.ToUpper([]byte(logo)), 1) // its checksum is another's
}

// An import whose last stage has failed may be replayed from media, which had
// completed: what it finds then is what it has found before.
func TestReplayOfMediaFindsAgainWhatIsDamaged(t *testing.T) {
	t.Parallel()
	r := newFetchRun(t, files.Web{}, withDamagedLogo(t), contracts.Options{})
	require.NoError(t, r.handle(t.Context()))
	first := r.ended(t, 1)
	require.Equal(t, contracts.IssueCounts{Warning: 1}, first.Found)
	r.replay(t, 2)
	second := r.ended(t, 2)
	require.Equal(t, first.Found, second.Found)
	require.Equal(t, first.FirstIssues, second.FirstIssues)
	require.Equal(t, first.Counts, second.Counts)
	require.ElementsMatch(t, []string{"events/0/logo missing", "events/0/background_image stored image/gif"}, r.rows(t))
}

// The check of the whole archive knows the sizes and has told: once is enough.
func TestFileThatIsTooLargeIsLeftOutWithoutBeingToldAgain(t *testing.T) {
	t.Parallel()
	r := newFetchRun(t, files.Web{}, withDamagedLogo(t), contracts.Options{})
	before := r.stage.Before
	r.stage.Before = func(ctx context.Context, run *stage.Run) error {
		reader, err := run.OpenUpload(ctx)
		if err != nil {
			return err
		}
		run.Archive, err = openevent.Open(reader, reader.Size(), openevent.Limits{Media: 20}) // the logo is larger
		if err != nil || before == nil {
			return err
		}
		return before(ctx, run)
	}
	require.NoError(t, r.handle(t.Context()))
	require.Empty(t, r.ended(t, 1).Found)
	require.ElementsMatch(t, []string{"events/0/logo missing", "events/0/background_image stored image/gif"}, r.rows(t))
}
