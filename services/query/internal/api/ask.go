package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// ask is what a request wants of resources, and how: everything in it has been
// found in the declarations.
type ask struct {
	// include names relationships of the resource, each once.
	include []string
	// fields are the names of attributes and relationships to show, by type. A
	// type that is not in it shows all.
	fields  map[string][]string
	sort    []order
	narrows []narrow
}

// order is one column to sort by.
type order struct {
	column     string
	descending bool
}

// narrow is a filter with its values.
type narrow struct {
	condition string
	values    []any
}

// readAsk reads what a request wants of one or many resources of a kind. What it
// does not know is a problem that names what it does know. Whoever may not see
// the whole event gets to know nothing of what is hidden: it is unknown to them.
func readAsk(r *http.Request, res resource, many bool, who auth.Identity, whole bool) (ask, error) {
	var a ask
	q := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(q)) {
		family, key, _ := strings.Cut(name, "[")
		key, closed := strings.CutSuffix(key, "]")
		value := q.Get(name)
		var err error
		switch {
		case family != "include" && family != "sort" && family != "fields" && family != "filter":
			continue // pages, and what is none of ours
		case len(q[name]) > 1:
			err = bad(family, name+" is there twice.")
		case family == "include":
			err = a.readInclude(name, value, res, many)
		case family == "sort":
			err = a.readSort(name, value, res, many)
		case family == "fields":
			err = a.readFields(name, key, closed, value, whole)
		case family == "filter":
			err = a.readFilter(name, key, closed, value, res, many, who, whole)
		}
		if err != nil {
			return ask{}, err
		}
	}
	return a, nil
}

func (a *ask) readInclude(name, value string, res resource, many bool) error {
	known := res.includes(many)
	for _, one := range split(value) {
		if name != "include" || !slices.Contains(known, one) {
			return unknown("include", known)
		}
		if !slices.Contains(a.include, one) {
			a.include = append(a.include, one)
		}
	}
	return nil
}

// includes are the relationships whose resources may be included. A list of
// events has none: what belongs to one event is many already.
func (res resource) includes(many bool) []string {
	if many && res.name == events.name {
		return nil
	}
	return res.relationships()
}

func (res resource) relationships() []string {
	var names []string
	for _, relationship := range res.one {
		names = append(names, relationship.name)
	}
	for _, relationship := range res.many {
		names = append(names, relationship.name)
	}
	return names
}

func (a *ask) readSort(name, value string, res resource, many bool) error {
	var known []string
	columns := map[string]string{}
	if many {
		for _, column := range append([]string{"id"}, res.sorts...) {
			known = append(known, kebab(column))
			columns[kebab(column)] = column
		}
	}
	for _, one := range split(value) {
		attribute, descending := strings.CutPrefix(one, "-")
		column, ok := columns[attribute]
		if name != "sort" || !ok || slices.ContainsFunc(a.sort, func(o order) bool { return o.column == column }) {
			return unknown("sort", known)
		}
		a.sort = append(a.sort, order{column: column, descending: descending})
	}
	return nil
}

func (a *ask) readFields(name, key string, closed bool, value string, whole bool) error {
	var types []string
	for _, res := range append([]resource{events}, lists...) {
		types = append(types, res.name)
		if !closed || res.name != key {
			continue
		}
		known := res.relationships()
		for _, attribute := range res.attributes {
			if whole || !attribute.private {
				known = append(known, attribute.name())
			}
		}
		chosen := []string{}
		for _, one := range split(value) {
			if !slices.Contains(known, one) {
				return unknown(name, known)
			}
			chosen = append(chosen, one)
		}
		if a.fields == nil {
			a.fields = make(map[string][]string)
		}
		a.fields[key] = chosen
		return nil
	}
	return bad("fields", "fields[…] knows the types "+strings.Join(types, ", ")+".")
}

func (a *ask) readFilter(name, key string, closed bool, value string, res resource, many bool, who auth.Identity, whole bool) error {
	var known []string
	for _, f := range res.filters {
		if !many || f.private && !whole {
			continue
		}
		known = append(known, f.name)
		if !closed || f.name != key {
			continue
		}
		values, err := f.read(value, who)
		if err != nil {
			return bad("filter", name+" "+err.Error()+".")
		}
		a.narrows = append(a.narrows, narrow{f.condition, values})
		return nil
	}
	if len(known) == 0 {
		return bad("filter", "There is nothing to filter by here.")
	}
	return bad("filter", "filter[…] knows "+strings.Join(known, ", ")+".")
}

// unknown is the problem of a name that is none of those that a parameter knows.
func unknown(parameter string, known []string) error {
	family, _, _ := strings.Cut(parameter, "[")
	if len(known) == 0 {
		return bad(family, "There is nothing to "+family+" here.")
	}
	return bad(family, parameter+" knows "+strings.Join(known, ", ")+", each once.")
}

func bad(family, detail string) error {
	return problem.New(http.StatusBadRequest, "bad_"+family, detail)
}

// split reads a list of names; an empty one has none.
func split(value string) []string {
	if value == "" {
		return nil
	}
	return strings.Split(value, ",")
}

// shows tells whether an attribute or relationship of a type is wanted.
func (a ask) shows(res resource, name string) bool {
	fields, chosen := a.fields[res.name]
	return !chosen || slices.Contains(fields, name)
}

// narrow adds the filters to a query.
func (a ask) narrow(query *bun.SelectQuery) *bun.SelectQuery {
	for _, n := range a.narrows {
		query.Where(n.condition, n.values...)
	}
	return query
}

// arrange adds the order to a query. What is not known comes last. Rows that are
// alike otherwise come in the order of a column of the pairs p, if one is given,
// and then in that of the archive.
func (a ask) arrange(query *bun.SelectQuery, pairs string) *bun.SelectQuery {
	for _, o := range a.sort {
		if o.descending {
			query.OrderExpr("r.? DESC NULLS LAST", bun.Ident(o.column))
		} else {
			query.OrderExpr("r.? NULLS LAST", bun.Ident(o.column))
		}
	}
	if pairs != "" {
		query.OrderExpr("p.?", bun.Ident(pairs))
	}
	return query.OrderExpr("r.id")
}
