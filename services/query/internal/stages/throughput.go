package stages

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// Throughput is what a stage has come to in the last hour, by the history.
type Throughput struct {
	Kind         contracts.Kind
	Stage        contracts.Stage
	Done, Failed int
}

// LastHour counts what the stages have done in the last hour. A stage that has done
// nothing is not among them.
func LastHour(ctx context.Context, db bun.IDB) ([]Throughput, error) {
	var all []Throughput
	err := db.NewRaw(`SELECT i.kind, h.stage, count(*) FILTER (WHERE h.what <> 'failed') AS done, count(*) FILTER (WHERE h.what = 'failed') AS failed
		FROM query.history AS h JOIN query.imports AS i ON i.id = h.import_id
		WHERE h.stored_at > now() - interval '1 hour' AND h.what <> 'requested' GROUP BY i.kind, h.stage`).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("what the stages have done: %w", err)
	}
	return all, nil
}
