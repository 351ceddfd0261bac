package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/remap"
)

// remapOf makes the map of the rows just written, whose order it changes. Where
// a source id repeats, references go to the last record; origins are indexes, so
// the longer one, and of equally long ones the greater, is the later.
func remapOf(pairs []postgres.Pair) remap.Map {
	slices.SortFunc(pairs, func(a, b postgres.Pair) int {
		return cmp.Or(cmp.Compare(len(a.Origin), len(b.Origin)), cmp.Compare(a.Origin, b.Origin))
	})
	m := make(remap.Map, len(pairs))
	for _, p := range pairs {
		if p.SourceID != "" {
			m[p.SourceID] = p.ID
		}
	}
	return m
}

// madeOf lists the ids of the rows just written by their records' index. Those
// of records that have no place in their file are not in it.
func madeOf(pairs []postgres.Pair) []int64 {
	ids := make([]int64, len(pairs))
	for _, p := range pairs {
		index, err := strconv.Atoi(p.Origin)
		if err != nil {
			continue
		}
		if index >= len(ids) {
			ids = append(ids, make([]int64, index+1-len(ids))...)
		}
		ids[index] = p.ID
	}
	return ids
}

// loadRemaps reads what the stage's mappings look up of earlier stages.
func (r *Run) loadRemaps(ctx context.Context) error {
	for _, t := range r.stage.Needs {
		key, ok := r.Carried.Remaps[t]
		if !ok {
			continue
		}
		m, err := r.Remaps.Get(ctx, key)
		if errors.Is(err, remap.ErrMissing) {
			m, err = readRemap(ctx, r.DB, r.ImportID, t)
		}
		if err != nil {
			return err
		}
		r.remaps[t] = m
	}
	return nil
}

// keepRemaps writes the maps that this stage made. A redelivery after the
// commit made none in memory and reads them back from the rows.
func (r *Run) keepRemaps(ctx context.Context, keys map[contracts.EntityType]string) error {
	for _, e := range r.stage.Entities {
		key, ok := keys[e.Type]
		if !ok || !e.remapped {
			continue
		}
		m, ok := r.remaps[e.Type]
		if !ok {
			var err error
			if m, err = readRemap(ctx, r.DB, r.ImportID, e.Type); err != nil {
				return err
			}
		}
		if err := r.Remaps.Put(ctx, key, m); err != nil {
			return err
		}
	}
	return nil
}

// readRemap asks the view that the maker of a type owns.
func readRemap(ctx context.Context, db bun.IDB, importID string, t contracts.EntityType) (remap.Map, error) {
	var pairs []struct {
		SourceID string
		ID       int64
	}
	err := db.NewSelect().ColumnExpr("source_id, id").TableExpr("?.api_remap", bun.Ident(t.Maker())).
		Where("import_id = ? AND type = ?", importID, t).Scan(ctx, &pairs)
	if err != nil {
		return nil, fmt.Errorf("remap view of %s: %w", t, err)
	}
	m := make(remap.Map, len(pairs))
	for _, p := range pairs {
		m[p.SourceID] = p.ID
	}
	return m, nil
}
