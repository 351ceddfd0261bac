package bucket

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// over reads the content and counts the requests that this takes.
func over(content []byte) (*ReaderAt, *atomic.Int64) {
	requests := new(atomic.Int64)
	return newReaderAt(int64(len(content)), func(offset, length int64) ([]byte, error) {
		requests.Add(1)
		return bytes.Clone(content[offset : offset+length]), nil
	}), requests
}

func TestReaderAtReadsAZipInAboutOneRequestPerMebibyte(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for i := range 2000 {
		member, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("images/%d.png", i), Method: zip.Store})
		require.NoError(t, err)
		_, err = member.Write(bytes.Repeat([]byte{byte(i)}, 5000))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	blocks := int64(archive.Len()/blockSize + 1)
	require.Greater(t, blocks, int64(blocksKept), "the cache must not hold all")

	r, requests := over(archive.Bytes())
	zr, err := zip.NewReader(r, r.Size())
	require.NoError(t, err)
	require.Len(t, zr.File, 2000)
	for i, file := range zr.File {
		member, err := file.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(member)
		require.NoError(t, err)
		require.Equal(t, bytes.Repeat([]byte{byte(i)}, 5000), content)
	}
	// Each block once, and the last one again after it was let go.
	require.LessOrEqual(t, requests.Load(), blocks+1)
}

func TestReaderAtAsksOnceForWhatManyWaitFor(t *testing.T) {
	t.Parallel()
	r, requests := over(make([]byte, 3*blockSize))
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			if _, err := r.ReadAt(make([]byte, 100), blockSize-50); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.Equal(t, int64(2), requests.Load())
}

func TestReaderAtKeepsFewBlocksTheLatestUsed(t *testing.T) {
	t.Parallel()
	r, requests := over(make([]byte, 2*blocksKept*blockSize))
	read := func(index int64) int64 {
		before := requests.Load()
		_, err := r.ReadAt(make([]byte, 1), index*blockSize)
		require.NoError(t, err)
		return requests.Load() - before
	}
	for index := range int64(blocksKept) {
		require.Equal(t, int64(1), read(index))
	}
	require.Zero(t, read(0), "used again, so 1 is the oldest now")
	require.Equal(t, int64(1), read(blocksKept))
	require.Zero(t, read(0))
	require.Equal(t, int64(1), read(1))
	require.LessOrEqual(t, len(r.blocks), blocksKept)
}

func TestReaderAtKeepsAsFewBlocksAsItIsTold(t *testing.T) {
	t.Parallel()
	const blocks = 5
	r, requests := over(make([]byte, blocks*blockSize))
	r.Keep(1)
	_, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size()))
	require.NoError(t, err)
	require.EqualValues(t, blocks, requests.Load())
	require.Len(t, r.blocks, 1)
}

func TestReaderAtAsksAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	content, away := []byte("content"), errors.New("away")
	fails := true
	r := newReaderAt(int64(len(content)), func(offset, length int64) ([]byte, error) {
		if fails {
			return nil, away
		}
		return content[offset : offset+length], nil
	})
	_, err := r.ReadAt(make([]byte, 4), 0)
	require.Equal(t, away, err)
	fails = false
	got := make([]byte, 4)
	_, err = r.ReadAt(got, 3)
	require.NoError(t, err)
	require.Equal(t, "tent", string(got))
}

func TestFailureKeepsSignedURLsOutOfTheText(t *testing.T) {
	t.Parallel()
	cause := errors.New(`Put "https://store.example/c/archives/i/u?sig=hush&se=1": dial tcp: refused`)
	err := failure(t.Context(), "store", "archives/i/u", cause)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, err, cause)
	require.ErrorContains(t, err, "https://store.example/c/archives/i/u?…")
	require.NotContains(t, err.Error(), "hush")
}

func TestFailureTellsASlowStoreFromACanceledCaller(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, failure(t.Context(), "read", "k", context.DeadlineExceeded), ErrUnavailable)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	err := failure(canceled, "read", "k", errors.New("broken pipe"))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnavailable)
}
