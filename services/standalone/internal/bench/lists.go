package bench

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/usher-events/usher/pkg/table"
)

// lists compares the import of a list of users without passwords with what the database
// itself takes for the same rows.
func lists(ctx context.Context, w *world) (Table, error) {
	t := Table{
		Title: fmt.Sprintf("One list of %d users in CSV, without passwords and invitations", w.cfg.Users),
		Notes: []string{
			fmt.Sprintf("Usher: from when the upload is accepted until a client that looks every %s sees SUCCESS.", lookEvery),
			"COPY: the rows that Usher has made, into a table with the columns and indexes of theirs, and a commit.",
			"Either table is empty before. The two take turns; each ratio is of two neighbours.",
		},
	}
	path := filepath.Join(w.folder, "crew.csv")
	if err := (crew{users: w.cfg.Users, format: table.CSV}).write(path); err != nil {
		return t, err
	}
	if _, err := w.db.Exec(ctx, "CREATE TABLE public.users_copied (LIKE people.users INCLUDING ALL)"); err != nil {
		return t, err
	}
	var ours, copied []time.Duration
	for i := range w.cfg.Runs + 1 {
		one, err := w.importsFresh(ctx, path, table.CSV, w.cfg.Users)
		if err != nil {
			return t, err
		}
		took, err := w.copyUsers(ctx)
		if err != nil {
			return t, err
		}
		if i > 0 { // the first is the warm-up
			ours, copied = append(ours, one.took), append(copied, took)
		}
	}
	usher, other := rates("Usher", "rows/s", w.cfg.Users, ours), rates("COPY", "rows/s", w.cfg.Users, copied)
	t.Measures = []Measure{usher, other, ratios("COPY / Usher", other, usher)}
	return t, nil
}

// importsFresh imports a list of so many users into a table of accounts with none in it.
func (w *world) importsFresh(ctx context.Context, path string, format table.Format, users int) (imported, error) {
	if _, err := w.db.Exec(ctx, "TRUNCATE people.users CASCADE"); err != nil {
		return imported{}, err
	}
	one, err := w.usher.importsList(ctx, path, format)
	if err != nil {
		return one, err
	}
	var made int
	if err := w.db.QueryRow(ctx, "SELECT count(*) FROM people.users WHERE import_id = $1", one.id).Scan(&made); err != nil {
		return one, err
	}
	if made != users {
		return one, fmt.Errorf("import %s has made %d accounts of %d users", one.id, made, users)
	}
	return one, nil
}

// copyUsers copies the accounts that there are into a table like theirs.
func (w *world) copyUsers(ctx context.Context) (time.Duration, error) {
	var rows bytes.Buffer
	if _, err := w.db.PgConn().CopyTo(ctx, &rows, "COPY people.users TO STDOUT (FORMAT binary)"); err != nil {
		return 0, err
	}
	if _, err := w.db.Exec(ctx, "TRUNCATE public.users_copied"); err != nil {
		return 0, err
	}
	begin := time.Now()
	_, err := w.db.PgConn().CopyFrom(ctx, &rows, "COPY public.users_copied FROM STDIN (FORMAT binary)")
	return time.Since(begin), err
}

// rates is a measure of how many things there were in a second.
func rates(name, unit string, things int, times []time.Duration) Measure {
	samples := make([]float64, len(times))
	for i, t := range times {
		samples[i] = float64(things) / t.Seconds()
	}
	return newMeasure(name, unit, samples)
}
