package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/service"
)

// migrations looks whether the database is at this very version.
func migrations(ctx context.Context, p Patient, db *bun.DB) []Finding {
	const check = "migrations"
	sets := service.Migrations(p.Services...)
	var found []Finding
	switch err := postgres.VerifyMigrations(ctx, db, sets...); {
	case errors.Is(err, postgres.ErrMigrationChanged):
		found = append(found, red(check, "use the release that has migrated this database", "%s", err))
	case err != nil:
		found = append(found, red(check, "usher migrate", "%s", err))
	}
	unknown, err := postgres.UnknownMigrations(ctx, db, sets...)
	if err != nil {
		found = append(found, red(check, startDatabase, "%s", err))
	}
	if len(unknown) > 0 {
		found = append(found, red(check, "use that release; this one may run beside it during an upgrade only",
			"a newer release has been here, with %s", strings.Join(unknown, ", ")))
	}
	if len(found) == 0 {
		return []Finding{green(check, "the database is at this version")}
	}
	return found
}
