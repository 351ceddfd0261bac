package standalone_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// smallDisk mounts a disk of some size and returns its folder.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("only root may mount a small disk")
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
	return folder
}

// fill takes all the room that a disk has but for some bytes.
func fill(t *testing.T, folder string, but int64) (release func()) {
	t.Helper()
	path := filepath.Join(folder, "somebody else's")
	file, err := os.Create(path)
	require.NoError(t, err)
	_, err = io.Copy(file, zeros{})
	require.ErrorIs(t, err, syscall.ENOSPC)
	size, err := file.Seek(0, io.SeekCurrent)
	require.NoError(t, err)
	require.NoError(t, file.Truncate(size-but))
	require.NoError(t, file.Close())
	return func() { require.NoError(t, os.Remove(path)) }
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestImportsWaitForAStoreWhoseDiskIsFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "32m")
	c := clusterOn(t, startBroker(t), testDatabase(t), "file://"+filepath.Join(disk, "blobs"))
	front := c.run(t, "ingest", "query")
	c.run(t, "event", "people", "schedule", "notify")
	olga := c.as(t, front, "olga@organizers.example")
	archive := made(t, 60, 60, 23)
	var ids []string
	for range 3 {
		ids = append(ids, olga.upload(t, archive))
	}
	for _, id := range ids {
		require.Eventually(t, func() bool { return olga.task(t, id).WaitingFor == contracts.Media }, patience, glance)
	}
	release := fill(t, disk, 32<<10)                                                           // there is room for small files still
	media, _ := start(t, c.environment(t, "media"), "run", "--listen", "127.0.0.1:0", "media") // not ready before there is room
	require.Eventually(t, func() bool {
		return strings.Contains(media.log.String(), "nothing can be stored")
	}, patience, glance)
	// What a run tells goes its way without being waited for.
	require.Eventually(t, func() bool {
		return strings.Contains(strings.Join(c.notes(t), "\n"), "file store unavailable")
	}, patience, glance)
	olga.do(t, olga.uploadOf(t, archive), http.StatusServiceUnavailable, nil)
	<-time.After(outageFor(t))
	release()

	want := expected(t, archive)
	for _, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, want, olga.inventory(t, result.ID))
	}
	c.requireOneTryEach(t)
	require.NoFileExists(t, filepath.Join(disk, "blobs", "probe"))
	olga.succeeded(t, olga.upload(t, archive))
}
