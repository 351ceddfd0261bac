package stage

import (
	"context"
	"iter"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/postgres"
)

// Entity is one step of a stage's transaction: the records of one file of the
// archive, the table that they become rows of, and the mapping between them; or
// rows that are made of something else.
type Entity struct {
	Type contracts.EntityType
	// model is a nil pointer to the row type, which names the table.
	model any
	// remapped tells that other records refer to these by their source id.
	remapped bool
	// rows makes the rows of a run, one by one as they are asked for.
	rows func(context.Context, *Run) iter.Seq2[any, error]
	// keeps takes of a record of another entity what the rows are made of, false where it
	// is none of theirs. Nil where they are of no other's records.
	keeps func(of contracts.EntityType, rec any) (any, bool)
	// write writes them otherwise, and says how many there are.
	write func(context.Context, *postgres.Tx, *Run) (int, error)
}

// Rows declares that each record of a file becomes one row, to which other
// records may refer by the record's id.
func Rows[Record, Row any](f openevent.File[Record], mapping func(*Scope, openevent.Record[Record]) *Row) Entity {
	e := Lists(f.Type, f, func(sc *Scope, rec openevent.Record[Record]) []*Row {
		return []*Row{mapping(sc, rec)}
	})
	e.remapped = true
	return e
}

// Lists declares that each record of a file becomes any number of rows of type
// t, to which nothing refers.
func Lists[Record, Row any](t contracts.EntityType, f openevent.File[Record], mapping func(*Scope, openevent.Record[Record]) []*Row) Entity {
	return Entity{
		Type:  t,
		model: (*Row)(nil),
		rows: func(ctx context.Context, run *Run) iter.Seq2[any, error] {
			return func(yield func(any, error) bool) {
				archive, err := run.OpenArchive(ctx)
				if err != nil {
					yield(nil, err)
					return
				}
				for rec, err := range openevent.Records(archive, f, run.reportUnforeseen) {
					if err != nil {
						yield(nil, err)
						return
					}
					run.keep(f.Type, rec)
					for _, row := range mapping(&run.Scope, rec) {
						if !yield(row, nil) {
							return
						}
					}
				}
			}
		},
	}
}

// Again declares what Lists does for the file of the entity before it, of whose records
// the mapping looks only at what extract takes of them. So much of a short file is kept in
// memory while it is read for that entity, so that it is not read twice.
func Again[Record, Row any](t contracts.EntityType, f openevent.File[Record], extract func(Record) Record, mapping func(*Scope, openevent.Record[Record]) []*Row) Entity {
	e := Lists(t, f, mapping)
	read := e.rows
	e.keeps = func(of contracts.EntityType, rec any) (any, bool) {
		if of != f.Type {
			return nil, false
		}
		return rec.(openevent.Record[Record]).Extract(extract), true
	}
	e.rows = func(ctx context.Context, run *Run) iter.Seq2[any, error] {
		kept, all := run.kept.take(t)
		if !all {
			return read(ctx, run)
		}
		return func(yield func(any, error) bool) {
			for _, rec := range kept {
				for _, row := range mapping(&run.Scope, rec.(openevent.Record[Record])) {
					if !yield(row, nil) {
						return
					}
				}
			}
		}
	}
	return e
}

// Written declares rows of type t that a stage writes itself, by statements about all
// of them, in the transaction of the others. The rows have the columns of a Key. Writing
// them again must come to the same; those of an earlier attempt that are not written
// again are deleted.
func Written[Row any](t contracts.EntityType, write func(context.Context, *postgres.Tx, *Run) (int, error)) Entity {
	return Entity{Type: t, model: (*Row)(nil), write: write}
}

// Join makes one entity of several that become rows of the same table, so that
// all of them are written at once.
func Join(first Entity, more ...Entity) Entity {
	joined := first
	joined.rows = func(ctx context.Context, run *Run) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			for _, e := range append([]Entity{first}, more...) {
				for row, err := range e.rows(ctx, run) {
					if !yield(row, err) {
						return
					}
				}
			}
		}
	}
	return joined
}
