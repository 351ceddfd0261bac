package api

import (
	"context"
	"fmt"
	"strconv"
	"time"
	_ "time/tzdata" // the zones of events, also where the system has none

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// row is one row of a resource's view.
type row struct {
	id     int64
	values []any // of the attributes, then of the relationships to one
}

// choose begins a query of all rows of a resource; the view is called r in it.
func (a API) choose(res resource) *bun.SelectQuery {
	return a.DB.NewSelect().TableExpr("? AS r", bun.Ident(res.view))
}

// fetch reads what a query chooses.
func (res resource) fetch(ctx context.Context, query *bun.SelectQuery) ([]row, error) {
	query = query.ColumnExpr("r.id")
	for _, column := range res.columns() {
		query = query.ColumnExpr("r.?", bun.Ident(column))
	}
	found, err := query.Rows(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", res.path, err)
	}
	defer found.Close()
	var rows []row
	for found.Next() {
		r := row{values: make([]any, len(res.columns()))}
		into := []any{&r.id}
		for i := range r.values {
			into = append(into, &r.values[i])
		}
		if err := found.Scan(into...); err != nil {
			return nil, fmt.Errorf("%s: %w", res.path, err)
		}
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", res.path, err)
	}
	return rows, nil
}

func (res resource) columns() []string {
	columns := make([]string, 0, len(res.attributes)+len(res.one))
	for _, attribute := range res.attributes {
		columns = append(columns, attribute.column)
	}
	for _, relationship := range res.one {
		columns = append(columns, relationship.column)
	}
	return columns
}

// show makes the resource of a row, but for its relationships to many.
func (res resource) show(r row, zone *time.Location) jsonapi.Resource {
	shown := jsonapi.Resource{Type: res.name, ID: strconv.FormatInt(r.id, 10)}
	attributes := make(map[string]any, len(res.attributes))
	for i, attribute := range res.attributes {
		attributes[attribute.name()] = attribute.kind.show(r.values[i], zone)
	}
	shown.Attributes = attributes
	if len(res.one)+len(res.many) > 0 {
		shown.Relationships = make(map[string]jsonapi.Relationship)
	}
	for i, relationship := range res.one {
		var other *jsonapi.Identifier
		if id, ok := r.values[len(res.attributes)+i].(int64); ok {
			other = &jsonapi.Identifier{Type: relationship.name, ID: strconv.FormatInt(id, 10)}
		}
		shown.Relationships[relationship.name] = jsonapi.Relationship{Data: other}
	}
	return shown
}

func (k kind) show(value any, zone *time.Location) any {
	switch v := value.(type) {
	case time.Time:
		// In the zone of the event: it takes place there, and whoever shows its
		// times needs no table of zones to say what a clock on the wall says.
		return v.In(zone).Format(time.RFC3339Nano)
	case int64:
		if k == reference {
			return strconv.FormatInt(v, 10)
		}
	}
	return value
}

// zoneOf returns the zone of that name, UTC where there is none such.
func zoneOf(name any) *time.Location {
	s, _ := name.(string)
	if zone, err := time.LoadLocation(s); err == nil && s != "Local" {
		return zone
	}
	return time.UTC
}

// value returns what a row has in a column.
func (res resource) value(r row, column string) any {
	for i, attribute := range res.attributes {
		if attribute.column == column {
			return r.values[i]
		}
	}
	return nil
}
