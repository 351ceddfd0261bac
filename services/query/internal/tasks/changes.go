package tasks

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/services/query/internal/live"
)

// Changes reads what has changed of all imports, for the hub, which hides from each
// what is not theirs.
type Changes struct {
	DB     *bun.DB
	Broker *broker.Broker
}

// Position implements live.Source.
func (c Changes) Position(ctx context.Context) (at live.Position, err error) {
	err = c.DB.NewSelect().TableExpr("query.changes").Column("epoch").
		ColumnExpr("(SELECT coalesce(max(changed), 0) FROM query.imports)").Scan(ctx, &at.Epoch, &at.Number)
	if err != nil {
		return at, fmt.Errorf("position of the changes: %w", err)
	}
	return at, nil
}

// Since implements live.Source.
func (c Changes) Since(ctx context.Context, number int64, limit int) ([]live.Change, error) {
	return changes(ctx, c.DB.NewSelect().Where("changed > ?", number).Order("changed").Limit(int64(limit)))
}

// Task implements live.Source.
func (c Changes) Task(ctx context.Context, id string) (contracts.Task, error) {
	i, err := Tasks{DB: c.DB, Broker: c.Broker}.read(ctx, id)
	return i.Task(), err
}
