// Package rowbyrow imports an archive the way the first importer of the format
// did: one record after the other, each with a commit of its own that stores
// the record and how far the import is, then the files one after the other. It
// is what an import by Usher is compared with.
//
// It is spared what Usher does beside: there is no check before the first row,
// no foreign key, no broker, no notification and no mail.
package rowbyrow

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// Importer imports into tables of its own, which have the shape of Usher's.
type Importer struct {
	db *pgx.Conn
	// folder is where the media lies.
	folder string
}

// tables leads from the tables of this package to those that they are like.
var tables = map[string]string{
	"events": "event.events", "social_links": "event.social_links", "custom_forms": "event.custom_forms",
	"sponsors": "people.sponsors", "speakers": "people.speakers",
	"microlocations": "schedule.microlocations", "tracks": "schedule.tracks",
	"session_types": "schedule.session_types", "sessions": "schedule.sessions",
	"session_speakers": "schedule.session_speakers", "files": "media.files",
}

// Open connects to a database that has Usher's tables, and makes those of the
// importer in a schema and in a folder of its own. The caller closes it.
func Open(ctx context.Context, databaseURL, folder string) (*Importer, error) {
	db, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	i := &Importer{db: db, folder: filepath.Join(folder, "rowbyrow")}
	if err := i.makeTables(ctx); err != nil {
		_ = db.Close(ctx)
		return nil, err
	}
	return i, os.MkdirAll(i.folder, 0o700)
}

func (i *Importer) makeTables(ctx context.Context) error {
	statements := []string{
		`DROP SCHEMA IF EXISTS rowbyrow CASCADE`,
		`CREATE SCHEMA rowbyrow`,
		`CREATE TABLE rowbyrow.status (import_id uuid PRIMARY KEY, state text NOT NULL)`,
	}
	for table, like := range tables {
		// With the defaults, identities and indexes of the table.
		statements = append(statements, fmt.Sprintf(`CREATE TABLE rowbyrow.%s (LIKE %s INCLUDING ALL)`, table, like))
	}
	for _, statement := range statements {
		if _, err := i.db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	_, err := i.db.Exec(ctx, nullable)
	return err
}

// nullable lets every column be left out but those of primary keys: what Usher
// adds to a record, such as its owner, this importer knows nothing of.
const nullable = `DO $$
DECLARE c record;
BEGIN
	FOR c IN
		SELECT a.attrelid::regclass AS relation, a.attname AS name
		FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
		WHERE r.relnamespace = 'rowbyrow'::regnamespace AND r.relkind = 'r' AND a.attnum > 0 AND a.attnotnull
			AND NOT EXISTS (SELECT FROM pg_index p WHERE p.indrelid = r.oid AND p.indisprimary AND a.attnum = ANY (p.indkey))
	LOOP
		EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', c.relation, c.name);
	END LOOP;
END $$`

// Close ends the connection. Tables and files stay.
func (i *Importer) Close(ctx context.Context) error { return i.db.Close(ctx) }

// Import imports an archive.
func (i *Importer) Import(ctx context.Context, content []byte) error {
	archive, err := openevent.Open(bytes.NewReader(content), int64(len(content)), openevent.Limits{})
	if err != nil {
		return err
	}
	r := &run{Importer: i, id: uuid.NewString(), archive: archive, ids: make(map[contracts.EntityType]map[string]int64)}
	if _, err := i.db.Exec(ctx, `INSERT INTO rowbyrow.status VALUES ($1, 'STARTED')`, r.id); err != nil {
		return err
	}
	if err := r.records(ctx); err != nil {
		return err
	}
	if err := r.storeMedia(ctx); err != nil {
		return err
	}
	_, err = i.db.Exec(ctx, `UPDATE rowbyrow.status SET state = 'SUCCESS' WHERE import_id = $1`, r.id)
	return err
}
