package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
)

// Migrate is `usher migrate`.
type Migrate struct{}

// Run applies what the database lacks. It may be run again at any time, and by
// several at once.
func (*Migrate) Run(ctx context.Context, t *Terminal) error {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	if cfg.DatabaseURL == "" {
		return errors.New("USHER_DATABASE_URL is not set")
	}
	db, err := postgres.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // every migration is committed by then
	if err := postgres.Migrate(ctx, db, service.Migrations(standalone.Services()...)...); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Out, "the database is migrated")
	return err
}
