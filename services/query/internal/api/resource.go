// Package api answers what is asked about events over HTTP, in the form of
// JSON:API. Each kind of resource is a declaration; one handler serves them all.
package api

import "strings"

// resource declares one kind of resource: where it is read from and what it shows.
type resource struct {
	// name is the type in documents, path the last part of the list's address.
	name, path string
	// view is the one of its owner's schema that this service may read.
	view       string
	attributes []attribute
	one        []toOne
	many       []toMany
}

// attribute is a column that is shown under its own name, in kebab-case.
type attribute struct {
	column string
	kind   kind
}

func (a attribute) name() string { return strings.ReplaceAll(a.column, "_", "-") }

// kind says how the value of a column is shown. NULL is null for all.
type kind int

const (
	// plain values are shown as they are: texts, numbers, truth values.
	plain kind = iota
	// instant is a time, shown in the zone of the event.
	instant
	// reference is an id, which is a string like all ids.
	reference
)

// of declares attributes of one kind.
func of(k kind, columns ...string) []attribute {
	all := make([]attribute, len(columns))
	for i, column := range columns {
		all[i] = attribute{column: column, kind: k}
	}
	return all
}

// toOne is a relationship whose other end stands in a column.
type toOne struct {
	// name is that of the relationship, and of the type that it leads to.
	name, column string
}

// toMany is a relationship through a view of pairs.
type toMany struct {
	// name is that of the relationship, leads the type at its other end.
	name, leads string
	view        string
	// from and to are the columns of the two ends, order is that of the list.
	from, to, order string
}
