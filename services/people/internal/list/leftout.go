package list

import (
	"context"
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
	list *userlist.List
	n    int
	rows []failedRow
}

// failedRow is a row of people.failed_rows.
type failedRow struct {
	bun.BaseModel `bun:"table:people.failed_rows"`

	ImportID string   `bun:"import_id"`
	N        int      `bun:"n"`
	Line     int      `bun:"line"`
	Cells    []string `bun:"cells,array"`
	Issues   string   `bun:"issues"`
}

// maxLeftOut is how many of them are kept. Where there are more the list as a whole is
// to be mended.
const maxLeftOut = contracts.MaxIssuesKept

func (l *leftOut) add(row userlist.Row, issues []contracts.Issue) {
	l.n++
	if l.run.Options.Mode != contracts.Lenient || l.run.Envelope.Kind.Check() || len(l.rows) == maxLeftOut {
		return
	}
	cells := make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		cells[i] = strings.ToValidUTF8(strings.ReplaceAll(cell, "\x00", ""), "")
	}
	columns := l.list.Columns()
	// Where there are more or fewer cells than columns, the password may be as far away.
	off := max(len(cells)-len(columns), len(columns)-len(cells))
	for _, c := range columns {
		if c.Field == userlist.Password {
			for i := max(0, c.Position-1-off); i < min(len(cells), c.Position+off); i++ {
				cells[i] = ""
			}
		}
	}
	var told []string
	for _, i := range issues {
		if i.Severity == contracts.Error {
			told = append(told, strings.TrimSpace(i.Message+". "+i.Hint))
		}
	}
	l.rows = append(l.rows, failedRow{
		ImportID: l.run.ImportID, N: row.Index, Line: row.Line, Cells: cells, Issues: strings.Join(told, " "),
	})
}

// store stores them in the place of those of an earlier attempt.
func (l *leftOut) store(ctx context.Context, tx bun.IDB) error {
	for _, table := range []string{"failed_rows", "failed_titles"} {
		if _, err := tx.NewDelete().TableExpr("people.?", bun.Ident(table)).Where("import_id = ?", l.run.ImportID).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	if len(l.rows) == 0 {
		return nil
	}
	var titles []string
	for _, c := range l.list.Columns() {
		titles = append(titles, c.Title)
	}
	_, err := tx.NewRaw("INSERT INTO people.failed_titles (import_id, titles) VALUES (?, ?)", l.run.ImportID, pgdialect.Array(titles)).Exec(ctx)
	if err == nil {
		_, err = tx.NewInsert().Model(&l.rows).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("rows that were left out: %w", err)
	}
	return nil
}
