package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// Sample is `usher sample`.
type Sample struct {
	Sessions int    `help:"How many sessions the event has." default:"60" placeholder:"N"`
	Speakers int    `help:"How many speakers it has." default:"40" placeholder:"N"`
	Seed     uint64 `help:"Decides everything else: the same seed makes the same archive." default:"1" placeholder:"S"`
	Output   string `short:"o" help:"File to write, replaced as a whole; - is the standard output." required:"" placeholder:"FILE"`
}

// Run writes the archive.
func (c *Sample) Run(ctx context.Context, t *Terminal) error {
	cfg := sample.Config{Sessions: c.Sessions, Speakers: c.Speakers, Seed: c.Seed}
	if err := cfg.Validate(); err != nil {
		return err
	}
	if c.Output == "-" {
		if t.Interactive {
			return errNotForTerminals
		}
		out := &output{ctx: ctx, w: t.Out}
		if err := sample.Write(out, cfg); err != nil {
			return outputError(err)
		}
		t.note("Wrote %s", c.text(out.written))
		return nil
	}
	written, err := writeFile(c.Output, func(w io.Writer) (int64, error) {
		out := &output{ctx: ctx, w: w}
		err := sample.Write(out, cfg)
		return out.written, err
	})
	if err != nil {
		return outputError(err)
	}
	_, err = fmt.Fprintf(t.Out, "Wrote %s: %s\n", c.Output, c.text(written))
	return err
}

func (c *Sample) text(size int64) string {
	return fmt.Sprintf("an archive of %d sessions and %d speakers by seed %d, %s", c.Sessions, c.Speakers, c.Seed, byteText(size))
}

// errNotForTerminals refuses to show an archive to a person.
var errNotForTerminals = errors.New("an archive is nothing for a terminal: name a file by -o, or send the output elsewhere")

func outputError(err error) error {
	if errors.Is(err, context.Canceled) {
		return &Exit{Code: interrupted, Err: errors.New("stopped; nothing was kept")}
	}
	return err
}

// writeFile makes a file or replaces it as a whole: nobody sees a part of it,
// and nothing changes where write does not succeed.
func writeFile(path string, write func(io.Writer) (int64, error)) (written int64, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%q is there and is not a regular file", path)
	}
	// Not os.CreateTemp: its files are closed to everybody else.
	part := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()+".part")
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	written, err = write(file)
	if err == nil {
		err = file.Sync() // the name must not be there before the bytes are
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return 0, err
	}
	return written, os.Rename(part, path)
}

// output counts what is written and ends with its context.
type output struct {
	ctx     context.Context //nolint:containedctx // sample.Write takes none
	w       io.Writer
	written int64
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := o.w.Write(p)
	o.written += int64(n)
	return n, err
}
