package bucket

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeFolder creates a folder and its parents and makes each new entry durable
// in the folder above it: after a power failure a bucket must not be gone
// although its blobs were synced.
func makeFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", path)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(path)
	if err := makeFolder(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

// syncFolders makes the entries durable that lead from root down to what the
// given folders hold, each folder once and the lower ones first. Every level is
// synced: that another writer has just made a folder does not mean that it is
// durable yet.
func syncFolders(root string, folders []string) error {
	done := make(map[string]bool)
	for _, folder := range folders {
		for !done[folder] {
			if err := syncFolder(folder); err != nil {
				return err
			}
			done[folder] = true
			if folder == root || folder == filepath.Dir(folder) {
				break
			}
			folder = filepath.Dir(folder)
		}
	}
	return nil
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
