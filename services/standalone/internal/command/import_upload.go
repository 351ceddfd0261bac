package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/contracts"
	tables "github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// upload sends the file with what is asked for beside it, and a bar on a terminal.
func (c *Import) upload(ctx context.Context, t *Terminal, server *client.Client) (client.Accepted, error) {
	mode, known := contracts.ParseMode(c.Mode)
	if !known {
		return client.Accepted{}, fmt.Errorf("the mode is %q, it must be default, strict or lenient", c.Mode)
	}
	conflict, known := contracts.ParseOnConflict(c.OnConflict)
	if !known {
		return client.Accepted{}, fmt.Errorf("--on-conflict is %q, it must be fail, skip or update", c.OnConflict)
	}
	file, size, err := openUpload(c.File)
	if err != nil {
		return client.Accepted{}, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	format, err := listFormat(c.File, file, size)
	if err != nil {
		return client.Accepted{}, err
	}
	if err := c.fits(format); err != nil {
		return client.Accepted{}, &Exit{Code: usage, Err: err}
	}
	var content io.Reader = file
	done := func(bool) {}
	if t.Interactive {
		if content, done, err = uploadBar(t, file, size); err != nil {
			return client.Accepted{}, err
		}
	}
	name := filepath.Base(c.File)
	var accepted client.Accepted
	if format == "" {
		accepted, err = server.Import(ctx, client.Archive{
			Name: name, Size: size, Content: content, Publish: c.Publish, Mode: mode, FetchMedia: c.FetchMedia, Check: c.Check,
		})
	} else {
		accepted, err = server.ImportList(ctx, client.List{
			Name: name, Size: size, Content: content, Format: format, Mapping: c.Mapping,
			Mode: mode, OnConflict: conflict, NoInvite: c.NoInvite, Check: c.Check,
		})
	}
	done(err == nil)
	if errors.Is(err, context.Canceled) {
		return accepted, &Exit{Code: interrupted, Err: stopped(err)}
	}
	return accepted, err
}

// fits refuses what is asked for of a file of the other kind: whoever means to publish
// must not find out later that there was nothing to.
func (c *Import) fits(format tables.Format) error {
	if format == "" && (c.OnConflict != "" && c.OnConflict != "fail" || c.NoInvite || len(c.Mapping) > 0) {
		return fmt.Errorf("%q is an archive; --on-conflict, --no-invite and --mapping are for lists of users", c.File)
	}
	if format != "" && (c.Publish || c.FetchMedia) {
		return fmt.Errorf("%q is a list of users; --publish and --fetch-media are for archives", c.File)
	}
	return nil
}

// stopped says what a Ctrl-C during an upload has left behind.
func stopped(err error) error {
	if broken := (*client.BrokenUploadError)(nil); errors.As(err, &broken) && broken.Sent == broken.Size {
		return errors.New("stopped before the upload was answered; `usher list` shows whether it was accepted")
	}
	return errors.New("stopped during the upload; nothing was imported")
}

// openUpload opens a file whose length is known.
func openUpload(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before opening: that would wait for the writer of a pipe
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("there is no file %q", path)
	case err != nil:
		return nil, 0, err
	case info.IsDir():
		return nil, 0, fmt.Errorf("%q is a folder; an archive is a zip file, a list of users is CSV or xlsx", path)
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%q is not a regular file; an archive is a zip file, a list of users is CSV or xlsx", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}
