package api

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// pairs reads where a relationship to many leads from some rows of one event:
// the ids of the others by the own id, in their order. At most so many are read
// as limit says; 0 is all.
func (a API) pairs(ctx context.Context, relationship toMany, rows []row, limit int) (map[int64][]int64, error) {
	others := make(map[int64][]int64)
	if len(rows) == 0 {
		return others, nil
	}
	var pairs []struct {
		Own   int64
		Other int64
	}
	// What is hidden at the other end is not named either.
	query := a.within(rows[0].scope, ofType(relationship.leads)).ColumnExpr("r.id AS other")
	if relationship.view == "" {
		query.ColumnExpr("? AS own", rows[0].id).OrderExpr("r.id")
	} else {
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.id
		}
		query.ColumnExpr("p.? AS own", bun.Ident(relationship.from)).
			Join("JOIN ? AS p ON p.? = r.id", bun.Ident(relationship.view), bun.Ident(relationship.to)).
			Where("p.? IN (?)", bun.Ident(relationship.from), bun.List(ids)).
			OrderExpr("p.?, p.?, r.id", bun.Ident(relationship.from), bun.Ident(relationship.order))
	}
	if limit > 0 {
		query.Limit(int64(limit))
	}
	if err := query.Scan(ctx, &pairs); err != nil {
		return nil, fmt.Errorf("%s: %w", relationship.name, err)
	}
	for _, p := range pairs {
		others[p.Own] = append(others[p.Own], p.Other)
	}
	return others, nil
}

// narrow narrows a query to where a relationship leads from one row. The pairs
// join it as p.
func (relationship toMany) narrow(query *bun.SelectQuery, own int64) *bun.SelectQuery {
	return query.Join("JOIN ? AS p ON p.? = r.id", bun.Ident(relationship.view), bun.Ident(relationship.to)).
		Where("p.? = ?", bun.Ident(relationship.from), own)
}
