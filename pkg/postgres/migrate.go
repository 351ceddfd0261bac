package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// migrationLock orders all who migrate one database.
const migrationLock = "usher migrations"

// Migrations is a set of SQL files that belong to one schema. Several sets may
// share a schema; each has a history of its own.
type Migrations struct {
	// Schema is created where it is missing; in the files it comes first in the
	// search path, so that they need not name it.
	Schema string
	// Name tells the sets of a schema apart.
	Name string
	// Files holds the migrations at its root, named 0001_words.sql and so on,
	// and nothing else. They are applied in the order of their numbers.
	Files fs.FS
}

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

// migration is one file.
type migration struct {
	name, sql, checksum string
}

// Migrate applies what the database lacks of the sets, in their order. It may
// be called by several processes at once: one works, the others wait for it.
// Each file is applied in a transaction together with its row in the schema's
// table migrations, so that a failure leaves nothing of the file.
//
// bun's own migrator is not used: its lock is a row that stays behind when its
// process is killed, and it notes a migration before it has run.
func Migrate(ctx context.Context, db *bun.DB, sets ...Migrations) error {
	lock, err := advisoryLock(ctx, db, migrationLock)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer lock.Release()
	for _, set := range sets {
		if err := set.migrate(ctx, db); err != nil {
			return fmt.Errorf("migrations %s of schema %s: %w", set.Name, set.Schema, err)
		}
	}
	return nil
}

// VerifyMigrations changes nothing. It returns ErrNotMigrated, naming what is
// missing, or ErrMigrationChanged. Migrations that are not among the sets are
// no error: a newer version may have applied them.
func VerifyMigrations(ctx context.Context, db *bun.DB, sets ...Migrations) error {
	var missing []string
	for _, set := range sets {
		pending, err := set.pending(ctx, db)
		if err != nil {
			return fmt.Errorf("migrations %s of schema %s: %w", set.Name, set.Schema, err)
		}
		for _, m := range pending {
			missing = append(missing, set.Schema+"/"+m.name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: missing %s", ErrNotMigrated, strings.Join(missing, ", "))
	}
	return nil
}

// UnknownMigrations changes nothing and names what was applied in the schemas of the
// sets and is in none of them: a newer version has, or one that had other ones.
func UnknownMigrations(ctx context.Context, db *bun.DB, sets ...Migrations) ([]string, error) {
	known := make(map[string]bool)
	var schemas []string
	for _, set := range sets {
		all, err := set.read()
		if err != nil {
			return nil, fmt.Errorf("migrations %s of schema %s: %w", set.Name, set.Schema, err)
		}
		for _, m := range all {
			known[set.Schema+"/"+set.Name+"/"+m.name] = true
		}
		if !slices.Contains(schemas, set.Schema) {
			schemas = append(schemas, set.Schema)
		}
	}
	var unknown []string
	for _, schema := range schemas {
		there, err := hasMigrations(ctx, db, schema)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", schema, err)
		}
		if !there {
			continue
		}
		var rows []struct{ Set, Name string }
		if err := db.NewRaw(`SELECT set, name FROM ?.migrations ORDER BY set, name`, bun.Ident(schema)).Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("schema %s: %w", schema, err)
		}
		for _, row := range rows {
			if !known[schema+"/"+row.Set+"/"+row.Name] {
				unknown = append(unknown, schema+"/"+row.Name)
			}
		}
	}
	return unknown, nil
}

func (set Migrations) migrate(ctx context.Context, db *bun.DB) error {
	schema := bun.Ident(set.Schema)
	_, err := db.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS ?;
		CREATE TABLE IF NOT EXISTS ?.migrations (
			set text NOT NULL, name text NOT NULL, checksum text NOT NULL,
			applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (set, name))`, schema, schema)
	if err != nil {
		return err
	}
	pending, err := set.pending(ctx, db)
	if err != nil {
		return err
	}
	for _, m := range pending {
		if err := set.apply(ctx, db, m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

func (set Migrations) apply(ctx context.Context, db *bun.DB, m migration) error {
	return InTx(ctx, db, TxOptions{}, func(ctx context.Context, tx *Tx) error {
		err := tx.raw(func(conn *pgx.Conn) error {
			// Past bun, which would take a question mark for an argument.
			path := "SET LOCAL search_path TO " + pgx.Identifier{set.Schema}.Sanitize() + ", public;"
			_, err := conn.PgConn().Exec(ctx, path+m.sql).ReadAll()
			return err
		})
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO ?.migrations (set, name, checksum) VALUES (?, ?, ?)`,
			bun.Ident(set.Schema), set.Name, m.name, m.checksum)
		return err
	})
}

// pending returns the files that are not applied yet, in order.
func (set Migrations) pending(ctx context.Context, db bun.IDB) ([]migration, error) {
	all, err := set.read()
	if err != nil {
		return nil, err
	}
	applied, err := set.applied(ctx, db)
	if err != nil {
		return nil, err
	}
	var pending []migration
	for _, m := range all {
		switch checksum, ok := applied[m.name]; {
		case !ok:
			pending = append(pending, m)
		case checksum != m.checksum:
			return nil, fmt.Errorf("%s: %w", m.name, ErrMigrationChanged)
		}
	}
	return pending, nil
}

// applied returns the checksums of what was applied, by name.
func (set Migrations) applied(ctx context.Context, db bun.IDB) (map[string]string, error) {
	there, err := hasMigrations(ctx, db, set.Schema)
	if err != nil || !there {
		return nil, err
	}
	var rows []struct{ Name, Checksum string }
	err = db.NewRaw(`SELECT name, checksum FROM ?.migrations WHERE set = ?`, bun.Ident(set.Schema), set.Name).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	applied := make(map[string]string, len(rows))
	for _, row := range rows {
		applied[row.Name] = row.Checksum
	}
	return applied, nil
}

// hasMigrations tells whether a schema has the table of what was applied.
func hasMigrations(ctx context.Context, db bun.IDB, schema string) (there bool, err error) {
	err = db.NewRaw(`SELECT to_regclass(?) IS NOT NULL`, pgx.Identifier{schema, "migrations"}.Sanitize()).Scan(ctx, &there)
	return there, err
}

// read returns the files of the set; fs.ReadDir sorts them by name, and so by number.
func (set Migrations) read() ([]migration, error) {
	entries, err := fs.ReadDir(set.Files, ".")
	if err != nil {
		return nil, err
	}
	var all []migration
	last := ""
	for _, entry := range entries {
		match := migrationName.FindStringSubmatch(entry.Name())
		if match == nil {
			return nil, fmt.Errorf("%s: a migration is named by four digits and words, such as 0001_begin.sql", entry.Name())
		}
		if match[1] == last {
			return nil, fmt.Errorf("%s: there are two migrations of this number", entry.Name())
		}
		last = match[1]
		sql, err := fs.ReadFile(set.Files, entry.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(sql)
		all = append(all, migration{name: entry.Name(), sql: string(sql), checksum: hex.EncodeToString(sum[:])})
	}
	if len(all) == 0 {
		return nil, errors.New("there are none")
	}
	return all, nil
}
