package tasks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// failedRow is a row that was left out of a list, without its password.
type failedRow struct {
	N      int
	Cells  []string `bun:",array"`
	Issues string
}

// FailedRows sends the rows that were left out of a list as a table, to be mended and
// uploaded again: the columns of the list with the passwords left empty, what is wrong
// with each row, and the key by which the row is known again.
func (t Tasks) FailedRows(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	format, err := failedRowsFormat(r)
	if err != nil {
		return err
	}
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	titles, err := t.failedTitles(r.Context(), i)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", tableMedia[format])
	header.Set("Content-Disposition", `attachment; filename="failed-rows-`+i.ID+"."+string(format)+`"`)
	header.Set("Cache-Control", "private, no-store")
	header.Add("Vary", "Accept, Authorization, Cookie")
	out, err := table.NewWriter(w, format)
	if err != nil {
		return err
	}
	if out.Write(append(titles, contracts.IssueColumn, contracts.RowColumn)) != nil {
		return nil //nolint:nilerr // nobody is there any more to be told
	}
	for after := -1; ; {
		rows, err := t.failedRows(r.Context(), i, after)
		if err != nil {
			return err // this breaks the answer off
		}
		for _, row := range rows {
			cells := append(fitted(row.Cells, len(titles)), row.Issues, t.RowKeys.Key(i.ID, row.N))
			if out.Write(cells) != nil {
				return nil //nolint:nilerr // as above
			}
			after = row.N
		}
		if len(rows) < tablePage {
			_ = out.Close()
			return nil
		}
	}
}

// fitted has a cell for each column. What a row has beyond them would stand in the place
// of its key.
func fitted(cells []string, columns int) []string {
	return append(cells, make([]string, columns)...)[:columns:columns]
}

// failedTitles returns the titles of the list; a problem where no row was left out, or
// those that were are gone. They are told to be as soon as they would not be taken any more.
func (t Tasks) failedTitles(ctx context.Context, i projection.Import) ([]string, error) {
	var titles []string
	err := t.DB.NewRaw("SELECT titles FROM people.api_failed_titles WHERE import_id = ?", i.ID).Scan(ctx, pgdialect.Array(&titles))
	none := errors.Is(err, sql.ErrNoRows)
	switch {
	case err != nil && !none:
		return nil, fmt.Errorf("titles of rows left out of %s: %w", i.ID, err)
	case none && i.LeftOut() == 0:
		return nil, problem.New(http.StatusNotFound, "no_failed_rows", "No row of this import was left out, or it has ended more than a day ago.")
	case none, !i.KeepsUpload():
		return nil, problem.New(http.StatusGone, "rows_gone", "The rows that were left out are kept for a day; upload them as a list of their own.")
	}
	return titles, nil
}

// failedRows reads a page of them, those behind row n. No connection of the database is
// held while the page is sent.
func (t Tasks) failedRows(ctx context.Context, i projection.Import, n int) ([]failedRow, error) {
	var rows []failedRow
	err := t.DB.NewSelect().Model(&rows).ModelTableExpr("people.api_failed_rows AS failed_row").Column("n", "cells", "issues").
		Where("import_id = ? AND n > ?", i.ID, n).Order("n").Limit(tablePage).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("rows left out of %s: %w", i.ID, err)
	}
	return rows, nil
}

// CountFailedRows counts the rows that were left out of a list and are kept.
func (t Tasks) CountFailedRows(ctx context.Context, i projection.Import) (int, error) {
	n, err := t.DB.NewSelect().TableExpr("people.api_failed_rows").Where("import_id = ?", i.ID).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("rows left out of %s: %w", i.ID, err)
	}
	return int(n), nil
}

// tableMedia are the media types of tables.
var tableMedia = map[table.Format]string{
	table.CSV:  csvMedia + "; charset=utf-8; header=present",
	table.XLSX: workbookMedia,
}

const workbookMedia = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// failedRowsFormat tells how the rows are asked for: by the parameter format, or by
// what Accept names first; CSV where neither says.
func failedRowsFormat(r *http.Request) (table.Format, error) {
	switch format := table.Format(r.URL.Query().Get("format")); format {
	case table.CSV, table.XLSX:
		return format, nil
	case "":
	default:
		return "", problem.New(http.StatusBadRequest, "bad_format", "format is csv or xlsx.")
	}
	for one := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		switch media, params, err := mime.ParseMediaType(one); {
		case err != nil || params["q"] == "0":
		case media == workbookMedia:
			return table.XLSX, nil
		case media == csvMedia, media == "*/*":
			return table.CSV, nil
		}
	}
	return table.CSV, nil
}
