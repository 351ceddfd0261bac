// Package api answers what is asked about events over HTTP, in the form of
// JSON:API. Each kind of resource is a declaration; one handler serves them all.
package api

import (
	"slices"
	"strings"
)

// resource declares one kind of resource: where it is read from, what it shows
// and what may be asked of it.
type resource struct {
	// name is the type in documents, path the last part of the list's address.
	name, path string
	// view is the one of its owner's schema that this service may read; it is
	// called r in every query.
	view       string
	attributes []attribute
	one        []toOne
	many       []toMany
	// inner are columns that are read and never shown.
	inner []string
	// public is the condition of package visibility for the rows that everybody
	// may see of a published event; empty where that is all of them.
	public string
	// sorts are the columns that a list may be sorted by, besides the id.
	sorts   []string
	filters []filter
}

// attribute is a column that is shown under its own name, in kebab-case.
type attribute struct {
	column string
	kind   kind
	// private attributes are there only for who may see the whole event.
	private bool
	// file is set for the name of a file.
	file *file
}

func (a attribute) name() string { return kebab(a.column) }

func kebab(column string) string { return strings.ReplaceAll(column, "_", "-") }

// kind says how the value of a column is shown. NULL is null for all.
type kind int

const (
	// plain values are shown as they are: texts, numbers, truth values.
	plain kind = iota
	// instant is a time, shown in the zone of the event.
	instant
	// reference is an id, which is a string like all ids.
	reference
	// address names a file, shown as where that is.
	address
)

// of declares attributes of one kind.
func of(k kind, columns ...string) []attribute {
	all := make([]attribute, len(columns))
	for i, column := range columns {
		all[i] = attribute{column: column, kind: k}
	}
	return all
}

// private declares plain attributes for who may see the whole event.
func private(columns ...string) []attribute {
	all := of(plain, columns...)
	for i := range all {
		all[i].private = true
	}
	return all
}

// file says which file of the archive a column may name.
type file struct {
	// field is what the row of the file calls it, which for a smaller copy of a
	// picture is also the name of that size.
	field string
	// original is the column of the picture that this is a smaller copy of.
	original string
}

// named declares an attribute that names a file.
func named(column, field string) []attribute {
	return []attribute{{column: column, kind: address, file: &file{field: field}}}
}

// copies declares attributes that name smaller copies of the picture in another
// column. They are made by size, and named for it: "<size>_image_url".
func copies(original string, sizes ...string) []attribute {
	all := make([]attribute, len(sizes))
	for i, size := range sizes {
		all[i] = attribute{column: size + "_image_url", kind: address, file: &file{field: size, original: original}}
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
	// view is empty where all of that type in the event are meant.
	view string
	// from and to are the columns of the two ends, order is that of the list.
	from, to, order string
	// told relationships name their other ends without being asked to. Those
	// that may be long do so only where the others are included.
	told bool
}

// columns are those to read: of the attributes, of the relationships to one, and
// the inner ones.
func (res resource) columns() []string {
	columns := make([]string, 0, len(res.attributes)+len(res.one)+len(res.inner))
	for _, attribute := range res.attributes {
		columns = append(columns, attribute.column)
	}
	for _, relationship := range res.one {
		columns = append(columns, relationship.column)
	}
	return append(columns, res.inner...)
}

// attribute returns the one of a column.
func (res resource) attribute(column string) attribute {
	return res.attributes[slices.IndexFunc(res.attributes, func(a attribute) bool { return a.column == column })]
}

// ofType returns the declaration of a type that belongs to events.
func ofType(name string) resource {
	return lists[slices.IndexFunc(lists, func(res resource) bool { return res.name == name })]
}
