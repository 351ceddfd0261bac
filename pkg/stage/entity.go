package stage

import (
	"iter"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// Entity is one step of a stage's transaction: the records of one file of the
// archive, the table that they become rows of, and the mapping between them.
type Entity struct {
	Type contracts.EntityType
	// model is a nil pointer to the row type, which names the table.
	model any
	// remapped tells that other records refer to these by their source id.
	remapped bool
	// rows maps the records of an archive, one by one as they are asked for.
	rows func(*openevent.Archive, *Scope) iter.Seq2[any, error]
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
		rows: func(a *openevent.Archive, sc *Scope) iter.Seq2[any, error] {
			return func(yield func(any, error) bool) {
				for rec, err := range openevent.Records(a, f, sc.reportUnforeseen) {
					if err != nil {
						yield(nil, err)
						return
					}
					for _, row := range mapping(sc, rec) {
						if !yield(row, nil) {
							return
						}
					}
				}
			}
		},
	}
}

// Join makes one entity of several that become rows of the same table, so that
// all of them are written at once.
func Join(first Entity, more ...Entity) Entity {
	joined := first
	joined.rows = func(a *openevent.Archive, sc *Scope) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			for _, e := range append([]Entity{first}, more...) {
				for row, err := range e.rows(a, sc) {
					if !yield(row, err) {
						return
					}
				}
			}
		}
	}
	return joined
}
