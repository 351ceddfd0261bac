package export

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/query/internal/visibility"
)

// The codes with which an export fails for good.
const (
	// codeGone: the event was deleted, or its import taken back.
	codeGone = "event_gone"
	// codeChanging: the event's import is being done again.
	codeChanging = "event_changing"
)

// errGone ends an export for good.
var errGone = stage.Permanent(codeGone, "The event is not there any more.")

// everyone sees every event: whose it is was looked at when its export was asked for.
var everyone = auth.Identity{Admin: true}

// snapshot reads all that belongs to an event as it is at one moment.
type snapshot struct {
	db *bun.DB
	tx *postgres.Tx
	// imported is the id of the import that has made the event.
	imported string
}

// look reads the event itself, which is when the snapshot is taken. The stages remove
// what they have made of an import, or make it anew, only behind a command that stands
// with the broker. So where its last one, looked at after that moment, is none of these,
// nobody had begun to.
func (s *snapshot) look(ctx context.Context, b *broker.Broker) (*eventRow, error) {
	event := new(eventRow)
	query := withFiles(s.tx.NewSelect().Model(event).ColumnExpr("?TableColumns"), contracts.Events).
		ColumnExpr("i.attempt AS made_in").Where("r.import_id = ?", s.imported)
	err := visibility.Events(query, everyone).Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("event: %w", err)
	}
	return event, stands(ctx, b, s.imported, event)
}

// stands is why an event that was read is not the whole and only one, by the last command
// of its import.
func stands(ctx context.Context, b *broker.Broker, imported string, event *eventRow) error {
	last, err := b.Last(ctx, b.Names().ImportsStream(), b.Names().Control(contracts.EventArchive, imported))
	switch {
	case errors.Is(err, broker.ErrNotFound) && event.ID != 0:
		return nil // the import ended so long ago that the stream has forgotten it
	case errors.Is(err, broker.ErrNotFound):
		return errGone
	}
	var env contracts.Envelope
	var command contracts.Payload
	if err == nil {
		env, command, err = contracts.Decode(last.Data)
	}
	if err != nil {
		return fmt.Errorf("last command of the event's import: %w", err)
	}
	if _, taken := contracts.TakenBack(command); taken {
		return errGone
	}
	switch m := command.(type) {
	case *contracts.ReplayRequested:
		return stage.Permanent(codeChanging, "The event is just being imported anew; export it again when that has ended.")
	case *contracts.ImportFinished:
		if m.State != contracts.Success { // it was made anew, in vain, and is not shown
			return errGone
		}
	}
	if env.Attempt != event.MadeIn { // which is 0 where none was read
		return errors.New("the projection is behind the event's import")
	}
	return nil
}

// of begins a query of what of a kind belongs to the event.
func (s *snapshot) of(model any) *bun.SelectQuery {
	return s.tx.NewSelect().Model(model).ColumnExpr("?TableColumns").Where("r.import_id = ?", s.imported)
}

// count says how many rows of a kind there are.
func (s *snapshot) count(ctx context.Context, model any) (int, error) {
	n, err := s.tx.NewSelect().Model(model).Where("r.import_id = ?", s.imported).Count(ctx)
	return int(n), err
}

// rows gives what a query chooses, row by row as the database sends it: however many
// there are, one is in memory.
func rows[Row any](ctx context.Context, s *snapshot, query *bun.SelectQuery) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		found, err := query.Rows(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer found.Close()
		for found.Next() {
			row := new(Row)
			if err := s.db.ScanRow(ctx, found, row); err != nil {
				yield(nil, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := found.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// lacking are the paths of files that are missing.
func (s *snapshot) lacking(ctx context.Context) (*openevent.Paths, error) {
	query := s.tx.NewSelect().TableExpr("media.api_media AS f").Column("f.path").Where("f.import_id = ? AND f.state = ?", s.imported, missing)
	paths := new(openevent.Paths)
	for f, err := range rows[struct{ Path string }](ctx, s, query) {
		if err != nil {
			return nil, fmt.Errorf("files that are missing: %w", err)
		}
		paths.Add(f.Path)
	}
	return paths, nil
}
