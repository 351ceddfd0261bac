package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Export is `usher export`.
type Export struct {
	client.Config
	Event   string   `arg:"" help:"Id or identifier of the event."`
	Output  string   `short:"o" help:"Wait for the archive and download it to this file; - is the standard output." placeholder:"FILE"`
	Force   bool     `help:"Replace the file where it is there already."`
	Dialect string   `help:"How the keys of the archive are spelled: a, as the format's first server does, or b, with hyphens." default:"a" enum:"a,b"`
	Without []string `help:"Media that the archive is not to hold but to have the addresses of: image, video, audio and document, separated by commas." enum:"image,video,audio,document" placeholder:"KIND"`
	Watch   bool     `help:"Follow the export to its end; the exit status is 0 only on success."`

	pace client.Pace // zero is client.DefaultPace
}

// Run asks for the export and, where it is told to, watches what becomes of it and
// downloads the archive.
func (c *Export) Run(ctx context.Context, t *Terminal) error {
	c.pace = cmp.Or(c.pace, client.DefaultPace())
	if err := c.checkOutput(t); err != nil {
		return err
	}
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	accepted, err := server.Export(ctx, c.Event, c.wanted(), c.pace)
	if errors.Is(err, context.Canceled) {
		return &Exit{Code: interrupted, Err: errors.New("stopped before the request was answered; `usher list` shows whether it was accepted")}
	}
	if err != nil {
		return err
	}
	told := *t
	if c.Output == "-" { // what is told must not get into the archive
		told.Out, told.Interactive = t.Err, false
	}
	if _, err := fmt.Fprintf(told.Out, "Export    %s\nTask      %s\n",
		client.Line(accepted.ID), client.Line(accepted.TaskURL)); err != nil || !c.Watch && c.Output == "" {
		return err
	}
	task, err := c.await(ctx, &told, server, accepted)
	if err != nil || c.Output == "" {
		return err
	}
	return c.download(ctx, &told, t.Out, server, task)
}

// checkOutput tells, before anything is asked for, why the archive could not be written.
func (c *Export) checkOutput(t *Terminal) error {
	switch {
	case c.Output == "" && c.Force:
		return &Exit{Code: usage, Err: errors.New("--force is for a file that is named by -o")}
	case c.Output == "-" && t.Interactive:
		return errNotForTerminals
	case c.Output == "" || c.Output == "-":
		return nil
	}
	return c.free()
}

// free tells why there cannot be a new file of the name.
func (c *Export) free() error {
	info, err := os.Stat(c.Output)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if folder, err := os.Stat(filepath.Dir(c.Output)); err != nil || !folder.IsDir() {
			return fmt.Errorf("there is no folder %q", filepath.Dir(c.Output))
		}
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%q is there and is not a regular file", c.Output)
	case !c.Force:
		return fmt.Errorf("%q is there already; --force replaces it", c.Output)
	}
	return nil
}

func (c *Export) wanted() client.Wanted {
	with := func(kind string) bool { return !slices.Contains(c.Without, kind) }
	return client.Wanted{
		Dialect: c.Dialect,
		Image:   with("image"), Video: with("video"), Audio: with("audio"), Document: with("document"),
	}
}

// await waits for the archive and, where it is told to, shows how it is made.
func (c *Export) await(ctx context.Context, t *Terminal, server *client.Client, accepted client.Accepted) (client.Task, error) {
	if c.Watch {
		return follow(ctx, t, server, accepted.ID, accepted.Kind, 1, c.pace)
	}
	task, err := watch(ctx, server, accepted.ID, accepted.Kind, 1, c.pace, quiet{t})
	if err != nil {
		return task, err
	}
	return task, notSuccess(task)
}

// download writes the archive to the file, or to out, and says what it holds.
func (c *Export) download(ctx context.Context, t *Terminal, out io.Writer, server *client.Client, task client.Task) error {
	result, ok := task.Event()
	if !ok || result.Exported == nil {
		return errors.New("the server does not tell what it has exported; is it an Usher of this version?")
	}
	write := func(w io.Writer) (int64, error) {
		done := func(bool) {}
		if t.Interactive {
			var err error
			if w, done, err = downloadBar(t, w, result.Size); err != nil {
				return 0, err
			}
		}
		err := server.Download(ctx, task.ID, *result.Exported, c.pace, w)
		done(err == nil)
		return result.Size, err
	}
	var err error
	if c.Output == "-" {
		_, err = write(out)
	} else {
		_, err = writeFile(c.Output, func(w io.Writer) (int64, error) {
			n, err := write(w)
			return n, errors.Join(err, c.free()) // it may have come meanwhile
		})
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &Exit{Code: interrupted, Err: fmt.Errorf("stopped during the download; %s", downloadText(server, result))}
	case errors.As(err, new(*client.RefusedError)):
		return err
	case err != nil:
		return fmt.Errorf("%w; %s", err, downloadText(server, result))
	}
	name := c.Output
	if name == "-" {
		name = "the archive"
	}
	if c.Watch { // the rest is told
		_, err = fmt.Fprintf(t.Out, "Wrote %s\n", name)
		return err
	}
	_, err = fmt.Fprintf(t.Out, "Wrote %s: %s; %s\n%s", name, exportedText(result), untilText(result.ExpiresAt), refusedText(task.ID, result))
	return err
}
