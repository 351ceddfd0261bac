package list

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// leftOut are the rows of a list that do not become accounts because something is
// wrong with them. In a lenient import they are kept, for whoever mends them; else they
// are only counted, because the list as a whole is to be mended.
type leftOut struct {
	run  *stage.Run
	in   *input
	n    int
	rows []failedRow
	// size is how many bytes the cells of rows have, dropped how many more rows there were.
	size, dropped int
}

// failedRow is a row of people.failed_rows.
type failedRow struct {
	bun.BaseModel `bun:"table:people.failed_rows"`

	ImportID     string   `bun:"import_id"`
	N            int      `bun:"n"`
	Line         int      `bun:"line"`
	Cells        []string `bun:"cells,array"`
	Issues       string   `bun:"issues"`
	PasswordHash string   `bun:"password_hash,nullzero"`

	// index is the row's place in the list that is read, which its hash is stored under.
	index int
}

// maxLeftOut is how many of them are kept, and maxLeftOutSize of how many bytes. Where
// there are more, which is told, the list as a whole is to be mended.
const (
	maxLeftOut     = contracts.MaxIssuesKept
	maxLeftOutSize = 32 << 20
)

// add leaves a row out that is the nth of the list as it was first uploaded.
func (l *leftOut) add(row userlist.Row, n int, issues []contracts.Issue) {
	l.n++
	if l.run.Options.Mode != contracts.Lenient || l.run.Envelope.Kind.Check() {
		return
	}
	size := 0
	for _, cell := range row.Cells {
		size += len(cell)
	}
	if len(l.rows) == maxLeftOut || l.size+size > maxLeftOutSize {
		l.dropped++
		return
	}
	l.size += size
	failed := failedRow{ImportID: l.run.ImportID, N: n, Line: row.Line, Cells: l.cells(row), index: row.Index}
	if row.PasswordHolds() {
		failed.PasswordHash = row.User.PasswordHash
	}
	var told []string
	for _, i := range issues {
		if i.Severity == contracts.Error {
			told = append(told, strings.TrimSpace(i.Message+". "+i.Hint))
		}
	}
	failed.Issues = strings.Join(told, " ")
	l.rows = append(l.rows, failed)
}

// cells are those of a row without its password; none where it may be in another column.
func (l *leftOut) cells(row userlist.Row) []string {
	cells := make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		cells[i] = userlist.Storable(cell)
	}
	columns := l.in.list.Columns()
	for _, c := range columns {
		if c.Position > len(cells) {
			continue
		}
		switch cell := &cells[c.Position-1]; {
		case c.Field == userlist.Email && !strings.Contains(*cell, "@"):
			*cell = "" // it is no address, and may be the password
		case c.Field == userlist.Password && strings.Contains(*cell, "@"):
			return make([]string, len(cells)) // an address stands in its place, and it in any other
		}
	}
	// Where there are more or fewer cells than columns, the password may be as far away.
	off := max(len(cells)-len(columns), len(columns)-len(cells))
	for _, c := range columns {
		if c.Field == userlist.Password {
			for i := max(0, c.Position-1-off); i < min(len(cells), c.Position+off); i++ {
				cells[i] = ""
			}
		}
	}
	return cells
}

// store stores them in the place of those of an earlier attempt. Of a mended list it
// does so with the rows that it names; the others stay as they are.
func (l *leftOut) store(ctx context.Context, tx bun.IDB) error {
	if l.dropped > 0 {
		l.run.Report(contracts.Issue{
			Severity: contracts.Warning, Code: userlist.CodeRowsNotKept, File: l.run.Carried.FileName,
			Message: fmt.Sprintf("Of %d rows that were left out the table of them holds %d; it takes %d rows and %d MiB",
				len(l.rows)+l.dropped, len(l.rows), maxLeftOut, maxLeftOutSize>>20),
			Hint: "Mend the others in the list itself and upload it again, with accounts that are there already skipped.",
		})
	}
	titles, err := l.titles(ctx, tx)
	if err == nil {
		err = l.takeHashes(ctx, tx)
	}
	if err != nil {
		return err
	}
	gone := tx.NewDelete().Model((*failedRow)(nil)).Where("import_id = ?", l.run.ImportID)
	if l.in.mended != nil {
		gone.Where("n = ANY (?)", pgdialect.Array(l.in.mended))
	}
	if _, err := gone.Exec(ctx); err != nil {
		return fmt.Errorf("rows that were left out before: %w", err)
	}
	if len(l.rows) > 0 {
		if _, err := tx.NewInsert().Model(&l.rows).Exec(ctx); err != nil {
			return fmt.Errorf("rows that were left out: %w", err)
		}
	}
	_, err = tx.NewRaw("DELETE FROM people.failed_titles WHERE import_id = ?", l.run.ImportID).Exec(ctx)
	if err == nil {
		_, err = tx.NewRaw(`INSERT INTO people.failed_titles (import_id, titles)
			SELECT ?0::uuid, ?1::text[] WHERE EXISTS (SELECT FROM people.failed_rows WHERE import_id = ?0)`, l.run.ImportID, pgdialect.Array(titles)).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("titles of rows that were left out: %w", err)
	}
	return nil
}

// titles returns the titles of the list as it was first uploaded. The rows of a mended
// one, whose columns may have another order, are brought into the first one.
func (l *leftOut) titles(ctx context.Context, tx bun.IDB) ([]string, error) {
	var now, first []string
	for _, c := range l.in.list.Columns() {
		now = append(now, c.Title)
		if c.By != userlist.ByUsher {
			first = append(first, c.Title)
		}
	}
	if l.in.mended != nil {
		err := tx.NewRaw("SELECT titles FROM people.failed_titles WHERE import_id = ?", l.run.ImportID).Scan(ctx, pgdialect.Array(&first))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("titles of rows that were left out before: %w", err)
		}
	} else if len(first) == len(now) {
		return now, nil
	}
	places := make(map[string][]int)
	for i, title := range now {
		places[title] = append(places[title], i)
	}
	from := make([]int, len(first))
	for i, title := range first {
		from[i] = -1
		if at := places[title]; len(at) > 0 {
			from[i], places[title] = at[0], at[1:]
		}
	}
	for i := range l.rows {
		cells := make([]string, len(first))
		for to, at := range from {
			if at >= 0 && at < len(l.rows[i].Cells) {
				cells[to] = l.rows[i].Cells[at]
			}
		}
		l.rows[i].Cells = cells
	}
	return first, nil
}

// takeHashes gives the rows what their passwords were hashed to: in this attempt, or in
// an earlier one where the mended row has no password.
func (l *leftOut) takeHashes(ctx context.Context, tx bun.IDB) error {
	now, before := make(map[int]string), make(map[int]string)
	var indices, origins []int
	for _, row := range l.rows {
		indices, origins = append(indices, row.index), append(origins, row.N)
	}
	for _, of := range []struct {
		query *bun.SelectQuery
		into  map[int]string
	}{
		{tx.NewSelect().TableExpr("people.list_hashes").Where("blob = ?", l.run.Carried.Blob).Where("n = ANY (?)", pgdialect.Array(indices)), now},
		{tx.NewSelect().TableExpr("people.failed_rows").Where("password_hash IS NOT NULL").Where("n = ANY (?)", pgdialect.Array(origins)), before},
	} {
		var found []struct {
			N            int
			PasswordHash string
		}
		err := of.query.Column("n", "password_hash").Where("import_id = ?", l.run.ImportID).Scan(ctx, &found)
		if err != nil {
			return fmt.Errorf("hashes of rows that were left out: %w", err)
		}
		for _, one := range found {
			of.into[one.N] = one.PasswordHash
		}
	}
	for i := range l.rows {
		row := &l.rows[i]
		if row.PasswordHash == "" {
			row.PasswordHash = now[row.index]
		}
		if row.PasswordHash == "" && l.in.mended != nil {
			row.PasswordHash = before[row.N]
		}
	}
	return nil
}
