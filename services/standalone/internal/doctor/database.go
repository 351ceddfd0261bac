package doctor

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/postgres"
)

const startDatabase = "start the database, or correct USHER_DATABASE_URL"

// oldestDatabase is the oldest version of PostgreSQL that Usher is tried with.
const oldestDatabase = 13

// open looks whether the database is there and fit to be used, and hands on the
// connection.
func open(ctx context.Context, p Patient, to chan<- *bun.DB) []Finding {
	const check = "database"
	if p.Config.DatabaseURL == "" {
		return []Finding{red(check, "set it to postgres://user:password@host/name", "USHER_DATABASE_URL is not set")}
	}
	db, err := postgres.Open(ctx, p.Config.DatabaseURL, postgres.WithName("usher doctor"))
	if err != nil {
		return []Finding{red(check, startDatabase, "%s", err)}
	}
	to <- db
	var number int
	var standby bool
	if err := db.NewRaw(`SELECT current_setting('server_version_num')::int, pg_is_in_recovery()`).Scan(ctx, &number, &standby); err != nil {
		return []Finding{red(check, startDatabase, "%s", err)}
	}
	switch {
	case number/10_000 < oldestDatabase:
		return []Finding{red(check, "update it", "it is PostgreSQL %d, and %d is needed", number/10_000, oldestDatabase)}
	case standby:
		return []Finding{red(check, "name the primary in USHER_DATABASE_URL", "it is a standby, which takes no writes")}
	}
	return []Finding{green(check, "PostgreSQL %d.%d answers", number/10_000, number%10_000)}
}

// databaseLooks are those at a database that is there; b is nil where the broker is not.
func databaseLooks(p Patient, db *bun.DB, b *broker.Broker) []look {
	return []look{
		{"database sync", startDatabase, func(ctx context.Context) []Finding { return durable(ctx, db) }},
		{"migrations", startDatabase, func(ctx context.Context) []Finding { return migrations(ctx, p, db) }},
		{"orphans", startDatabase, func(ctx context.Context) []Finding { return orphaned(ctx, db, b) }},
		{"unfinished imports", startDatabase, func(ctx context.Context) []Finding { return unfinished(ctx, db, b) }},
		{"database clock", startDatabase, func(ctx context.Context) []Finding { return databaseClock(ctx, p, db) }},
	}
}
