package api

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// row is one row of a resource's view.
type row struct {
	id     int64
	values []any // of the resource's columns
	scope  scope
}

// fetch reads what a query chooses, and asks of each row which event it is of.
func (res resource) fetch(ctx context.Context, query *bun.SelectQuery, scopeOf func(row) scope) ([]row, error) {
	columns := res.columns()
	query = query.ColumnExpr("r.id")
	for _, column := range columns {
		query = query.ColumnExpr("r.?", bun.Ident(column))
	}
	found, err := query.Rows(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", res.path, err)
	}
	defer found.Close()
	var rows []row
	for found.Next() {
		r := row{values: make([]any, len(columns))}
		into := []any{&r.id}
		for i := range r.values {
			into = append(into, &r.values[i])
		}
		if err := found.Scan(into...); err != nil {
			return nil, fmt.Errorf("%s: %w", res.path, err)
		}
		r.scope = scopeOf(r)
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", res.path, err)
	}
	return rows, nil
}

// first reads the first row of a query; that there is none is the problem 404.
func (res resource) first(ctx context.Context, query *bun.SelectQuery, scopeOf func(row) scope) (row, error) {
	rows, err := res.fetch(ctx, query.Limit(1), scopeOf)
	if err != nil {
		return row{}, err
	}
	if len(rows) == 0 {
		return row{}, jsonapi.NotFound()
	}
	return rows[0], nil
}

// value returns what a row has in a column.
func (res resource) value(r row, column string) any {
	for i, attribute := range res.attributes {
		if attribute.column == column {
			return r.values[i]
		}
	}
	at := len(res.attributes)
	for i, relationship := range res.one {
		if relationship.column == column {
			return r.values[at+i]
		}
	}
	at += len(res.one)
	for i, inner := range res.inner {
		if inner == column {
			return r.values[at+i]
		}
	}
	return nil
}

// text is value for a text; NULL is the empty one.
func (res resource) text(r row, column string) string {
	s, _ := res.value(r, column).(string)
	return s
}
