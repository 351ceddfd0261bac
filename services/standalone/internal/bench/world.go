package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/usher-events/usher/pkg/postgres/private"
)

// world is everything that is measured: a database as `usher up` starts it,
// and `usher up` itself in a process of its own.
type world struct {
	cfg    Config
	folder string
	server *private.Server
	// db is a connection of ours, beside those of the process.
	db    *pgx.Conn
	usher *usher
}

// openWorld starts it all. The database is started here and not by the process,
// which starts it in the very same way, because we need to reach it as well.
func openWorld(ctx context.Context, cfg Config) (_ *world, err error) {
	w := &world{cfg: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.folder, err = os.MkdirTemp(cfg.Folder, "usher-bench-"); err != nil {
		return nil, err
	}
	// For the database server of a root process, which runs as another user.
	if err := os.Chmod(w.folder, 0o755); err != nil { //nolint:gosec // see above
		return nil, err
	}
	if err := onDisk(w.folder); err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(cfg.Log, nil))
	if w.server, err = private.Start(ctx, filepath.Join(w.folder, "postgres"), log); err != nil {
		return nil, err
	}
	if w.db, err = pgx.Connect(ctx, w.server.URL()); err != nil {
		return nil, err
	}
	w.usher, err = startUsher(ctx, cfg, filepath.Join(w.folder, "data"), w.server.URL())
	return w, err
}

// restart has a new process of Usher on the same data.
func (w *world) restart(ctx context.Context) error {
	if w.usher != nil {
		if _, err := w.end(); err != nil {
			return err
		}
	}
	var err error
	w.usher, err = startUsher(ctx, w.cfg, filepath.Join(w.folder, "data"), w.server.URL())
	return err
}

// end ends the process of Usher, and tells the most memory that it had resident at once.
func (w *world) end() (peak int64, err error) {
	ended := w.usher
	w.usher = nil
	peak, err = mostResident(ended.pid())
	return peak, errors.Join(err, ended.stop())
}

// close stops and removes whatever was started.
func (w *world) close() error {
	var errs []error
	if w.usher != nil {
		errs = append(errs, w.usher.stop())
	}
	if w.db != nil {
		errs = append(errs, w.db.Close(context.Background()))
	}
	if w.server != nil {
		errs = append(errs, w.server.Close())
	}
	if w.folder != "" {
		errs = append(errs, os.RemoveAll(w.folder))
	}
	return errors.Join(errs...)
}

// tmpfs is what Linux calls a file system in memory.
const tmpfs = 0x01021994

// onDisk refuses a folder in memory, where making something durable costs nothing.
func onDisk(folder string) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return fmt.Errorf("folder %s: %w", folder, err)
	}
	if int64(fs.Type) == tmpfs { //nolint:unconvert // 32 bits wide on macOS
		return fmt.Errorf("%s is in memory: choose a folder on a disk by -dir", filepath.Dir(folder))
	}
	return nil
}
