package rowbyrow

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// run is one import on its way.
type run struct {
	*Importer
	id      string
	archive *openevent.Archive
	// ids leads from source ids to the ids of rows.
	ids   map[contracts.EntityType]map[string]int64
	media []reference
}

// reference is a record's naming of a file.
type reference struct {
	openevent.MediaRef
	of     contracts.EntityType
	origin string
	owner  int64
}

// record is what every row of a record has.
type record struct{ origin, sourceID string }

// row is the columns of a row and their values, in the same order.
type row struct {
	columns []string
	values  []any
	// speakers are those of a session, which are stored with it.
	speakers []int64
}

// set adds a column, whose empty text is NULL.
func (r *row) set(column string, value any) {
	if text, ok := value.(string); ok && text == "" {
		return
	}
	r.columns = append(r.columns, column)
	r.values = append(r.values, value)
}

// rowOf begins the row of a record.
func (r *run) rowOf(rec record) *row {
	row := &row{}
	row.set("import_id", r.id)
	row.set("attempt", 1)
	row.set("origin", rec.origin)
	row.set("source_id", rec.sourceID)
	return row
}

// store commits one row together with the status that tells of it.
func (r *run) store(ctx context.Context, table, status string, row *row) (id int64, err error) {
	places := make([]string, len(row.columns))
	for n := range places {
		places[n] = fmt.Sprintf("$%d", n+1)
	}
	insert := fmt.Sprintf(`INSERT INTO rowbyrow.%s (%s) VALUES (%s) RETURNING id`, table, strings.Join(row.columns, ", "), strings.Join(places, ", "))
	err = pgx.BeginFunc(ctx, r.db, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, insert, row.values...).Scan(&id); err != nil {
			return err
		}
		for n, speaker := range row.speakers {
			_, err := tx.Exec(ctx, `INSERT INTO rowbyrow.session_speakers (import_id, attempt, origin, session_id, speaker_id, position)
				VALUES ($1, 1, $2, $3, $4, $5)`, r.id, fmt.Sprintf("%d/%d", id, n), id, speaker, n)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE rowbyrow.status SET state = $2 WHERE import_id = $1`, r.id, status)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", status, err)
	}
	return id, nil
}

// each stores the records of a file, one by one.
func each[T any](ctx context.Context, r *run, f openevent.File[T], table string, fill func(*row, T)) error {
	r.ids[f.Type] = make(map[string]int64)
	for rec, err := range openevent.Records(r.archive, f, nil) {
		if err != nil {
			return err
		}
		row := r.rowOf(record{rec.Origin(), rec.ID})
		fill(row, rec.Value)
		id, err := r.store(ctx, table, fmt.Sprintf("Importing %s (%d)", f.Type, rec.Index+1), row)
		if err != nil {
			return err
		}
		r.ids[f.Type][rec.ID] = id
		if with, ok := any(rec.Value).(interface{ Media() []openevent.MediaRef }); ok {
			for _, ref := range with.Media() {
				if !openevent.IsURL(ref.Value) {
					r.media = append(r.media, reference{MediaRef: ref, of: f.Type, origin: rec.Origin(), owner: id})
				}
			}
		}
	}
	return nil
}
