package private

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// folderLock keeps a folder to one process. The kernel gives it back when the
// process ends, in whatever way; nothing is ever left to clean up.
type folderLock struct{ file *os.File }

// lockFolder returns ErrInUse at once where another process (or another
// server of this one) has the folder.
func lockFolder(dir string, as account) (*folderLock, error) {
	path := filepath.Join(dir, "lock")
	// Not inherited by the server: Go opens files so that children do not get them.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := as.own(path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", dir, ErrInUse)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &folderLock{file: file}, nil
}

// release does not leave it to the closing: a child that another goroutine is
// about to start has a copy of the file until it runs its own program.
func (l *folderLock) release() error {
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}
