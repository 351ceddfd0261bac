package private

import (
	"context"
	"errors"
	"log/slog"
)

// Hold keeps every server away from the folder dir until release is called, for who
// copies it, after it stopped one that a killed process left running there. It returns
// [ErrInUse] while a process uses the folder.
func Hold(ctx context.Context, dir string, log *slog.Logger) (release func() error, err error) {
	lock, err := lockFolder(dir, account{})
	if err != nil {
		return nil, err
	}
	if err := stopLeftover(ctx, folder(dir).data(), log); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return lock.release, nil
}
