package bucket_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
)

func open(t *testing.T, url string) *bucket.Bucket {
	t.Helper()
	b, err := bucket.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// noise is made-up content that does not repeat.
func noise(size int) []byte {
	content := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(content)
	return content
}

func TestStoreTellsAStoreThatRefusesFromAReaderThatBreaks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := open(t, "file://"+root)
	require.NoError(t, os.WriteFile(filepath.Join(root, "archives"), nil, 0o600), "a file where a folder is needed")
	_, err := b.Store(t.Context(), bucket.ArchiveKey("i", "u"), strings.NewReader("x"), "")
	require.ErrorIs(t, err, bucket.ErrUnavailable)
	require.ErrorContains(t, err, "archives/i/u")
}

func TestStoreKeepsAFileBucketPrivateAndWithoutSidecars(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "blobs")
	b := open(t, "file://"+root)
	_, err := b.Store(t.Context(), bucket.ArchiveKey("i", "u"), strings.NewReader("x"), "application/zip")
	require.NoError(t, err)

	var files []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if !entry.IsDir() {
			files = append(files, path)
			return nil
		}
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), path)
		return nil
	}))
	require.Equal(t, []string{filepath.Join(root, "archives", "i", "u")}, files)
}

func TestTornFindsWhatWasNotStoredToItsEndOfEveryKindOfKeyAndNothingElse(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := open(t, "file://"+root)
	ours := []string{
		bucket.ArchiveKey("i", "u"), bucket.CacheKey("i", "a-300-1"), bucket.ExportKey("i", 1, "t", "lantern.zip"), bucket.MediaKey("i", "1"), "probe",
	}
	for _, key := range append(slices.Clone(ours), "somebody/else", "else") {
		whole := filepath.Join(root, filepath.FromSlash(key))
		require.NoError(t, os.MkdirAll(filepath.Dir(whole), 0o700))
		require.NoError(t, os.WriteFile(whole, nil, 0o600))
		require.NoError(t, os.WriteFile(whole+".4711.tmp", nil, 0o600))
	}
	var torn []string
	for listed, err := range b.Torn(t.Context()) {
		require.NoError(t, err)
		torn = append(torn, strings.TrimSuffix(listed.Key, ".4711.tmp"))
	}
	require.ElementsMatch(t, ours, torn)
}

func TestReaderAtReportsABlobThatGotShorterAsTheStoresFailure(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	b := open(t, "file://"+root)
	_, err := b.Store(t.Context(), "archives/i/u", bytes.NewReader(noise(3<<20)), "")
	require.NoError(t, err)
	r, err := b.ReaderAt(t.Context(), "archives/i/u")
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(root, "archives", "i", "u"), 1<<20+5))

	_, err = r.ReadAt(make([]byte, 10), 1<<20)
	require.ErrorIs(t, err, bucket.ErrUnavailable)
	require.NotErrorIs(t, err, io.EOF)
	require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = zip.NewReader(r, r.Size())
	require.ErrorIs(t, err, bucket.ErrUnavailable, "not: not a valid zip file")
}

func TestPingMissesAFolderThatIsGone(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "blobs")
	b := open(t, "file://"+root)
	require.NoError(t, os.RemoveAll(root))
	require.ErrorIs(t, b.Ping(t.Context()), bucket.ErrUnavailable)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for url, reason := range map[string]string{
		"":                             "not a URL",
		"/var/lib/blobs":               "not a URL",
		"file://" + file:               "not a folder",
		"file://data/blobs":            "three slashes",
		"ftp://ada:hush@store.example": "no driver registered",
		"file:///tmp?secret=hush":      "invalid query parameter",
		"mem://host/hush%zz":           "not a URL",
		"file:///tmp/x?base_url=hush":  "secret_key_path",
		"mem://?signed_links=hush":     "signed_links",
	} {
		_, err := bucket.Open(t.Context(), url)
		require.ErrorContains(t, err, reason, url)
		require.NotContains(t, err.Error(), "hush", url)
	}
}

func TestLinkIsGivenOnlyByAStoreThatBrowsersReach(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	key := filepath.Join(folder, "key")
	require.NoError(t, os.WriteFile(key, []byte("a key to sign with"), 0o600))
	store := "file://" + folder + "/blobs?base_url=https://store.example/&secret_key_path=" + key
	for url, given := range map[string]bool{
		store:                         true,
		store + "&signed_links=true":  true,
		store + "&signed_links=false": false,
		"mem://":                      false,
		"mem://?signed_links=false":   false,
	} {
		link, err := open(t, url).Link(t.Context(), "a", time.Minute)
		require.NoError(t, err)
		require.Equal(t, given, link != "", url)
	}
}

func TestBatchTellsOfAFolderThatIsGoneBeforeItIsDurable(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := open(t, "file://"+folder)
	batch := b.Batch()
	_, err := batch.Store(t.Context(), bucket.MediaKey("import", "1"), strings.NewReader("x"), "")
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(folder, "media")))
	require.ErrorIs(t, batch.Flush(), bucket.ErrUnavailable)
	require.ErrorIs(t, batch.Flush(), bucket.ErrUnavailable, "it is not forgotten")
}

// The batch that has stored it may have ended before it was durable.
func TestBatchMakesDurableWhatItOnlyTellsOf(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := open(t, "file://"+folder)
	key := bucket.MediaKey("import", "1")
	_, err := b.Batch().Store(t.Context(), key, strings.NewReader("x"), "")
	require.NoError(t, err)
	batch := b.Batch()
	_, err = batch.Again(t.Context(), key)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(folder, "media")))
	require.ErrorIs(t, batch.Flush(), bucket.ErrUnavailable, "it was to be synced")
}
