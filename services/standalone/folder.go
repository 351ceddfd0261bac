package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres/private"
)

// Folder is where an all-in-one process keeps everything.
type Folder string

// DefaultFolder is the folder of the user, or of the system for root.
func DefaultFolder() (Folder, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/usher", nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("data folder: %w: choose one with --data", err)
	}
	return Folder(filepath.Join(home, ".local", "share", "usher")), nil
}

func (f Folder) postgres() string { return filepath.Join(string(f), "postgres") }
func (f Folder) nats() string     { return filepath.Join(string(f), "nats") }
func (f Folder) blobs() string    { return filepath.Join(string(f), "blobs") }

// Secret returns the key that signs the tokens of this folder, and makes it
// where there is none.
func (f Folder) Secret() (string, error) {
	if err := f.make(); err != nil {
		return "", err
	}
	secret, err := auth.SecretFromFile(filepath.Join(string(f), "jwt.key"))
	return string(secret), err
}

// make creates the folder. Others may pass through it, because the database
// server of a root process runs as another user; what is inside is closed.
func (f Folder) make() error {
	if err := os.MkdirAll(string(f), 0o755); err != nil { //nolint:gosec // see above
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}

// Hold keeps every usher away from the folder until release is called, for who copies
// it, and stops a database that a killed one has left running there. It fails where one
// uses the folder.
func (f Folder) Hold(ctx context.Context, log *slog.Logger) (release func() error, err error) {
	var releases []func() error
	release = func() error {
		var errs []error
		for _, each := range releases {
			errs = append(errs, each())
		}
		return errors.Join(errs...)
	}
	if exists(f.postgres()) {
		database, err := private.Hold(ctx, f.postgres(), log)
		if err != nil {
			return nil, err
		}
		releases = append(releases, database)
	}
	if exists(f.nats()) {
		broker, err := embedded.Hold(f.nats())
		if err != nil {
			return nil, errors.Join(err, release())
		}
		releases = append(releases, func() error { broker(); return nil })
	}
	return release, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
