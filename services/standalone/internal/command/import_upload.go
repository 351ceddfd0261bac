package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// upload sends a file with what is asked for beside it, and a bar on a terminal.
func upload(ctx context.Context, t *Terminal, server *client.Client, path string, a client.Archive) (client.Accepted, error) {
	file, size, err := openArchive(path)
	if err != nil {
		return client.Accepted{}, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	var content io.Reader = file
	done := func(bool) {}
	if t.Interactive {
		if content, done, err = uploadBar(t, file, size); err != nil {
			return client.Accepted{}, err
		}
	}
	a.Name, a.Size, a.Content = filepath.Base(path), size, content
	accepted, err := server.Import(ctx, a)
	done(err == nil)
	if errors.Is(err, context.Canceled) {
		return accepted, &Exit{Code: interrupted, Err: stopped(err)}
	}
	return accepted, err
}

// stopped says what a Ctrl-C during an upload has left behind.
func stopped(err error) error {
	if broken := (*client.BrokenUploadError)(nil); errors.As(err, &broken) && broken.Sent == broken.Size {
		return errors.New("stopped before the upload was answered; `usher list` shows whether it was accepted")
	}
	return errors.New("stopped during the upload; nothing was imported")
}

// openArchive opens a file whose length is known.
func openArchive(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before opening: that would wait for the writer of a pipe
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("there is no file %q", path)
	case err != nil:
		return nil, 0, err
	case info.IsDir():
		return nil, 0, fmt.Errorf("%q is a folder; an archive is a zip file", path)
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%q is not a regular file; an archive is a zip file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}
