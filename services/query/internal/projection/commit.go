package projection

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
)

// Bounds for the transaction of a batch, which takes milliseconds.
const (
	lockTimeout = 10 * time.Second
	idleTimeout = 30 * time.Second
)

// commit folds a batch in one transaction: the rows and how far the streams are
// folded change together or not at all. Where the checkpoint is not where this
// projector left it, nothing changes and the error is errOvertaken.
func (p *Projector) commit(ctx context.Context, batch []received) error {
	ends := make(map[*source]uint64)
	for _, r := range batch {
		ends[r.source] = max(ends[r.source], r.sequence)
	}
	began := time.Now()
	var changed, ended []Import
	opts := postgres.TxOptions{LockTimeout: lockTimeout, IdleTimeout: idleTimeout}
	err := postgres.InTx(ctx, p.db, opts, func(ctx context.Context, tx *postgres.Tx) error {
		// First of all, so that a twin waits here and then sees that it is one.
		for _, s := range slices.SortedFunc(maps.Keys(ends), byStream) {
			if err := move(ctx, tx.Tx, s, ends[s]); err != nil {
				return err
			}
		}
		if err := inOrder(ctx, tx.Tx); err != nil {
			return err
		}
		if err := chronicle(ctx, tx.Tx, batch); err != nil {
			return err
		}
		var err error
		changed, ended, err = fold(ctx, tx.Tx, batch)
		return err
	})
	if err != nil {
		return fmt.Errorf("fold: %w", err)
	}
	for s, end := range ends {
		s.position = end
	}
	p.observers.observe(ctx, p.broker.Names().ImportsStream(), batch, ended, began)
	// Only now: whoever hears of a document and asks for it must find it.
	p.tell(ctx, changed)
	return nil
}

// byStream is the order in which checkpoints are locked.
func byStream(a, b *source) int {
	if a.stream < b.stream {
		return -1
	}
	return 1
}

func move(ctx context.Context, tx bun.Tx, s *source, to uint64) error {
	res, err := tx.NewUpdate().Model((*checkpoint)(nil)).Set("sequence = ?", to).
		Where("stream = ? AND sequence = ? AND created_at = ?", s.stream, s.position, s.created).Exec(ctx)
	if err != nil {
		return fmt.Errorf("checkpoint of %s: %w", s.stream, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("checkpoint of %s: %w", s.stream, err)
	}
	if n != 1 {
		return fmt.Errorf("%s: %w", s.stream, errOvertaken)
	}
	return nil
}

// inOrder has this transaction give its imports the numbers of their changes alone,
// until it is committed: so a number that can be seen has none below it that is still
// to come. Checkpoints do not see to it, for two projectors may be at two streams.
func inOrder(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.ExecContext(ctx, "SELECT FROM query.changes FOR UPDATE"); err != nil {
		return fmt.Errorf("order of the changes: %w", err)
	}
	return nil
}

// fold folds a batch and returns the imports that have changed, and those as they were
// when they ended.
func fold(ctx context.Context, tx bun.Tx, batch []received) (_, ended []Import, err error) {
	imports, err := load(ctx, tx, batch)
	if err != nil {
		return nil, nil, err
	}
	changed := make(map[string]Import)
	for _, r := range batch {
		if r.payload == nil {
			continue
		}
		id := r.envelope.Import
		next, news := Fold(imports[id], r.envelope, r.payload, r.stored)
		if news {
			if next.State.Final() && !imports[id].State.Final() {
				ended = append(ended, next)
			}
			imports[id], changed[id] = next, next
		}
	}
	if len(changed) == 0 {
		return nil, nil, nil
	}
	rows := slices.Collect(maps.Values(changed))
	if _, err := tx.NewInsert().Model(&rows).Value("changed", "DEFAULT").On("CONFLICT (id) DO UPDATE").Exec(ctx); err != nil {
		return nil, nil, fmt.Errorf("imports: %w", err)
	}
	return rows, ended, nil
}

// load reads what is known of the imports that a batch is about.
func load(ctx context.Context, tx bun.Tx, batch []received) (map[string]Import, error) {
	imports := make(map[string]Import)
	var ids []string
	for _, r := range batch {
		if r.payload != nil {
			ids = append(ids, r.envelope.Import)
		}
	}
	if len(ids) == 0 {
		return imports, nil
	}
	slices.Sort(ids)
	var rows []Import
	if err := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(slices.Compact(ids))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	for _, row := range rows {
		imports[row.ID] = row
	}
	return imports, nil
}
