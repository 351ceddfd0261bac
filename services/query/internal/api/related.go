package api

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// relate adds a relationship to many to all the given resources, by one query.
func (a API) relate(ctx context.Context, relationship toMany, rows []row, shown []jsonapi.Resource) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	var pairs []struct {
		Own   int64
		Other int64
	}
	err := a.DB.NewSelect().TableExpr("? AS p", bun.Ident(relationship.view)).
		ColumnExpr("p.? AS own, p.? AS other", bun.Ident(relationship.from), bun.Ident(relationship.to)).
		Where("p.? IN (?)", bun.Ident(relationship.from), bun.List(ids)).
		OrderExpr("p.?, p.?", bun.Ident(relationship.order), bun.Ident(relationship.to)).
		Scan(ctx, &pairs)
	if err != nil {
		return fmt.Errorf("%s: %w", relationship.name, err)
	}
	others := make(map[int64][]jsonapi.Identifier)
	for _, p := range pairs {
		others[p.Own] = append(others[p.Own], jsonapi.Identifier{Type: relationship.leads, ID: strconv.FormatInt(p.Other, 10)})
	}
	for i, r := range rows {
		list := others[r.id]
		if list == nil {
			list = []jsonapi.Identifier{}
		}
		shown[i].Relationships[relationship.name] = jsonapi.Relationship{Data: list}
	}
	return nil
}
