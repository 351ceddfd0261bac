package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// Migrate is `usher migrate`.
type Migrate struct{}

// Run applies what the database lacks, and gives the services' roles their rights
// where there are such roles. It may be run again at any time, and by several at once.
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
	services := standalone.Services()
	if err := postgres.Migrate(ctx, db, service.Migrations(services...)...); err != nil {
		return err
	}
	roles, err := postgres.Grant(ctx, db, deployments.Rights(services)...)
	if err != nil {
		return err
	}
	said := "the database is migrated"
	if len(roles) > 0 {
		said += "; rights were given to " + strings.Join(roles, ", ")
	}
	_, err = fmt.Fprintln(t.Out, said)
	return err
}
