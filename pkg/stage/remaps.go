package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/remap"
)

// byOrigin is the key of a row in a remap that its source id does not lead to:
// one without, or one whose id a later record has, too. No source id has a NUL.
func byOrigin(origin string) string { return "\x00" + origin }

// remembering returns the function that takes note of the ids of an entity's
// rows, nil where nobody will ask for them. Where a source id repeats, references
// go to the last record: Upsert tells of those one after the other, of it last.
func (r *Run) remembering(e Entity) func(postgres.Pair) {
	if !e.remapped {
		return nil
	}
	m := make(remap.Map)
	r.remaps[e.Type], r.made[e.Type] = m, nil
	var before postgres.Pair
	return func(p postgres.Pair) {
		switch p.SourceID {
		case "":
			m[byOrigin(p.Origin)] = p.ID
		case before.SourceID:
			m[byOrigin(before.Origin)] = before.ID
			m[p.SourceID] = p.ID
		default:
			m[p.SourceID] = p.ID
		}
		before = p
		index, err := strconv.Atoi(p.Origin)
		if err != nil {
			return // a record that has no place in its file
		}
		made := r.made[e.Type]
		if index >= len(made) {
			made = append(made, make([]int64, index+1-len(made))...)
		}
		made[index] = p.ID
		r.made[e.Type] = made
	}
}

// loadRemaps reads, side by side, what the stage's mappings look up of earlier stages.
func (r *Run) loadRemaps(ctx context.Context) error {
	if !slices.ContainsFunc(r.stage.Entities, func(e Entity) bool { return !r.hasNone(e) }) {
		return nil // there will be no mapping
	}
	maps := make([]remap.Map, len(r.stage.Needs))
	group, ctx := errgroup.WithContext(ctx)
	for n, t := range r.stage.Needs {
		key, ok := r.Carried.Remaps[t]
		if !ok {
			continue
		}
		group.Go(func() error {
			return part(ctx, "read remap", func(ctx context.Context) (err error) {
				if maps[n], err = r.Remaps.Get(ctx, key); errors.Is(err, remap.ErrMissing) {
					maps[n], err = readRemap(ctx, r.DB, r.ImportID, t)
				}
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for n, t := range r.stage.Needs {
		if maps[n] != nil {
			r.remaps[t] = maps[n]
		}
	}
	return nil
}

// keepRemaps writes the maps that this stage made, side by side. A redelivery after the
// commit made none in memory and reads them back from the rows.
func (r *Run) keepRemaps(ctx context.Context, keys map[contracts.EntityType]string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, e := range r.stage.Entities {
		key, ok := keys[e.Type]
		if !ok || !e.remapped {
			continue
		}
		m, made := r.remaps[e.Type]
		group.Go(func() (err error) {
			if !made {
				if m, err = readRemap(ctx, r.DB, r.ImportID, e.Type); err != nil {
					return err
				}
			}
			return part(ctx, "keep remap", func(ctx context.Context) error { return r.Remaps.Put(ctx, key, m) })
		})
	}
	return group.Wait()
}

// readRemap asks the views that the maker of a type owns.
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
	var others []struct {
		Origin string
		ID     int64
	}
	err = db.NewSelect().ColumnExpr("origin, id").TableExpr("?.api_by_origin", bun.Ident(t.Maker())).
		Where("import_id = ? AND type = ?", importID, t).Scan(ctx, &others)
	if err != nil {
		return nil, fmt.Errorf("origins of %s: %w", t, err)
	}
	for _, o := range others {
		m[byOrigin(o.Origin)] = o.ID
	}
	return m, nil
}
