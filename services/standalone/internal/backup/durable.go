package backup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writeDurably writes a file that is whole or not there, also after a power failure.
func writeDurably(path string, content []byte) error {
	f, err := os.Create(path + unfinished)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	_, err = f.Write(content)
	return finish(f, path, err)
}

// unfinished ends the name of a file until it is complete.
const unfinished = ".unfinished"

// finish gives a file its name, unless writing it has failed.
func finish(f *os.File, path string, err error) error {
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("backup: %w", errors.Join(err, removed(f.Name())))
	}
	return nil
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
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
