package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
)

// floor is the least that an import could cost which is as durable: the rows that Usher has
// made of it are copied into tables like theirs, with their indexes and foreign keys, in one
// transaction for each stage, then its files are written and synced, and for each stage a
// message of the size of its outcome is published to the same broker.
type floor struct {
	db *pgx.Conn
	nc *nats.Conn
	js jetstream.JetStream
	// folder is for rows that wait to be copied, and for files.
	folder string
	// tables are those of a stage that have rows of an import.
	tables map[contracts.Stage][]string
}

// floorStages have a schema each.
var floorStages = []contracts.Stage{contracts.Event, contracts.People, contracts.Schedule, contracts.Media, contracts.Notify}

// floorTopic is the stream of the floor, and its one subject.
const floorTopic = "floor"

// openFloor makes the tables of the floor beside those of the database, and a stream beside
// those of the broker. The caller closes it.
func openFloor(ctx context.Context, databaseURL, natsURL, folder string) (_ *floor, err error) {
	f := &floor{folder: filepath.Join(folder, "floor"), tables: make(map[contracts.Stage][]string)}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if err := os.MkdirAll(f.folder, 0o700); err != nil {
		return nil, err
	}
	if f.db, err = pgx.Connect(ctx, databaseURL); err != nil {
		return nil, err
	}
	if f.nc, err = nats.Connect(natsURL); err != nil {
		return nil, err
	}
	if f.js, err = jetstream.New(f.nc); err != nil {
		return nil, err
	}
	if _, err := f.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: floorTopic, Subjects: []string{floorTopic}}); err != nil {
		return nil, err
	}
	for _, stage := range floorStages {
		if err := f.makeTables(ctx, stage); err != nil {
			return nil, fmt.Errorf("floor of %s: %w", stage, err)
		}
	}
	return f, nil
}

func (f *floor) close() error {
	if f.nc != nil {
		f.nc.Close()
	}
	if f.db != nil {
		return f.db.Close(context.Background())
	}
	return nil
}

// schemaOf is where the floor has the tables of a stage.
func schemaOf(stage contracts.Stage) string { return "floor_" + string(stage) }

func (f *floor) makeTables(ctx context.Context, stage contracts.Stage) error {
	tables, err := f.texts(ctx, `SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema = $1 AND column_name = 'import_id' AND table_type = 'BASE TABLE' ORDER BY 1`, stage)
	if err != nil {
		return err
	}
	f.tables[stage] = tables
	to := schemaOf(stage)
	statements := []string{"DROP SCHEMA IF EXISTS " + to + " CASCADE", "CREATE SCHEMA " + to}
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("CREATE TABLE %s.%s (LIKE %s.%s INCLUDING ALL)", to, table, stage, table))
	}
	keys, err := f.texts(ctx, `SELECT format('ALTER TABLE floor_%s ADD %s', conrelid::regclass,
			replace(pg_get_constraintdef(oid), format('REFERENCES %I.', $1::text), format('REFERENCES floor_%I.', $1::text)))
		FROM pg_constraint WHERE contype = 'f' AND connamespace = $1::text::regnamespace
			AND ARRAY[conrelid, confrelid] <@ (SELECT array_agg(format('%I.%I', $1::text, t)::regclass::oid) FROM unnest($2::text[]) AS t)`, stage, tables)
	if err != nil {
		return err
	}
	for _, statement := range append(statements, keys...) {
		if _, err := f.db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (f *floor) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := f.db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// load is what one import comes to.
type load struct {
	stages []stageLoad
	files  [][]byte
}

// stageLoad is what a stage has made of it.
type stageLoad struct {
	stage contracts.Stage
	// rows are files in the form of COPY, by their tables.
	rows map[string]string
	// outcome is as long as the message that the stage has published.
	outcome []byte
}

// of reads what an import by Usher has come to. The files are those of its archive.
func (f *floor) of(ctx context.Context, id string, files [][]byte) (load, error) {
	l := load{files: files}
	for _, stage := range floorStages {
		one := stageLoad{stage: stage, rows: make(map[string]string)}
		for _, table := range f.tables[stage] {
			path := filepath.Join(f.folder, fmt.Sprintf("%s.%s", stage, table))
			rows, err := f.write(ctx, path, fmt.Sprintf("COPY (SELECT * FROM %s.%s WHERE import_id = '%s') TO STDOUT (FORMAT binary)", stage, table, id))
			if err != nil {
				return l, fmt.Errorf("rows of %s.%s: %w", stage, table, err)
			}
			if rows > 0 {
				one.rows[table] = path
			}
		}
		outcomes, err := f.texts(ctx, fmt.Sprintf("SELECT message::text FROM %s.stage_run WHERE import_id = $1", stage), id)
		if err != nil {
			return l, err
		}
		one.outcome = []byte(strings.Join(outcomes, ""))
		l.stages = append(l.stages, one)
	}
	return l, nil
}

// write writes rows to a file, which is on the disk then: writing it is not to go on while
// something is measured.
func (f *floor) write(ctx context.Context, path, query string) (rows int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	tag, err := f.db.PgConn().CopyTo(ctx, file, query)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), file.Sync()
}

// importOnce has a load stored and published, and tells how long that took.
func (f *floor) importOnce(ctx context.Context, l load) (time.Duration, error) {
	begin := time.Now()
	// Ingest has no rows; what it publishes is about as long as what the event stage does.
	if _, err := f.js.Publish(ctx, floorTopic, l.stages[0].outcome); err != nil {
		return 0, err
	}
	for _, one := range l.stages {
		if err := pgx.BeginFunc(ctx, f.db, func(pgx.Tx) error { return f.copyRows(ctx, one) }); err != nil {
			return 0, fmt.Errorf("floor of %s: %w", one.stage, err)
		}
		if one.stage == contracts.Media {
			if err := f.store(l.files); err != nil {
				return 0, err
			}
		}
		if _, err := f.js.Publish(ctx, floorTopic, one.outcome); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

func (f *floor) copyRows(ctx context.Context, one stageLoad) error {
	for table, path := range one.rows {
		if err := f.copyTable(ctx, schemaOf(one.stage)+"."+table, path); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

func (f *floor) copyTable(ctx context.Context, table, path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = f.db.PgConn().CopyFrom(ctx, file, "COPY "+table+" FROM STDIN (FORMAT binary)")
	return err
}

// storeAtOnce is how many files are stored side by side, as many as media does.
const storeAtOnce = 8

// store makes the files of an import durable, in a folder of their own.
func (f *floor) store(files [][]byte) error {
	if len(files) == 0 {
		return nil
	}
	folder, err := os.MkdirTemp(f.folder, "media-")
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(storeAtOnce)
	for n, content := range files {
		group.Go(func() error { return storeOne(filepath.Join(folder, fmt.Sprint(n)), content) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

func storeOne(path string, content []byte) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := io.Copy(file, bytes.NewReader(content)); err != nil {
		return err
	}
	return file.Sync()
}
