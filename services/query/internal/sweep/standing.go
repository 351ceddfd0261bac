package sweep

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
)

const (
	// settled is how long after its end an import is left alone altogether: what a
	// process has still in hand then ends before.
	settled = 10 * time.Minute
	day     = 24 * time.Hour
)

// standing is where an import stands.
type standing struct {
	ID         string
	Kind       contracts.Kind
	State      contracts.State
	FinishedAt *time.Time
}

// ended tells whether the import has ended so long before.
func (s standing) ended(before time.Time, age time.Duration) bool {
	return s.State.Final() && s.FinishedAt != nil && s.FinishedAt.Before(before.Add(-age))
}

// standings reads where the imports of some items stand; those that the projection
// does not know are not in the map.
func (r *round) standings(ctx context.Context, items []item) (map[string]standing, error) {
	var rows []standing
	err := r.db.NewSelect().Model((*projection.Import)(nil)).Column("id", "kind", "state", "finished_at").
		Where("id IN (?)", bun.List(importsOf(items))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	known := make(map[string]standing)
	for _, row := range rows {
		known[row.ID] = row
	}
	return known, nil
}
