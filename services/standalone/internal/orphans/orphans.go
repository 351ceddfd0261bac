// Package orphans finds rows of imports that nobody knows. No foreign key leads from the
// schema of one service into that of another, so the database itself does not see to it.
package orphans

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// Orphan is an import that has rows and that the query service does not show.
type Orphan struct {
	Import string
	// Tables are those with rows of it, by schema and name.
	Tables []string
}

// Tables names every table of the stages that has rows of imports.
func Tables(ctx context.Context, db *bun.DB) ([]string, error) {
	var all []string
	err := db.NewRaw(`SELECT table_schema || '.' || table_name FROM information_schema.columns
		JOIN information_schema.tables USING (table_schema, table_name)
		WHERE column_name = 'import_id' AND table_type = 'BASE TABLE' AND table_schema IN (?) ORDER BY 1`,
		bun.List(contracts.Stages())).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("tables of the stages: %w", err)
	}
	return all, nil
}

// Find lists the orphans, by import. An import that has just begun, and is not shown yet,
// may be among them: whoever judges asks the broker for its request.
func Find(ctx context.Context, db *bun.DB) ([]Orphan, error) {
	tables, err := Tables(ctx, db)
	if err != nil {
		return nil, err
	}
	found := make(map[string][]string)
	for _, table := range tables {
		var imports []string
		// From each import to the next by the index, whatever the number of its rows.
		err := db.NewRaw(`WITH RECURSIVE imports AS (
				(SELECT import_id FROM ?0 WHERE import_id IS NOT NULL ORDER BY import_id LIMIT 1)
				UNION ALL
				SELECT (SELECT t.import_id FROM ?0 t WHERE t.import_id > i.import_id ORDER BY t.import_id LIMIT 1)
				FROM imports i WHERE i.import_id IS NOT NULL)
			SELECT import_id FROM imports o WHERE import_id IS NOT NULL
				AND NOT EXISTS (SELECT FROM query.imports q WHERE q.id = o.import_id)`, bun.Safe(table)).Scan(ctx, &imports)
		if err != nil {
			return nil, fmt.Errorf("orphans in %s: %w", table, err)
		}
		for _, id := range imports {
			found[id] = append(found[id], table)
		}
	}
	all := make([]Orphan, 0, len(found))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		all = append(all, Orphan{Import: id, Tables: found[id]})
	}
	return all, nil
}
