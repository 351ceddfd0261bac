package private

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// superuser owns the cluster and the database of the same name.
const superuser = "usher"

// folder is the layout of the folder that a server is given.
type folder string

func (f folder) data() string     { return filepath.Join(string(f), "data") }
func (f folder) run() string      { return filepath.Join(string(f), "run") }
func (f folder) password() string { return filepath.Join(string(f), "password") }
func (f folder) log() string      { return filepath.Join(string(f), "postgres.log") }

// makeCluster creates the cluster where there is none. It is made beside its
// place and renamed, so that a process killed meanwhile leaves nothing half-made.
func (f folder) makeCluster(ctx context.Context, pg installation, as account, throwaway bool) error {
	f.removeUnfinished()
	if _, err := os.Stat(filepath.Join(f.data(), "PG_VERSION")); err == nil {
		return nil
	}
	if err := f.makePassword(as); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(string(f), "data.new-")
	if err != nil {
		return err
	}
	if err := as.own(unfinished); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + unfinished,
		"--username=" + superuser,
		// The locale C sorts by bytes, everywhere and for ever. Any other one
		// comes from the system, and an update of that may change the order
		// under the indexes, which then miss rows. What people read is sorted by
		// an explicit collation.
		"--encoding=UTF8", "--locale=C",
		// The socket lies in a folder that nobody else may enter.
		"--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=" + f.password(),
	}
	if throwaway {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, pg.program("initdb"), args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = string(f), environment(), as.sysProcAttr()
	if out, err := cmd.CombinedOutput(); err != nil {
		_ = os.RemoveAll(unfinished)
		return fmt.Errorf("initdb in %s: %w: %s", f, err, lastLine(out))
	}
	if err := os.Rename(unfinished, f.data()); err != nil {
		return err
	}
	return syncFolder(string(f))
}

// removeUnfinished does not insist: an initdb that outlived its parent may
// still write, and what it leaves is removed the next time.
func (f folder) removeUnfinished() {
	old, _ := filepath.Glob(filepath.Join(string(f), "data.new-*"))
	for _, path := range old {
		_ = os.RemoveAll(path)
	}
}

// makePassword keeps a password that is already there: it may belong to a
// cluster whose making was interrupted.
func (f folder) makePassword(as account) error {
	if content, err := os.ReadFile(f.password()); err == nil && len(content) > 0 {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(f.password(), []byte(rand.Text()), 0o600); err != nil {
		return err
	}
	return as.own(f.password())
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func lastLine(out []byte) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.TrimSpace(lines[len(lines)-1]))
}
