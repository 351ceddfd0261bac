package command

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSampleWritesAnArchiveAndSaysWhatItIs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "fair.zip")
	require.NoError(t, os.WriteFile(path, []byte("what was there before"), 0o600))
	terminal := newRecorder(true)

	require.NoError(t, (&Sample{Sessions: 3, Speakers: 2, Seed: 7, Output: path}).Run(t.Context(), &terminal.Terminal))

	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.Regexp(t, `^Wrote `+path+`: an archive of 3 sessions and 2 speakers by seed 7, [0-9.]+ [kM]B\n$`, terminal.out.String())
	requireOnly(t, folder, "fair.zip")
}

func TestSampleToTheStandardOutputIsTheArchiveAlone(t *testing.T) {
	t.Parallel()
	terminal := newRecorder(false)
	require.NoError(t, (&Sample{Sessions: 3, Speakers: 2, Seed: 7, Output: "-"}).Run(t.Context(), &terminal.Terminal))
	_, err := zip.NewReader(bytes.NewReader(terminal.out.Bytes()), int64(terminal.out.Len()))
	require.NoError(t, err)
	require.Contains(t, terminal.err.String(), "Wrote an archive of 3 sessions")
}

func TestSampleDoesNotFloodATerminal(t *testing.T) {
	t.Parallel()
	terminal := newRecorder(true)
	require.ErrorContains(t, (&Sample{Sessions: 3, Output: "-"}).Run(t.Context(), &terminal.Terminal), "nothing for a terminal")
	require.Empty(t, terminal.out.String())
}

func TestSampleThatIsStoppedLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "fair.zip")
	require.NoError(t, os.WriteFile(path, []byte("what was there before"), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	err := (&Sample{Sessions: 300, Speakers: 200, Output: path}).Run(ctx, &newRecorder(false).Terminal)

	exit := new(Exit)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 130, exit.Code)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "what was there before", string(content))
	requireOnly(t, folder, "fair.zip")
}

func TestSampleRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	terminal := newRecorder(false)
	require.ErrorContains(t, (&Sample{Sessions: -1, Output: filepath.Join(folder, "a.zip")}).Run(t.Context(), &terminal.Terminal), "sessions: -1")
	require.ErrorContains(t, (&Sample{Sessions: 1, Output: folder}).Run(t.Context(), &terminal.Terminal), "is not a regular file")
	require.ErrorIs(t, (&Sample{Sessions: 1, Output: filepath.Join(folder, "none", "a.zip")}).Run(t.Context(), &terminal.Terminal), os.ErrNotExist)
	requireOnly(t, folder)
}

// requireOnly checks that a folder holds these files and no others.
func requireOnly(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	require.Equal(t, names, found)
}
