package openevent

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func archiveOf(t *testing.T, names ...string) *Archive {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		_, err := w.Create(name)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	a, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()), Limits{})
	require.NoError(t, err)
	return a
}

func TestFilesThatNothingRefersToAreToldAtOnce(t *testing.T) {
	t.Parallel()
	rest := []string{
		"event", "sessions.json", "Tracks", "tracks", "meta", "config.json", "images/", "images/a.png",
		"__MACOSX/images/._a.png", "images/.DS_Store", "Thumbs.db", "images/desktop.ini",
	}
	used := map[string]bool{"images/a.png": true}
	_, ok := archiveOf(t, rest...).unused(used)
	require.False(t, ok)

	issue, ok := archiveOf(t, append(rest, "notes.txt")...).unused(used)
	require.True(t, ok)
	require.Equal(t, contracts.Issue{
		Severity: contracts.Info, Code: CodeUnusedFiles, Value: "notes.txt",
		Message: "No record refers to the file 'notes.txt'; it is left out",
	}, issue)

	issue, ok = archiveOf(t, append(rest, "notes.txt", "images/b.png", "images/event")...).unused(used)
	require.True(t, ok)
	require.Equal(t, "No record refers to 3 of the files; they are left out", issue.Message)
	require.Equal(t, "images/b.png, images/event, notes.txt", issue.Value)

	many := append([]string{}, rest...)
	for i := range 300 {
		many = append(many, fmt.Sprintf("%03d", i))
	}
	issue, _ = archiveOf(t, many...).unused(used)
	require.Contains(t, issue.Message, " 300 ")
	require.LessOrEqual(t, len(issue.Value), contracts.MaxIssueValue)
	require.Contains(t, issue.Value, "000, 001, 002")
}

func TestFilesBesideTheFolderOfTheDataFilesAreUnused(t *testing.T) {
	t.Parallel()
	issue, ok := archiveOf(t, "conference/event", "conference/a.png", "meta", "b.png").unused(map[string]bool{"conference/a.png": true})
	require.True(t, ok)
	require.Equal(t, "b.png", issue.Value)
}

func TestTheFileOfSocialLinksIsData(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"social_links", "social_links.json", "Social-Links"} {
		e, ok := archiveOf(t, "event", name).data(socialLinksName)
		require.True(t, ok)
		require.Equal(t, name, e.name)
	}
	_, ok := archiveOf(t, "event").data(socialLinksName)
	require.False(t, ok)
}
