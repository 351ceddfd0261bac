package bucket_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	_ "gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/memblob"

	"github.com/usher-events/usher/pkg/bucket"
)

// everyBucket runs a test on each kind of bucket that needs no network.
func everyBucket(t *testing.T, test func(t *testing.T, b *bucket.Bucket)) {
	t.Parallel()
	for kind, url := range map[string]string{
		"mem":           "mem://",
		"file":          "file://" + t.TempDir() + "/not/there/yet",
		"file+prefix":   "file://" + t.TempDir() + "?prefix=a/b/",
		"file+sidecars": "file://" + t.TempDir() + "?metadata=",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, url))
		})
	}
}

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

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// keys lists every key of the bucket, temporary files of a file bucket included.
func keys(t *testing.T, b *bucket.Bucket) []string {
	t.Helper()
	var all []string
	for list := b.List(nil); ; {
		object, err := list.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, object.Key)
	}
}

func TestStoreKeepsEveryByteAndTellsSizeAndHash(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		for _, size := range []int{0, 1, 511, 512, 3<<20 + 7} {
			content := noise(size)
			key := bucket.ArchiveKey("import", fmt.Sprint(size))
			stored, err := b.Store(t.Context(), key, iotest.HalfReader(bytes.NewReader(content)), "application/zip")
			require.NoError(t, err)
			require.Equal(t, bucket.Stored{Size: int64(size), SHA256: hashOf(content)}, stored)
			read, err := b.ReadAll(t.Context(), key)
			require.NoError(t, err)
			require.Equal(t, content, read)
		}
	})
}

func TestStoreTakesManyAtOnce(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		var group sync.WaitGroup
		for i := range 64 {
			group.Go(func() {
				content := bytes.Repeat([]byte{byte(i)}, 1000+i)
				stored, err := b.Store(t.Context(), bucket.MediaKey(fmt.Sprint(i%3), fmt.Sprint(i)), bytes.NewReader(content), "")
				if err != nil || stored.SHA256 != hashOf(content) {
					t.Errorf("%d: %+v, %v", i, stored, err)
				}
			})
		}
		group.Wait()
		require.Len(t, keys(t, b), 64)
		for i := range 64 {
			read, err := b.ReadAll(t.Context(), bucket.MediaKey(fmt.Sprint(i%3), fmt.Sprint(i)))
			require.NoError(t, err)
			require.Equal(t, bytes.Repeat([]byte{byte(i)}, 1000+i), read)
		}
	})
}

func TestStoreLeavesNothingOfAReaderThatBreaks(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		broken := errors.New("client gone")
		for _, before := range []int{0, 1, 100_000, 5 << 20} {
			_, err := b.Store(t.Context(), "archives/i/u", io.MultiReader(bytes.NewReader(noise(before)), iotest.ErrReader(broken)), "")
			require.Equal(t, broken, err, "the reader's own error, as it is")
		}
		require.Empty(t, keys(t, b))
	})
}

func TestStoreLeavesNothingOfACanceledUpload(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		ctx, cancel := context.WithCancel(t.Context())
		endsCanceled := io.MultiReader(bytes.NewReader(noise(100_000)), readerFunc(func([]byte) (int, error) {
			cancel()
			return 0, io.EOF
		}))
		_, err := b.Store(ctx, "archives/i/u", endsCanceled, "")
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, bucket.ErrUnavailable)
		require.Empty(t, keys(t, b))
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

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

func TestDeleteRemovesABlobOnce(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		_, err := b.Store(t.Context(), "archives/i/u", strings.NewReader("x"), "")
		require.NoError(t, err)
		require.NoError(t, b.Delete(t.Context(), "archives/i/u"))
		require.Empty(t, keys(t, b))
		require.NoError(t, b.Delete(t.Context(), "archives/i/u"), "what is gone is gone")
	})
}

func TestDeleteBelowRemovesWhatBeginsWithThePrefix(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		for _, key := range []string{"media/i/1", "media/i/2", "media/ij/1", "cache/i/1"} {
			_, err := b.Store(t.Context(), key, strings.NewReader("x"), "")
			require.NoError(t, err)
		}
		for range 2 {
			require.NoError(t, b.DeleteBelow(t.Context(), "media/i/"))
			require.Equal(t, []string{"cache/i/1", "media/ij/1"}, keys(t, b))
		}
	})
}

func TestCopyHasTheSameBytesAndOutlivesWhatItIsOf(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		content := noise(2 << 20)
		_, err := b.Store(t.Context(), "archives/1/a", bytes.NewReader(content), "application/zip")
		require.NoError(t, err)
		require.NoError(t, b.Copy(t.Context(), "archives/1/a", "archives/2/b"))
		require.NoError(t, b.Delete(t.Context(), "archives/1/a"))
		copied, err := b.ReadAll(t.Context(), "archives/2/b")
		require.NoError(t, err)
		require.Equal(t, content, copied)
	})
}

func TestCopyOfNothingIsNotFoundAndLeavesNothing(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		require.ErrorIs(t, b.Copy(t.Context(), "archives/1/a", "archives/2/b"), bucket.ErrNotFound)
		require.Empty(t, keys(t, b))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, b.Copy(ctx, "archives/1/a", "archives/2/b"), context.Canceled)
	})
}

func TestReaderAtReadsLikeTheBytesThemselves(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 13<<20 + 12345} {
			content := noise(size)
			key := bucket.ArchiveKey("import", fmt.Sprint(size))
			_, err := b.Store(t.Context(), key, bytes.NewReader(content), "")
			require.NoError(t, err)
			r, err := b.ReaderAt(t.Context(), key)
			require.NoError(t, err)
			require.Equal(t, int64(size), r.Size())

			var group sync.WaitGroup
			for seed := range 4 {
				group.Go(func() { compare(t, r, bytes.NewReader(content), rand.New(rand.NewPCG(uint64(size), uint64(seed)))) })
			}
			group.Wait()
		}
	})
}

// compare reads the same random ranges, also beyond both ends, from both.
func compare(t *testing.T, got, want io.ReaderAt, random *rand.Rand) {
	for range 100 {
		length := random.IntN(1 << random.IntN(22))
		offset := random.Int64N(15<<20) - 10
		a, b := make([]byte, length), make([]byte, length)
		n, err := got.ReadAt(a, offset)
		m, wanted := want.ReadAt(b, offset)
		// At the very end an empty read may say EOF or not; both are allowed.
		same := n == m && bytes.Equal(a[:n], b[:m]) && (length == 0 || errors.Is(err, io.EOF) == errors.Is(wanted, io.EOF) && (err == nil) == (wanted == nil))
		if !same {
			t.Errorf("%d bytes at %d: got %d, %v; want %d, %v", length, offset, n, err, m, wanted)
			return
		}
	}
}

func TestReaderAtTellsAMissingBlobFromABucketThatIsAway(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		_, err := b.ReaderAt(t.Context(), "archives/i/none")
		require.ErrorIs(t, err, bucket.ErrNotFound)
		require.ErrorContains(t, err, "archives/i/none")

		_, err = b.Store(t.Context(), "archives/i/u", bytes.NewReader(noise(3<<20)), "")
		require.NoError(t, err)
		r, err := b.ReaderAt(t.Context(), "archives/i/u")
		require.NoError(t, err)
		require.NoError(t, b.Delete(t.Context(), "archives/i/u"))
		_, err = r.ReadAt(make([]byte, 10), 0)
		require.ErrorIs(t, err, bucket.ErrNotFound)
	})
}

func TestReaderAtIsBoundToItsContext(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		_, err := b.Store(t.Context(), "archives/i/u", bytes.NewReader(noise(3<<20)), "")
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := b.ReaderAt(ctx, "archives/i/u")
		require.NoError(t, err)
		cancel()
		if _, err = r.ReadAt(make([]byte, 10), 0); err != nil { // local drivers need not notice
			require.ErrorIs(t, err, context.Canceled)
		}
	})
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

func TestPingTellsWhetherTheBucketIsThere(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		require.NoError(t, b.Ping(t.Context()))
	})
	t.Run("folder gone", func(t *testing.T) {
		t.Parallel()
		root := filepath.Join(t.TempDir(), "blobs")
		b := open(t, "file://"+root)
		require.NoError(t, os.RemoveAll(root))
		require.ErrorIs(t, b.Ping(t.Context()), bucket.ErrUnavailable)
	})
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

func TestBatchStoresManyAndMakesThemDurableTogether(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		batch := b.Batch()
		var group sync.WaitGroup
		for i := range 64 {
			group.Go(func() {
				content := bytes.Repeat([]byte{byte(i)}, 1000+i)
				stored, err := batch.Store(t.Context(), bucket.MediaKey(fmt.Sprint(i%3), fmt.Sprint(i)), bytes.NewReader(content), "")
				if err != nil || stored.SHA256 != hashOf(content) {
					t.Errorf("%d: %+v, %v", i, stored, err)
				}
			})
		}
		group.Wait()
		require.NoError(t, batch.Flush())
		require.NoError(t, batch.Flush(), "and again, with nothing left to do")
		require.Len(t, keys(t, b), 64)
	})
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

func TestBatchTellsAgainOfABlobWithoutWritingIt(t *testing.T) {
	everyBucket(t, func(t *testing.T, b *bucket.Bucket) {
		key := bucket.MediaKey("import", "1")
		want, err := b.Batch().Store(t.Context(), key, bytes.NewReader(noise(3<<20+7)), "image/png")
		require.NoError(t, err)
		before, err := b.Attributes(t.Context(), key)
		require.NoError(t, err)

		batch := b.Batch()
		stored, err := batch.Again(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, want, stored)
		require.NoError(t, batch.Flush())
		after, err := b.Attributes(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, before.ModTime, after.ModTime)
		_, err = batch.Again(t.Context(), bucket.MediaKey("import", "2"))
		require.ErrorIs(t, err, bucket.ErrNotFound)
	})
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
